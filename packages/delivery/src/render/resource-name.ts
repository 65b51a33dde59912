import type { KubeObject } from "@capstan/kube";

/** An object as kustomize names it in messages: kind, version, group and name. */
export function resourceName({ apiVersion, kind, metadata }: KubeObject): string {
  const slash = apiVersion.indexOf("/");
  const group = slash < 0 ? "[noGrp]" : apiVersion.slice(0, slash);
  return `${kind}.${apiVersion.slice(slash + 1)}.${group}/${metadata.name}`;
}
