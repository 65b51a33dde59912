/**
 * A set of field paths as a tree (what `FieldsV1` encodes). A node that is `owned` is a member of the
 * set; a node that only has children is not. Steps are field names in `fields`, and list items in
 * `items` under their encoded form (`k:{"name":"a"}`, `v:"a"`, `i:0`).
 *
 * Sets are values: the operations below share what they do not change, so a set must not be written to
 * once it has been handed out.
 */
export interface FieldSet {
  owned: boolean;
  fields: Map<string, FieldSet> | undefined;
  items: Map<string, FieldSet> | undefined;
}

export function newFieldSet(owned = false): FieldSet {
  return { owned, fields: undefined, items: undefined };
}

/** One step of a path: a field name with the prefix `f:`, or an encoded list item. */
export type Step = string;

function isFieldStep(step: Step): boolean {
  return step.charCodeAt(0) === 102;
}

/** The child under `step`, created where absent. */
function descend(set: FieldSet, step: Step): FieldSet {
  return isFieldStep(step) ? descendField(set, step.slice(2)) : descendItem(set, step);
}

export function descendField(set: FieldSet, name: string): FieldSet {
  set.fields ??= new Map();
  let child = set.fields.get(name);
  if (!child) {
    child = newFieldSet();
    set.fields.set(name, child);
  }
  return child;
}

export function descendItem(set: FieldSet, item: string): FieldSet {
  set.items ??= new Map();
  let child = set.items.get(item);
  if (!child) {
    child = newFieldSet();
    set.items.set(item, child);
  }
  return child;
}

/** Makes `path` a member; the empty path stands for the whole object, which is never one. */
export function insertPath(set: FieldSet, path: readonly Step[]): void {
  let node = set;
  for (const step of path) node = descend(node, step);
  if (path.length > 0) node.owned = true;
}

function childOf(set: FieldSet | undefined, step: Step): FieldSet | undefined {
  return isFieldStep(step) ? set?.fields?.get(step.slice(2)) : set?.items?.get(step);
}

export function hasChildren(set: FieldSet): boolean {
  return (set.fields?.size ?? 0) > 0 || (set.items?.size ?? 0) > 0;
}

export function isEmptySet(set: FieldSet): boolean {
  if (set.owned) return false;
  for (const child of childrenOf(set)) if (!isEmptySet(child)) return false;
  return true;
}

function* childrenOf(set: FieldSet): Generator<FieldSet> {
  if (set.fields) yield* set.fields.values();
  if (set.items) yield* set.items.values();
}

/** Members of either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  return {
    owned: a.owned || b.owned,
    fields: unionMaps(a.fields, b.fields),
    items: unionMaps(a.items, b.items),
  };
}

type Children = Map<string, FieldSet> | undefined;

function unionMaps(a: Children, b: Children): Children {
  if (!a || a.size === 0) return b;
  if (!b || b.size === 0) return a;
  const result = new Map(a);
  for (const [key, child] of b) {
    const mine = result.get(key);
    result.set(key, mine ? union(mine, child) : child);
  }
  return result;
}

/** Members of both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return {
    owned: a.owned && b.owned,
    fields: intersectMaps(a.fields, b.fields),
    items: intersectMaps(a.items, b.items),
  };
}

function intersectMaps(a: Children, b: Children): Children {
  if (!a || !b) return undefined;
  let result: Children;
  for (const [key, child] of a) {
    const other = b.get(key);
    if (!other) continue;
    const shared = intersection(child, other);
    if (isEmptySet(shared)) continue;
    result ??= new Map();
    result.set(key, shared);
  }
  return result;
}

/** Members of `a` that are no members of `b`; what lies below a member of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false);
}

/** Members of `a` that neither are members of `b` nor lie below one. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true);
}

function subtract(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet {
  const fields = subtractMaps(a.fields, b.fields, recursive);
  const items = subtractMaps(a.items, b.items, recursive);
  const owned = a.owned && !b.owned;
  return owned === a.owned && fields === a.fields && items === a.items ? a : { owned, fields, items };
}

function subtractMaps(a: Children, b: Children, recursive: boolean): Children {
  if (!a || !b) return a;
  let result: Children;
  for (const [key, other] of b) {
    const child = (result ?? a).get(key);
    if (!child) continue;
    const rest = recursive && other.owned ? undefined : subtract(child, other, recursive);
    if (rest === child) continue;
    result ??= new Map(a);
    if (!rest || isEmptySet(rest)) result.delete(key);
    else result.set(key, rest);
  }
  return result ?? a;
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return a === b || (a.owned === b.owned && sameMaps(a.fields, b.fields) && sameMaps(a.items, b.items));
}

function sameMaps(a: Children, b: Children): boolean {
  if (a === b) return true;
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  if (!a || !b) return true;
  for (const [key, child] of a) {
    const other = b.get(key);
    if (!other || !sameSet(child, other)) return false;
  }
  return true;
}

export function hasPath(set: FieldSet, path: readonly Step[]): boolean {
  let node: FieldSet | undefined = set;
  for (const step of path) node = childOf(node, step);
  return node?.owned === true && path.length > 0;
}
