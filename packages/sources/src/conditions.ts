import type { Condition } from "@capstan/kube";

/** Conditions that mean trouble when they are True. */
const NEGATIVE = new Set([
  "StorageOperationFailed",
  "FetchFailed",
  "BuildFailed",
  "IncludeUnavailable",
  "ArtifactOutdated",
  "Stalled",
  "Reconciling",
]);

/** What wins over what when conditions are summed up into `Ready`; the first that applies decides. */
const RANKS: readonly ((condition: Condition, negative: boolean) => boolean)[] = [
  ({ status }, negative) => negative && status === "True",
  ({ status }, negative) => !negative && status === "False",
  ({ status }, negative) => !negative && status === "True",
  ({ status }, negative) => negative && status === "False",
  ({ status }) => status === "Unknown",
];

/**
 * `Ready` as the sum of a source's other conditions: True trouble first, then what should be True and is
 * not, then what is True; among equals the one that `order` names first. It takes the winner's reason and
 * message.
 */
export function summarizeReady(conditions: readonly Condition[], order: readonly string[]): Condition {
  const known = order.flatMap((type) => conditions.find((condition) => condition.type === type) ?? []);
  for (const applies of RANKS) {
    const winner = known.find((condition) => applies(condition, NEGATIVE.has(condition.type)));
    if (winner === undefined) continue;
    const negative = NEGATIVE.has(winner.type);
    const status =
      winner.status === "Unknown" ? "Unknown" : (winner.status === "True") === negative ? "False" : "True";
    return { type: "Ready", status, reason: winner.reason, message: winner.message };
  }
  return { type: "Ready", status: "Unknown", reason: "Progressing", message: "reconciliation in progress" };
}

/** `conditions` without `removed`, and with `set` in the place of those of the same type. */
export function changeConditions(
  conditions: readonly Condition[],
  removed: readonly string[],
  set: readonly Condition[],
): Condition[] {
  const replaced = new Set([...removed, ...set.map(({ type }) => type)]);
  return [...conditions.filter(({ type }) => !replaced.has(type)).map(withoutTimes), ...set];
}

/** The runner stamps conditions; what was stamped before must not decide. */
function withoutTimes({ type, status, reason, message, observedGeneration }: Condition): Condition {
  return {
    type,
    status,
    reason,
    message,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  };
}
