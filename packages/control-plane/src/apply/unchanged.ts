import { type ApplyType, deduce, type ListType, type MapType } from "./apply-type.js";
import { type FieldSet, hasChildren } from "./field-set.js";
import type { ResetFields } from "./ownership.js";
import { type Fields, isFields, itemStep, sameValue, TypedError } from "./typed-value.js";
import { UNOWNED_METADATA } from "./unowned-metadata.js";

/**
 * Whether applying `applied` over `live` would change nothing, neither values nor what the applier owns
 * (`last`), leaving aside the fields of `reset`, which the endpoint ignores. May say no where the answer is yes;
 * walks only what is applied and allocates little, as most applies are repetitions.
 */
export function appliesNothing(
  applied: Fields,
  live: Fields,
  type: ApplyType,
  last: FieldSet,
  reset: ResetFields,
): boolean {
  if (!type.map || reset.some((path) => path.length !== 1)) return false;
  try {
    return sameRoot(applied, live, type.map, last, reset);
  } catch (error) {
    if (error instanceof TypedError) return false;
    throw error;
  }
}

function sameRoot(applied: Fields, live: Fields, map: MapType, last: FieldSet, reset: ResetFields): boolean {
  let matched = 0;
  for (const name of Object.keys(applied)) {
    if (reset.some(([field]) => field === name)) continue;
    if (name === "apiVersion" || name === "kind") {
      if (applied[name] !== live[name]) return false;
      continue;
    }
    const node = last.fields?.get(name);
    const type = map.member(name);
    if (!type) return false;
    if (name === "metadata") {
      if (!sameMetadata(applied[name], live[name], type.map, node)) return false;
    } else if (!sameMember(applied, live, map, name, type, node)) return false;
    if (node) matched++;
  }
  return matched === (last.fields?.size ?? 0) && last.items === undefined;
}

function sameMetadata(
  applied: unknown,
  live: unknown,
  map: MapType | undefined,
  node: FieldSet | undefined,
): boolean {
  if (!isFields(applied) || !isFields(live) || !map) return false;
  let matched = 0;
  for (const name of Object.keys(applied)) {
    if (UNOWNED_METADATA.has(name)) {
      if (applied[name] !== live[name]) return false;
      continue;
    }
    const child = node?.fields?.get(name);
    const type = map.member(name);
    if (!type || !sameMember(applied, live, map, name, type, child)) return false;
    if (child) matched++;
  }
  return !node || (!node.owned && matched === (node.fields?.size ?? 0));
}

function sameMember(
  applied: Fields,
  live: Fields,
  map: MapType,
  name: string,
  type: ApplyType,
  node: FieldSet | undefined,
): boolean {
  return Object.hasOwn(live, name) && sameNode(applied[name], live[name], type, node, !map.declares(name));
}

/** Compares one value; `owned` says that its path is a member whatever it holds. */
function sameNode(
  applied: unknown,
  live: unknown,
  type: ApplyType,
  node: FieldSet | undefined,
  owned: boolean,
): boolean {
  const part = deduce(type, applied);
  if (part.map && !part.map.atomic) {
    if (!isFields(applied)) return false;
    return sameMap(applied, live, part.map, node, owned);
  }
  if (part.list && !part.map && !part.scalar && !part.list.atomic) {
    return Array.isArray(applied) && sameList(applied, live, part.list, node, owned);
  }
  return node?.owned === true && !hasChildren(node) && sameValue(applied, live);
}

function sameMap(
  applied: Fields,
  live: unknown,
  map: MapType,
  node: FieldSet | undefined,
  owned: boolean,
): boolean {
  if (!isFields(live)) return false;
  const names = Object.keys(applied);
  let matched = 0;
  for (const name of names) {
    const child = node?.fields?.get(name);
    const type = map.member(name);
    if (!type || !sameMember(applied, live, map, name, type, child)) return false;
    if (child) matched++;
  }
  const member = owned || names.length === 0;
  if (!node) return !member && matched === 0;
  return node.owned === member && matched === (node.fields?.size ?? 0) && node.items === undefined;
}

function sameList(
  applied: readonly unknown[],
  live: unknown,
  list: ListType,
  node: FieldSet | undefined,
  owned: boolean,
): boolean {
  if (!Array.isArray(live)) return false;
  if ((node?.owned ?? false) !== owned) return false;
  if (applied.length === 0) return !node || !hasChildren(node);
  if (!node?.items || node.items.size !== applied.length || (node.fields?.size ?? 0) > 0) return false;
  const element = list.element();
  let next = 0;
  for (const item of applied) {
    const step = itemStep(list, item);
    const child = node.items.get(step);
    if (!child) return false;
    while (next < live.length && itemStep(list, live[next]) !== step) {
      if (node.items.has(itemStep(list, live[next]))) return false;
      next++;
    }
    if (next >= live.length) return false;
    if (!sameItem(item, live[next], element, child)) return false;
    next++;
  }
  for (; next < live.length; next++) if (node.items.has(itemStep(list, live[next]))) return false;
  return true;
}

function sameItem(applied: unknown, live: unknown, element: ApplyType, node: FieldSet): boolean {
  if (!isFields(applied)) return node.owned && !hasChildren(node) && sameValue(applied, live);
  return sameNode(applied, live, element, node, true);
}
