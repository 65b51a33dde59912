import { gvkOf, type KubeObject, parseApiVersion } from "@capstan/kube";

/** Names an object in any version of its kind: what inventories hold. */
export interface ObjectId {
  readonly group: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** An entry of `status.inventory`: the id as text, and the version that was applied. */
export interface InventoryEntry {
  readonly id: string;
  readonly v: string;
}

/** `<namespace>_<name>_<group>_<kind>`, with the colons of RBAC names written as `__`. */
export function formatObjectId(id: ObjectId): string {
  return `${id.namespace}_${id.name.replaceAll(":", "__")}_${id.group}_${id.kind}`;
}

/** Reads what `formatObjectId` wrote; `undefined` for anything else. */
export function parseObjectId(text: string): ObjectId | undefined {
  const first = text.indexOf("_");
  const last = text.lastIndexOf("_");
  const beforeKind = text.lastIndexOf("_", last - 1);
  if (first < 0 || beforeKind <= first) return undefined;
  return {
    namespace: text.slice(0, first),
    name: text.slice(first + 1, beforeKind).replaceAll("__", ":"),
    group: text.slice(beforeKind + 1, last),
    kind: text.slice(last + 1),
  };
}

export function idOf(object: KubeObject): ObjectId {
  const { group, kind } = gvkOf(object);
  return { group, kind, namespace: object.metadata.namespace ?? "", name: object.metadata.name };
}

/** `Kind/namespace/name`, as change lists and errors name objects. */
export function subjectOf(id: Pick<ObjectId, "kind" | "namespace" | "name">): string {
  return id.namespace === "" ? `${id.kind}/${id.name}` : `${id.kind}/${id.namespace}/${id.name}`;
}

/** The inventory entry of an object. */
export function entryOf(object: { readonly apiVersion: string; readonly id: string }): InventoryEntry {
  return { id: object.id, v: parseApiVersion(object.apiVersion).version };
}
