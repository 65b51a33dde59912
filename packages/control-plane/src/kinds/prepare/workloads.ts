import { deepEqual, type KubeObject } from "@capstan/kube";
import { type Members, membersAt } from "../members.js";

const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

function withAnnotation(object: KubeObject, name: string, value: string): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [name]: value } },
  };
}

export function prepareDaemonSet(object: KubeObject): KubeObject {
  return withAnnotation(object, TEMPLATE_GENERATION, "1");
}

/** Counts the changes of the template. */
export function prepareDaemonSetUpdate(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
): KubeObject {
  const before = previous.metadata.annotations?.[TEMPLATE_GENERATION];
  if (before === undefined || subresource !== undefined) return next;
  const template = (object: KubeObject) => (object["spec"] as Members | undefined)?.["template"];
  const changed = !deepEqual(template(next), template(previous));
  return withAnnotation(next, TEMPLATE_GENERATION, changed ? String(Number(before) + 1) : before);
}

/** Writes of a Deployment's status leave its labels alone. */
export function prepareDeploymentUpdate(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
): KubeObject {
  if (subresource !== "status") return next;
  const { labels: _given, ...metadata } = next.metadata;
  const { labels } = previous.metadata;
  return { ...next, metadata: labels === undefined ? metadata : { ...metadata, labels } };
}

/** A Deployment's generation also counts changes of its annotations. */
export function deploymentBumps(next: KubeObject, previous: KubeObject): boolean {
  return (
    !deepEqual(next["spec"], previous["spec"]) ||
    !deepEqual(next.metadata.annotations ?? {}, previous.metadata.annotations ?? {})
  );
}

/** An EndpointSlice's generation also counts changes of its labels. */
export function endpointSliceBumps(next: KubeObject, previous: KubeObject): boolean {
  const bare = ({ metadata: _metadata, ...rest }: KubeObject) => rest;
  return (
    !deepEqual(bare(next), bare(previous)) ||
    !deepEqual(next.metadata.labels ?? {}, previous.metadata.labels ?? {})
  );
}

/** Gives a job the labels and the selector by which it knows its pods, unless it brings its own. */
export function prepareJob(job: KubeObject): KubeObject {
  const spec = membersAt(job as Members, "spec") ?? {};
  const uid = job.metadata.uid;
  if (spec["manualSelector"] === true || uid === undefined) return job;
  const template = membersAt(spec, "template") ?? {};
  const metadata = membersAt(template, "metadata") ?? {};
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": job.metadata.name,
    "controller-uid": uid,
    "job-name": job.metadata.name,
    ...membersAt(metadata, "labels"),
  };
  const selector = membersAt(spec, "selector");
  const matchLabels = {
    ...membersAt(selector, "matchLabels"),
    "batch.kubernetes.io/controller-uid": uid,
  };
  const own = job.metadata.labels;
  // A job that took its labels from its template shares them with it, the new ones included.
  const shared = own === undefined || own === metadata["labels"];
  return {
    ...job,
    metadata: (shared ? { ...job.metadata, labels } : job.metadata) as KubeObject["metadata"],
    spec: {
      ...spec,
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  };
}
