import { type ApplyType, deduce, type ListType, type MapType } from "./apply-type.js";
import { descendField, descendItem, type FieldSet, hasChildren, newFieldSet } from "./field-set.js";
import { type Fields, isFields, itemSteps } from "./typed-value.js";

/**
 * The set of every field and item that `value` mentions: scalars and atomic values by their path, items
 * of set and keyed lists and keys of maps by their path as well as by what they hold.
 */
export function fieldSetOf(value: unknown, type: ApplyType): FieldSet {
  const set = newFieldSet();
  collect(value, type, set);
  set.owned = false;
  return set;
}

/** Adds what `value` mentions below `node`, which stands for its path. */
function collect(value: unknown, type: ApplyType, node: FieldSet): void {
  const part = deduce(type, value);
  if (part.map) {
    if (part.map.atomic) node.owned = true;
    else if (isFields(value)) collectMap(value, part.map, node);
  } else if (part.scalar) {
    node.owned = true;
  } else if (part.list) {
    if (part.list.atomic) node.owned = true;
    else if (Array.isArray(value)) collectList(value, part.list, node);
  }
}

function collectMap(value: Fields, map: MapType, node: FieldSet): void {
  for (const name of Object.keys(value)) {
    const content = value[name];
    const type = map.member(name);
    if (!type) continue;
    const child = descendField(node, name);
    collect(content, type, child);
    if (!map.declares(name) || isBare(content)) child.owned = true;
    if (!child.owned && !hasChildren(child)) node.fields?.delete(name);
  }
}

function isBare(value: unknown): boolean {
  if (value === null) return true;
  if (!isFields(value)) return false;
  for (const _ in value) return false;
  return true;
}

function collectList(items: readonly unknown[], list: ListType, node: FieldSet): void {
  const steps = itemSteps(list, items);
  const once = new Map<string, number>();
  for (const step of steps) once.set(step, (once.get(step) ?? 0) + 1);
  for (const [index, step] of steps.entries()) {
    const child = descendItem(node, step);
    child.owned = true;
    if (once.get(step) === 1) collect(items[index], list.element(), child);
  }
}
