import { formatTime } from "./time.js";

/** A standard condition (`metav1.Condition`). */
export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

/** The condition of a type, `undefined` where the list has none. */
export function getCondition<T extends { readonly type: string }>(
  conditions: readonly T[] | null | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * A list with `condition` in it: in its old place, or at the end. `lastTransitionTime` is kept while the
 * status stays what it was and is `now` (milliseconds since the epoch) otherwise. The list given is not
 * changed; it is returned itself where nothing would change.
 */
export function setCondition(
  conditions: readonly Condition[] | null | undefined,
  condition: Condition,
  now: number,
): readonly Condition[] {
  const list = conditions ?? [];
  const at = list.findIndex(({ type }) => type === condition.type);
  const before = list[at];
  const lastTransitionTime =
    before?.status === condition.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : formatTime(now);
  const next: Condition = { ...condition, lastTransitionTime };
  if (before === undefined) return [...list, next];
  return sameCondition(before, next) ? list : list.with(at, next);
}

function sameCondition(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration &&
    a.lastTransitionTime === b.lastTransitionTime
  );
}

/** A list without the condition of a type. */
export function removeCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}

/** Whether an object says `Ready: True` about its current generation. */
export function isReady(object: {
  readonly metadata: { generation?: number };
  readonly [field: string]: unknown;
}): boolean {
  const status = object["status"] as { conditions?: Condition[]; observedGeneration?: number } | undefined;
  const ready = getCondition(status?.conditions, "Ready");
  const observed = ready?.observedGeneration ?? status?.observedGeneration;
  const generation = object.metadata.generation;
  return (
    ready?.status === "True" && (observed === undefined || generation === undefined || observed >= generation)
  );
}
