import type { KubeObject } from "@capstan/kube";
import type { AdmissionRequest } from "../registry/ports.js";
import { listOf, type Members, membersOf } from "./members.js";

/** Whether a request is for a kind of built-in resources, and not for a part of it. */
export function isFor(request: AdmissionRequest, group: string, resource: string): boolean {
  const { kind, subresource } = request;
  return kind.group === group && kind.resource === resource && subresource === undefined;
}

export function specOf(object: KubeObject | undefined): Members {
  return membersOf(object?.["spec"]);
}

export function withSpec(object: KubeObject, spec: Members): KubeObject {
  return spec === object["spec"] ? object : { ...object, spec };
}

/** The containers of a pod spec: init ones first, where `init` is wanted. */
export function containersOf(spec: Members): { readonly container: Members; readonly init: boolean }[] {
  return [
    ...listOf(spec["initContainers"]).map((container) => ({ container, init: true })),
    ...listOf(spec["containers"]).map((container) => ({ container, init: false })),
  ];
}

/** The spec with every container, init ones too, replaced by what `change` makes of it. */
export function mapContainers(
  spec: Members,
  change: (container: Members, init: boolean) => Members,
): Members {
  let result = spec;
  for (const field of ["initContainers", "containers"]) {
    const list = spec[field];
    if (!Array.isArray(list) || list.length === 0) continue;
    const changed = listOf(list).map((container) => change(container, field === "initContainers"));
    if (changed.some((container, index) => container !== list[index]))
      result = { ...result, [field]: changed };
  }
  return result;
}
