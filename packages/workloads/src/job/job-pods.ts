import type { Random } from "@capstan/kube";
import { getCondition, parseTime } from "@capstan/kube";
import type { Job } from "../model/job.js";
import type { Pod, PodTemplate } from "../model/pod.js";
import { podFromTemplate } from "../shared/pod-factory.js";
import { createdAt } from "../shared/pod-state.js";

export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
const INDEX = "batch.kubernetes.io/job-completion-index";
const INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";

/** One pod that a Job wants. */
export interface WantedPod {
  /** Of an indexed Job. */
  readonly index?: number;
  /** How often the index failed, where that is limited. */
  readonly failures?: number;
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === "Indexed";
}

export function parallelismOf(job: Job): number {
  return job.spec.parallelism ?? 1;
}

/** The index of a pod of an indexed Job. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX] ?? pod.metadata.labels?.[INDEX];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** How often the pod's index had failed when the pod was made. */
export function indexFailures(pod: Pod): number {
  return Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? "0") || 0;
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING_FINALIZER) === true;
}

/** When a failed pod ended, as well as that can be told. */
export function finishedAt(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) => state.terminated?.finishedAt);
  if (ends.length > 0 && ends.every((end) => end !== undefined))
    return Math.max(...ends.map((end) => parseTime(end)));
  const ready = getCondition(pod.status?.conditions, "Ready");
  if (ready?.status === "False" && typeof ready.lastTransitionTime === "string")
    return parseTime(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  if (deletionTimestamp !== undefined)
    return parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return createdAt(pod);
}

/** A pod of a Job, tracked until it is counted. */
export function buildPod(job: Job, wanted: WantedPod, random: Random): Pod {
  const { index, failures } = wanted;
  const name = job.metadata.name;
  const prefix = index === undefined ? `${name}-` : `${name.slice(0, 57 - String(index).length)}-${index}-`;
  const template = index === undefined ? job.spec.template : indexedTemplate(job.spec.template);
  const pod = podFromTemplate(template, job, { prefix, random });
  const { finalizers = [], labels, annotations } = pod.metadata;
  const marks = index === undefined ? {} : { [INDEX]: String(index) };
  const counted = failures === undefined ? {} : { [INDEX_FAILURES]: String(failures) };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      finalizers: [...finalizers, TRACKING_FINALIZER],
      labels: { ...labels, ...marks },
      ...(index === undefined ? {} : { annotations: { ...annotations, ...marks, ...counted } }),
    },
    spec: index === undefined ? pod.spec : { ...pod.spec, hostname: `${name}-${index}` },
  };
}

/** A template whose containers learn the index of their pod. */
function indexedTemplate(template: PodTemplate): PodTemplate {
  const variable = {
    name: "JOB_COMPLETION_INDEX",
    valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: `metadata.labels['${INDEX}']` } },
  };
  const told = (containers: PodTemplate["spec"]["containers"]) =>
    containers.map((container) => {
      const env = container.env ?? [];
      return env.some(({ name }) => name === variable.name)
        ? container
        : { ...container, env: [...env, variable] };
    });
  const { containers, initContainers } = template.spec;
  return {
    ...template,
    spec: {
      ...template.spec,
      containers: told(containers),
      ...(initContainers === undefined ? {} : { initContainers: told(initContainers) }),
    },
  };
}
