import type { Condition } from "@capstan/kube";
import type { Outcome } from "../outcome.js";

/** Longest message that the API's convention allows in a condition. */
const MAX_MESSAGE = 32_768;
const FIRST = ["Stalled", "Reconciling", "Ready"];

/**
 * The conditions of an outcome as they go into `status`: `Ready`, `Reconciling` and `Stalled` agree
 * with each other and with the kind of outcome, so that kstatus and `kubectl wait` read the same.
 *
 * @param previous conditions in the object now; `lastTransitionTime` is kept where nothing changed
 * @param time RFC 3339, for those that did change
 */
export function completeConditions(
  outcome: Outcome,
  previous: readonly Condition[],
  generation: number | undefined,
  time: string,
): Condition[] {
  const wanted = new Map(outcome.status.conditions.map((condition) => [condition.type, condition]));
  const ready = wanted.get("Ready");
  if (outcome.kind === "settled") {
    wanted.delete("Reconciling");
    wanted.delete("Stalled");
  } else if (outcome.kind === "stalled") {
    wanted.delete("Reconciling");
    if (ready !== undefined && !wanted.has("Stalled"))
      wanted.set("Stalled", { ...ready, type: "Stalled", status: "True" });
  } else {
    wanted.delete("Stalled");
    if (ready !== undefined && !wanted.has("Reconciling")) {
      wanted.set("Reconciling", {
        type: "Reconciling",
        status: "True",
        reason: "ProgressingWithRetry",
        message: ready.message,
      });
    }
  }
  return [...wanted.values()]
    .map((condition) => carryOver(condition, previous, generation, time))
    .sort(conditionOrder);
}

/** Conditions of a report put beside those that are there. */
export function mergeConditions(
  previous: readonly Condition[],
  reported: readonly Condition[],
  generation: number | undefined,
  time: string,
): Condition[] {
  const kept = previous.filter((before) => !reported.some((condition) => condition.type === before.type));
  const carried = reported.map((condition) => carryOver(condition, previous, generation, time));
  return [...kept, ...carried].sort(conditionOrder);
}

function carryOver(
  condition: Condition,
  previous: readonly Condition[],
  generation: number | undefined,
  time: string,
): Condition {
  const message =
    condition.message.length > MAX_MESSAGE
      ? `${condition.message.slice(0, MAX_MESSAGE - 3)}...`
      : condition.message;
  const before = previous.find((candidate) => candidate.type === condition.type);
  const same =
    before !== undefined &&
    before.status === condition.status &&
    before.reason === condition.reason &&
    before.message === message;
  const observed = condition.observedGeneration ?? generation;
  return {
    lastTransitionTime: same && before.lastTransitionTime !== undefined ? before.lastTransitionTime : time,
    message,
    ...(observed === undefined ? {} : { observedGeneration: observed }),
    reason: condition.reason,
    status: condition.status,
    type: condition.type,
  };
}

/** The order people know from Flux: Stalled, Reconciling, Ready, then the rest by name. */
function conditionOrder(a: Condition, b: Condition): number {
  const weightA = FIRST.indexOf(a.type);
  const weightB = FIRST.indexOf(b.type);
  if (weightA >= 0 || weightB >= 0) {
    return (weightA < 0 ? FIRST.length : weightA) - (weightB < 0 ? FIRST.length : weightB);
  }
  return a.type < b.type ? -1 : a.type > b.type ? 1 : 0;
}

/** The conditions that an object's status holds; none where it is malformed. */
export function conditionsOf(object: { readonly [field: string]: unknown }): readonly Condition[] {
  const status = object["status"];
  if (typeof status !== "object" || status === null || !("conditions" in status)) return [];
  // Written by a controller through a validated schema.
  return Array.isArray(status.conditions) ? (status.conditions as Condition[]) : [];
}
