import { type ApplyType, deduce, type ListType, type MapType } from "./apply-type.js";
import { type FieldSet, hasChildren } from "./field-set.js";
import { type Fields, isFields, itemSteps, setMember } from "./typed-value.js";

/**
 * The value without the fields and items of `paths`. A map or list that loses all it held becomes null.
 * Returns `value` itself, and shares its parts, where nothing is removed.
 */
export function removeFields(value: unknown, paths: FieldSet, type: ApplyType): unknown {
  const part = deduce(type, value);
  if (part.map) return isFields(value) ? removeFromMap(value, paths, part.map) : null;
  if (part.scalar) return value;
  if (part.list) return Array.isArray(value) ? removeFromList(value, paths, part.list) : null;
  return value;
}

function removeFromMap(value: Fields, paths: FieldSet, map: MapType): Fields | null {
  if (map.atomic) return null;
  let kept: Record<string, unknown> | undefined;
  for (const [name, child] of paths.fields ?? []) {
    if (!Object.hasOwn(value, name)) continue;
    if (child.owned) {
      kept ??= { ...value };
      delete kept[name];
    } else if (hasChildren(child)) {
      const type = map.member(name);
      const rest = type ? removeFields(value[name], child, type) : value[name];
      if (rest === value[name]) continue;
      kept ??= { ...value };
      setMember(kept, name, rest);
    }
  }
  const result = kept ?? value;
  return Object.keys(result).length === 0 ? null : result;
}

function removeFromList(
  items: readonly unknown[],
  paths: FieldSet,
  list: ListType,
): readonly unknown[] | null {
  if (list.atomic || items.length === 0) return null;
  const kept: unknown[] = [];
  let changed = false;
  for (const [index, step] of itemSteps(list, items).entries()) {
    const child = paths.items?.get(step);
    if (child?.owned) {
      changed = true;
      continue;
    }
    const item = items[index];
    const rest = child && hasChildren(child) ? removeFields(item, child, list.element()) : item;
    if (rest !== item) changed = true;
    kept.push(rest);
  }
  if (kept.length === 0) return null;
  return changed ? kept : items;
}
