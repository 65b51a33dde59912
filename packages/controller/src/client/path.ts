import type { ResourceInfo } from "./client.js";

/** Where the resources of one group and version are served: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

/**
 * The URL path of a collection, or of one object where `name` is given.
 *
 * A namespace is ignored for cluster-scoped kinds, as kubectl does; leaving it out for a namespaced
 * kind names the collection over all namespaces.
 */
export function resourcePath(
  info: Pick<ResourceInfo, "group" | "version" | "resource" | "namespaced">,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const segments = [groupVersionPath(info.group, info.version)];
  if (info.namespaced && namespace !== undefined && namespace !== "") {
    segments.push("namespaces", encodeURIComponent(namespace));
  }
  segments.push(info.resource);
  if (name !== undefined) segments.push(encodeURIComponent(name));
  if (subresource !== undefined) segments.push(...subresource.split("/").map(encodeURIComponent));
  return segments.join("/");
}
