import { compareQuantity, type KubeObject, parseQuantity } from "@capstan/kube";
import { isMembers, listAt, type Members, membersAt, textAt } from "../members.js";

const COUNTED = ["cpu", "memory"];

/** The class that decides which pods go first when a node runs short. */
function qosClass(spec: Members): "Guaranteed" | "Burstable" | "BestEffort" {
  const own = membersAt(spec, "resources");
  const containers =
    own === undefined
      ? [...listAt(spec, "initContainers"), ...listAt(spec, "containers")].map((container) =>
          membersAt(container, "resources"),
        )
      : [own];
  let any = false;
  let guaranteed = containers.length > 0;
  for (const resources of containers) {
    const limits = membersAt(resources, "limits");
    const requests = membersAt(resources, "requests");
    for (const name of COUNTED) {
      const limit = textAt(limits, name);
      const request = textAt(requests, name);
      if (isPositive(limit) || isPositive(request)) any = true;
      if (!isPositive(limit) || (request !== "" && !equal(request, limit))) guaranteed = false;
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

function isPositive(quantity: string): boolean {
  return quantity !== "" && compareQuantity(parseQuantity(quantity), parseQuantity("0")) > 0;
}

function equal(a: string, b: string): boolean {
  return compareQuantity(parseQuantity(a), parseQuantity(b)) === 0;
}

/** A pod that nobody has scheduled yet. */
export function preparePod(pod: KubeObject): KubeObject {
  const spec = isMembers(pod["spec"]) ? pod["spec"] : {};
  const gated = listAt(spec, "schedulingGates").length > 0;
  const status = {
    phase: "Pending",
    ...(gated ? { conditions: [GATED] } : {}),
    qosClass: qosClass(spec),
  };
  return { ...pod, status };
}

const GATED = {
  type: "PodScheduled",
  status: "False",
  lastProbeTime: null,
  lastTransitionTime: null,
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
};

/** What each subresource of a pod may change. */
export function preparePodUpdate(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
): KubeObject {
  if (subresource === "status") {
    const { ownerReferences: _given, ...metadata } = next.metadata;
    const { ownerReferences } = previous.metadata;
    return { ...next, metadata: ownerReferences === undefined ? metadata : { ...metadata, ownerReferences } };
  }
  if (subresource === "ephemeralcontainers") return withEphemeralContainers(next, previous);
  if (subresource === "resize") return withResources(next, previous);
  if (subresource === undefined) {
    const qos = textAt(membersAt(previous as Members, "status"), "qosClass");
    return qos === "" ? next : { ...next, status: { ...(next["status"] as Members), qosClass: qos } };
  }
  return next;
}

function systemFields(next: KubeObject, previous: KubeObject): KubeObject["metadata"] {
  const { resourceVersion, managedFields } = next.metadata;
  return {
    ...previous.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(managedFields === undefined ? {} : { managedFields }),
  };
}

function withEphemeralContainers(next: KubeObject, previous: KubeObject): KubeObject {
  const containers = (next["spec"] as Members | undefined)?.["ephemeralContainers"];
  const { ephemeralContainers: _old, ...spec } = previous["spec"] as Members;
  return {
    ...previous,
    metadata: systemFields(next, previous),
    spec: containers === undefined ? spec : { ...spec, ephemeralContainers: containers },
  };
}

function withResources(next: KubeObject, previous: KubeObject): KubeObject {
  const nextSpec = membersAt(next as Members, "spec");
  const spec = { ...(previous["spec"] as Members) };
  for (const list of ["containers", "initContainers"]) {
    const given = listAt(nextSpec, list);
    const kept = listAt(spec, list);
    if (kept.length === 0) continue;
    spec[list] = kept.map((container) => {
      const wanted = given.find((candidate) => candidate["name"] === container["name"]);
      if (wanted === undefined) return container;
      const { resources, resizePolicy } = wanted;
      return {
        ...container,
        ...(resources === undefined ? {} : { resources }),
        ...(resizePolicy === undefined ? {} : { resizePolicy }),
      };
    });
  }
  return { ...previous, metadata: systemFields(next, previous), spec };
}
