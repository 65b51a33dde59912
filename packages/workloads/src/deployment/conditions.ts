import { formatTime } from "@capstan/kube";
import type { WorkloadCondition } from "../model/workload.js";

/** A condition as a rollout states it, before it has times. */
export type Statement = Pick<WorkloadCondition, "type" | "status"> & { reason: string; message: string };

export function findCondition(
  conditions: readonly WorkloadCondition[],
  type: string,
): WorkloadCondition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/**
 * The list with a statement in it. One with equal status and reason changes nothing, not even the message;
 * any other goes to the end, and keeps the transition time where the status stays.
 */
export function state(
  conditions: readonly WorkloadCondition[],
  statement: Statement,
  now: number,
): readonly WorkloadCondition[] {
  const before = findCondition(conditions, statement.type);
  if (before?.status === statement.status && before.reason === statement.reason) return conditions;
  return restate(conditions, statement, now);
}

/** Like {@link state}, but moves `lastUpdateTime` even where the statement stays the same. */
export function restate(
  conditions: readonly WorkloadCondition[],
  statement: Statement,
  now: number,
): readonly WorkloadCondition[] {
  const before = findCondition(conditions, statement.type);
  const time = formatTime(now);
  const kept = before?.status === statement.status ? (before.lastTransitionTime ?? time) : time;
  const { type, status, reason, message } = statement;
  const next: WorkloadCondition = {
    type,
    status,
    lastUpdateTime: time,
    lastTransitionTime: kept,
    reason,
    message,
  };
  return [...without(conditions, type), next];
}

export function without(
  conditions: readonly WorkloadCondition[],
  type: string,
): readonly WorkloadCondition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}
