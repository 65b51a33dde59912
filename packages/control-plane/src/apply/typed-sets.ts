import type { ApplyType } from "./apply-type.js";
import { type FieldSet, hasChildren, newFieldSet, recursiveDifference, union } from "./field-set.js";

/**
 * The set with declared fields that have members below them made members themselves. A set made of
 * `a.b.c` then also holds `a` where that is a field of a struct, but not where it is a key of a map.
 */
export function withNamedFields(set: FieldSet, type: ApplyType | undefined): FieldSet {
  const result = newFieldSet(set.owned);
  if (set.fields) {
    result.fields = new Map();
    for (const [name, child] of set.fields) {
      const named = hasChildren(child) ? withNamedFields(child, type?.map?.member(name)) : child;
      const owned = named.owned || (hasChildren(child) && type?.map?.declares(name) === true);
      result.fields.set(name, owned === named.owned ? named : { ...named, owned });
    }
  }
  if (set.items) {
    result.items = new Map();
    for (const [step, child] of set.items) {
      const element = step.startsWith("k:") ? type?.list?.element() : undefined;
      result.items.set(step, hasChildren(child) ? withNamedFields(child, element) : child);
    }
  }
  return result;
}

/**
 * Fits a set to a schema that changed after it was written: what became one unit is owned as one.
 * Returns `set` itself when there is nothing to do.
 */
export function reconcileSet(set: FieldSet, type: ApplyType): FieldSet {
  if (fitting.get(set) === type) return set;
  const collapsed = newFieldSet();
  if (findCollapsed(set, type, collapsed)) return union(recursiveDifference(set, collapsed), collapsed);
  fitting.set(set, type);
  return set;
}

/** Sets with the type that they were last found to fit. */
const fitting = new WeakMap<FieldSet, ApplyType>();

/** Marks in `out` the nodes that are atomic by now but have members below them; whether there are any. */
function findCollapsed(set: FieldSet, type: ApplyType, out: FieldSet): boolean {
  if (type.map) return !type.map.deduced && collapseMap(set, type, out);
  if (type.scalar || !type.list) return false;
  if (type.list.atomic) return markCollapsed(set, out);
  let found = false;
  for (const [step, child] of set.items ?? []) {
    const mark = newFieldSet();
    if (!findCollapsed(child, type.list.element(), mark)) continue;
    out.items ??= new Map();
    out.items.set(step, mark);
    found = true;
  }
  return found;
}

function collapseMap(set: FieldSet, type: ApplyType, out: FieldSet): boolean {
  if (type.map?.atomic) return markCollapsed(set, out);
  let found = false;
  for (const [name, child] of set.fields ?? []) {
    const memberType = type.map?.member(name);
    if (!memberType) continue;
    const mark = newFieldSet();
    if (!findCollapsed(child, memberType, mark)) continue;
    out.fields ??= new Map();
    out.fields.set(name, mark);
    found = true;
  }
  return found;
}

function markCollapsed(set: FieldSet, out: FieldSet): boolean {
  if (!hasChildren(set)) return false;
  out.owned = true;
  return true;
}
