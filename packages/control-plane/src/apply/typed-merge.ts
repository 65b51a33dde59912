import { type ApplyType, deduce, type ListType, type MapType } from "./apply-type.js";
import type { Step } from "./field-set.js";
import { type Fields, isFields, itemSteps, member, setMember, TypedError } from "./typed-value.js";

/**
 * Merges `applied` over `live`: leaves of `applied` win, maps and keyed lists are merged item by item,
 * sets united; nothing is removed. Returns `live` itself, and shares its parts, where nothing changes.
 */
export function mergeTyped(live: unknown, applied: unknown, type: ApplyType): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const part = deduce(type, applied);
  if (part.map) return mergeMaps(live, applied, part.map);
  if (part.list && !part.scalar) return mergeLists(live, applied, part.list);
  return live === applied ? live : applied;
}

function mergeMaps(live: unknown, applied: unknown, map: MapType): unknown {
  const left = isFields(live) && !isEmptyFields(live) ? live : undefined;
  const right = isFields(applied) && !isEmptyFields(applied) ? applied : undefined;
  if (map.atomic || (!left && !right)) return applied;
  if (!right) return left;
  if (!left) return right;
  let merged: Record<string, unknown> | undefined;
  for (const name of Object.keys(right)) {
    const before = member(left, name);
    const type = map.member(name);
    const after = type ? mergeTyped(before, right[name], type) : right[name];
    if (after === before && Object.hasOwn(left, name)) continue;
    merged ??= { ...left };
    setMember(merged, name, after);
  }
  return merged ?? left;
}

function isEmptyFields(fields: Fields): boolean {
  for (const _ in fields) return false;
  return true;
}

function mergeLists(live: unknown, applied: unknown, list: ListType): unknown {
  const left = Array.isArray(live) && live.length > 0 ? (live as unknown[]) : undefined;
  const right = Array.isArray(applied) && applied.length > 0 ? (applied as unknown[]) : undefined;
  if (list.atomic || (!left && !right)) return applied;
  if (!right) return left;
  if (!left) return right;
  const merged = mergeItems(left, right, list);
  const same = merged.length === left.length && merged.every((item, index) => item === left[index]);
  return same ? left : merged;
}

/**
 * Keeps the order of `applied` among its items; an item that only `live` has stays next to its
 * neighbours there where that is possible.
 */
function mergeItems(live: readonly unknown[], applied: readonly unknown[], list: ListType): unknown[] {
  const leftSteps = itemSteps(list, live);
  const rightSteps = itemSteps(list, applied);
  const left = indexLive(live, leftSteps);
  const right = indexApplied(applied, rightSteps);
  const shared = rightSteps.filter((step) => left.has(step));
  const merged = new Set<Step>();
  const out: unknown[] = [];
  let nextShared = 0;
  const emit = (step: Step): void => {
    merged.add(step);
    out.push(mergeTyped(left.get(step), right.get(step), list.element()));
  };
  for (let l = 0, r = 0; l < live.length || r < applied.length; ) {
    const leftStep = leftSteps[l];
    const rightStep = rightSteps[r];
    if (leftStep !== undefined && rightStep !== undefined) {
      if (leftStep === rightStep) {
        emit(leftStep);
        l++;
        r++;
        nextShared++;
        continue;
      }
      const upcoming = shared[nextShared];
      if (right.has(leftStep) && upcoming !== undefined && upcoming !== leftStep) {
        l++;
        continue;
      }
    }
    if (leftStep !== undefined) {
      if (!right.has(leftStep)) {
        out.push(live[l]);
        l++;
        continue;
      }
      if (merged.has(leftStep)) l++;
    }
    if (rightStep !== undefined) {
      emit(rightStep);
      r++;
      if (shared[nextShared] === rightStep) nextShared++;
    }
  }
  return out;
}

/** Items by step; one that occurs twice counts as null, so that an applied one replaces it whole. */
function indexLive(items: readonly unknown[], steps: readonly Step[]): Map<Step, unknown> {
  const index = new Map<Step, unknown>();
  steps.forEach((step, i) => {
    index.set(step, index.has(step) ? null : items[i]);
  });
  return index;
}

function indexApplied(items: readonly unknown[], steps: readonly Step[]): Map<Step, unknown> {
  const index = new Map<Step, unknown>();
  steps.forEach((step, i) => {
    if (index.has(step)) throw new TypedError(`duplicate entries for key ${step}`);
    index.set(step, items[i]);
  });
  return index;
}
