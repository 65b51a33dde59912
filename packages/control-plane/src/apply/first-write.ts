import type { KubeObject } from "@capstan/kube";
import { type ApplyType, deduce, type ListType, type MapType } from "./apply-type.js";
import type { ResetFields } from "./ownership.js";
import { compareItemSteps, compareText } from "./path-step.js";
import { type Fields, isFields, itemSteps, member, sameValue } from "./typed-value.js";
import { UNOWNED_METADATA } from "./unowned-metadata.js";

/** Thrown on the way, and caught here: a shape that only the general comparison covers. */
class NotPlain extends Error {}

/**
 * The `fieldsV1` of whoever writes `next` first, over `zero`, the object as it is before anything is set: what
 * comparing the two, leaving out what nobody owns and writing the rest gives, in one walk. Most writes of an
 * object are its first. Undefined for what takes the general way; an empty set is an empty object. Throws
 * `TypedError` for items that cannot be told apart, as the comparison does.
 */
export function fieldsOfFirstWrite(
  zero: KubeObject,
  next: KubeObject,
  { map }: ApplyType,
  reset: ResetFields,
): Fields | undefined {
  if (!map || map.atomic || reset.some((path) => path.length !== 1)) return undefined;
  try {
    return rootOf(zero as unknown as Fields, next as unknown as Fields, map, reset);
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

function rootOf(zero: Fields, next: Fields, map: MapType, reset: ResetFields): Fields {
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(next).sort(compareText)) {
    if (name === "apiVersion" || name === "kind" || reset.some(([field]) => field === name)) continue;
    const type = map.member(name);
    if (!type) continue;
    const before = member(zero, name);
    const value = next[name];
    if (name !== "metadata") put(out, `f:${name}`, nodeOf(before, value, type));
    else if (type.map && isFields(value)) {
      const owned = metadataOf(isFields(before) ? before : NOTHING, value, type.map);
      if (Object.keys(owned).length > 0) out["f:metadata"] = owned;
    } else throw new NotPlain();
  }
  return out;
}

function metadataOf(before: Fields, after: Fields, map: MapType): Fields {
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(after).sort(compareText)) {
    const type = UNOWNED_METADATA.has(name) ? undefined : map.member(name);
    if (type) put(out, `f:${name}`, nodeOf(member(before, name), after[name], type));
  }
  return out;
}

function put(out: Record<string, unknown>, step: string, node: Fields | undefined): void {
  if (node !== undefined) out[step] = node;
}

/** The node of one value; undefined where the write owns nothing at or below it. */
function nodeOf(before: unknown, after: unknown, type: ApplyType): Fields | undefined {
  if (before === after || after === undefined) return undefined;
  const part = deduce(type, after);
  if (before !== undefined) {
    const former = deduce(type, before);
    if (former.map !== part.map || former.list !== part.list || former.scalar !== part.scalar)
      throw new NotPlain();
  }
  if (part.map) return mapNode(before, after, part.map);
  if (part.scalar || !part.list) return leaf(before, after);
  return listNode(before, after, part.list);
}

function leaf(before: unknown, after: unknown): Fields | undefined {
  return before !== undefined && sameValue(before, after) ? undefined : NOTHING;
}

function mapNode(before: unknown, after: unknown, map: MapType): Fields | undefined {
  const left = isFields(before) ? before : NOTHING;
  const right = isFields(after) ? after : NOTHING;
  const names = Object.keys(right);
  if (map.atomic || (names.length === 0 && Object.keys(left).length === 0)) return leaf(before, after);
  const out: Record<string, unknown> = before === undefined ? { ".": NOTHING } : {};
  let owned = before === undefined;
  for (const name of names.length > 1 ? names.sort(compareText) : names) {
    const type = map.member(name);
    const node = type && nodeOf(member(left, name), right[name], type);
    if (node === undefined) continue;
    out[`f:${name}`] = node;
    owned = true;
  }
  return owned ? withoutLoneSelf(out) : undefined;
}

function listNode(before: unknown, after: unknown, list: ListType): Fields | undefined {
  if (before !== undefined) throw new NotPlain();
  const items = Array.isArray(after) ? after : [];
  if (list.atomic || items.length === 0) return leaf(before, after);
  const steps = itemSteps(list, items);
  const byStep = new Map<string, Fields>();
  for (const [index, step] of steps.entries()) {
    if (byStep.has(step)) throw new NotPlain();
    byStep.set(step, itemNode(items[index], list.element()));
  }
  const out: Record<string, unknown> = { ".": NOTHING };
  for (const step of steps.length > 1 ? [...byStep.keys()].sort(compareItemSteps) : byStep.keys())
    out[step] = byStep.get(step);
  return out;
}

function itemNode(item: unknown, type: ApplyType): Fields {
  return nodeOf(undefined, item, type) ?? NOTHING;
}

/** A node without children stands for itself. */
function withoutLoneSelf(node: Fields): Fields {
  return Object.hasOwn(node, ".") && Object.keys(node).length === 1 ? NOTHING : node;
}

const NOTHING: Fields = Object.freeze({});
