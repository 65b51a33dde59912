import type { KubeObject, ObjectKey } from "@capstan/kube";

/** `namespace/name`, or the name alone for cluster-scoped objects: the text form of an `ObjectKey`. */
export function keyOf(object: KubeObject): string {
  return formatKey(object.metadata);
}

/** The text form of a key. */
export function formatKey(key: { readonly namespace?: string | undefined; readonly name: string }): string {
  return key.namespace === undefined || key.namespace === "" ? key.name : `${key.namespace}/${key.name}`;
}

/** Reads back what `formatKey` wrote. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf("/");
  return slash < 0
    ? { namespace: undefined, name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/**
 * Whether version `a` is at least as new as `b`. Resource versions of one kind are comparable
 * decimal numbers since Kubernetes 1.35; where they are not, only equality counts.
 */
export function isAtLeast(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a === b) return true;
  if (!/^[1-9][0-9]*$/.test(a) || !/^[1-9][0-9]*$/.test(b)) return false;
  return a.length === b.length ? a > b : a.length > b.length;
}
