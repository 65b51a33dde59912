import type { TypeMeta } from "./object.js";

/** A kind with its API group and version; the core group is the empty string. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A resource (the plural used in URLs) with its API group and version. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Splits `apps/v1` into group and version; `v1` belongs to the core group `""`. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Joins a group and a version back to what `apiVersion` holds. */
export function formatApiVersion(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The kind that an object or a reference names. */
export function gvkOf(type: TypeMeta): GroupVersionKind {
  return { ...parseApiVersion(type.apiVersion), kind: type.kind };
}
