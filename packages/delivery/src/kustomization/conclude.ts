import type { Outcome } from "@capstan/controller";
import { type Condition, formatDuration, getCondition, parseDuration, parseTime } from "@capstan/kube";
import { changeLog } from "../apply/change-set.js";
import { healthTimeout } from "../health/summary.js";
import { heldMessage } from "../plan/budget.js";
import { recordAttempt } from "../plan/history.js";
import type { InventoryEntry } from "../plan/object-id.js";
import type { Applied } from "./applied.js";
import type { Problem } from "./problem.js";
import type { Kustomization, KustomizationStatus } from "./resource.js";
import type { DeliverySettings } from "./settings.js";
import { intervalMs, retryIntervalMs, timeoutMs } from "./times.js";

type ApplyDone = Extract<Applied, { did: "apply" }>;
type Fields = Partial<{ [field in keyof KustomizationStatus]: KustomizationStatus[field] | undefined }>;

/** Turns what a run did into conditions, status and the next wake-up. Pure. */
export function concludeRun(
  object: Kustomization,
  applied: Applied,
  now: number,
  settings: DeliverySettings,
): Outcome {
  switch (applied.did) {
    case "report":
      return reportOutcome(object, applied.problem, settings);
    case "finalize":
      return finalizeOutcome(object, applied, now);
    case "apply":
      return applyOutcome(object, applied, now);
  }
}

function reportOutcome(object: Kustomization, problem: Problem, settings: DeliverySettings): Outcome {
  const conditions = [ready("False", problem.reason, problem.message), ...healthyBefore(object)];
  const status = {
    conditions,
    fields: problem.attempted === true ? { lastAttemptedRevision: problem.revision } : {},
  };
  switch (problem.wait) {
    case "stalled":
      return { kind: "stalled", status };
    case "watched":
      return { kind: "waiting", status, retryAfterMs: intervalMs(object.spec) };
    case "retry":
      return { kind: "waiting", status, retryAfterMs: retryIntervalMs(object.spec) };
    case "soon":
      return { kind: "waiting", status, retryAfterMs: settings.dependencyRetryMs };
  }
}

function finalizeOutcome(
  object: Kustomization,
  applied: Extract<Applied, { did: "finalize" }>,
  now: number,
): Outcome {
  const status = (reason: string, message: string) => ({
    conditions: [ready("False", reason, message), ...healthyBefore(object)],
  });
  if (applied.errors.length > 0) {
    const message = `delete failed, errors: ${applied.errors.join(";")};`;
    return {
      kind: "waiting",
      status: status("PruneFailed", message),
      retryAfterMs: retryIntervalMs(object.spec),
    };
  }
  const left = terminationDeadline(object) - now;
  if (waitsForTermination(object, applied.terminating) && left > 0) {
    const message = `waiting for ${applied.terminating} objects to be terminated`;
    return { kind: "waiting", status: status("Progressing", message), retryAfterMs: left };
  }
  return { kind: "settled", status: status("Succeeded", "finalized") };
}

function waitsForTermination(object: Kustomization, terminating: number): boolean {
  return object.spec.deletionPolicy === "WaitForTermination" && terminating > 0;
}

/** Whether objects are terminating still after all the time that was given them. */
export function terminationTimedOut(object: Kustomization, terminating: number, now: number): boolean {
  return waitsForTermination(object, terminating) && terminationDeadline(object) <= now;
}

/** When waiting for terminated objects ends. */
function terminationDeadline(object: Kustomization): number {
  const { deletionTimestamp } = object.metadata;
  return (deletionTimestamp === undefined ? 0 : parseTime(deletionTimestamp)) + timeoutMs(object.spec);
}

function applyOutcome(object: Kustomization, applied: ApplyDone, now: number): Outcome {
  if (applied.failures.length > 0) return applyFailed(object, applied, now);
  if (applied.pruneErrors.length > 0) {
    const message = `delete failed, errors: ${applied.pruneErrors.join(";")};`;
    return failed(object, applied, "PruneFailed", message, now);
  }
  if (applied.held !== undefined) return heldOutcome(object, applied, now);
  switch (applied.health.state) {
    case "failed":
      return unhealthy(object, applied, applied.health.message, now);
    case "waiting": {
      const timedOut = healthTimedOut(object, applied, now);
      if (timedOut !== undefined) return unhealthy(object, applied, timedOut, now);
      const since = healthSince(object, applied, now);
      return healthPending(object, applied, since + timeoutMs(object.spec) - now);
    }
    case "healthy":
    case "none":
      return succeeded(object, applied, now);
  }
}

function applyFailed(object: Kustomization, applied: ApplyDone, now: number): Outcome {
  const log = changeLog(applied.changes);
  const message =
    applied.failures.map((failure) => failure.message).join("\n") + (log === "" ? "" : `\n${log}`);
  return failed(object, applied, "ReconciliationFailed", message, now);
}

function failed(
  object: Kustomization,
  applied: ApplyDone,
  reason: string,
  message: string,
  now: number,
): Outcome {
  return {
    kind: "waiting",
    status: {
      conditions: [ready("False", reason, message), ...healthyBefore(object)],
      fields: { ...attemptFields(object, applied, reason, now), inventory: inventoryOf(object, applied) },
    },
    retryAfterMs: retryIntervalMs(object.spec),
  };
}

function heldOutcome(object: Kustomization, applied: ApplyDone, now: number): Outcome {
  const message = applied.held === undefined ? "" : heldMessage(applied.held);
  const held: Condition = { type: "DeletionHeld", status: "True", reason: "BudgetExceeded", message };
  return {
    kind: "waiting",
    status: {
      conditions: [ready("False", "DeletionHeld", message), held, ...healthyBefore(object)],
      fields: {
        ...attemptFields(object, applied, "DeletionHeld", now),
        inventory: inventoryOf(object, applied),
      },
    },
    retryAfterMs: intervalMs(object.spec),
  };
}

/** What `Healthy` and `Reconciling` say while objects become healthy. */
export function healthMessage(object: Kustomization, revision: string): string {
  return `Running health checks for revision ${revision} with a timeout of ${formatDuration(timeoutMs(object.spec))}`;
}

/** What `Reconciling` says while objects are applied. */
export function progressMessage(object: Kustomization, revision: string): string {
  return `Detecting drift for revision ${revision} with a timeout of ${formatDuration(timeoutMs(object.spec))}`;
}

/** What is said when waiting for health has taken too long; `undefined` while it has not. */
export function healthTimedOut(object: Kustomization, applied: ApplyDone, now: number): string | undefined {
  if (applied.health.state !== "waiting") return undefined;
  if (healthSince(object, applied, now) + timeoutMs(object.spec) > now) return undefined;
  return healthTimeout(applied.health.waitingFor) + raisedTimeout(object);
}

/** Who asked for a shorter time than there is should not wonder. */
function raisedTimeout({ spec }: Kustomization): string {
  if (spec.timeout === undefined || parseDuration(spec.timeout) >= timeoutMs(spec)) return "";
  return ` (spec.timeout is ${spec.timeout}; the shortest there is is ${formatDuration(timeoutMs(spec))})`;
}

/** Since when this revision is waited for: the status remembers it over restarts. */
export function healthSince(object: Kustomization, applied: ApplyDone, now: number): number {
  const before = getCondition(object.status?.conditions, "Healthy");
  const same = before?.status === "Unknown" && before.message === healthMessage(object, applied.revision);
  return same && applied.changes.every(isUnchanged) ? parseTime(before.lastTransitionTime) : now;
}

function healthPending(object: Kustomization, applied: ApplyDone, leftMs: number): Outcome {
  const message = healthMessage(object, applied.revision);
  const conditions: Condition[] = [
    ready("Unknown", "Progressing", "Reconciliation in progress"),
    { type: "Reconciling", status: "True", reason: "Progressing", message },
    { type: "Healthy", status: "Unknown", reason: "Progressing", message },
  ];
  const fields: Fields = { lastAttemptedRevision: applied.revision, inventory: inventoryOf(object, applied) };
  return { kind: "waiting", status: { conditions, fields }, retryAfterMs: leftMs };
}

function unhealthy(object: Kustomization, applied: ApplyDone, problem: string, now: number): Outcome {
  const since = healthSince(object, applied, now);
  const message = `health check failed after ${formatDuration(now - since)}: ${problem}`;
  const before = getCondition(object.status?.conditions, "Ready");
  // The same failure at the next attempt keeps its text, and with it costs no write.
  const same = before?.reason === "HealthCheckFailed" && before.message.endsWith(`: ${problem}`);
  const text = same ? before.message : message;
  const outcome = failed(object, applied, "HealthCheckFailed", text, now);
  const healthy: Condition = {
    type: "Healthy",
    status: "False",
    reason: "HealthCheckFailed",
    message: problem,
  };
  const conditions = [ready("False", "HealthCheckFailed", text), healthy];
  return { ...outcome, status: { ...outcome.status, conditions } };
}

function succeeded(object: Kustomization, applied: ApplyDone, now: number): Outcome {
  const { revision, originRevision } = applied;
  const conditions = [
    ready("True", "ReconciliationSucceeded", `Applied revision: ${revision}`),
    ...healthyNow(object, applied, now),
  ];
  const fields: Fields = {
    inventory: inventoryOf(object, applied),
    lastAppliedRevision: revision,
    lastAppliedOriginRevision: originRevision,
    lastAttemptedRevision: revision,
    ...(isNews(object, applied) ? attemptFields(object, applied, "ReconciliationSucceeded", now) : {}),
  };
  return { kind: "settled", status: { conditions, fields }, resyncAfterMs: intervalMs(object.spec) };
}

function healthyNow(object: Kustomization, applied: ApplyDone, now: number): readonly Condition[] {
  if (applied.health.state === "none") return [];
  const before = getCondition(object.status?.conditions, "Healthy");
  if (before?.status === "True" && !isNews(object, applied)) return healthyBefore(object);
  const since = healthSince(object, applied, now);
  const message = `Health check passed in ${formatDuration(now - since)}`;
  return [{ type: "Healthy", status: "True", reason: "Succeeded", message }];
}

/** Whether a run did or found anything that the status does not say already. */
export function isNews(object: Kustomization, applied: ApplyDone): boolean {
  const { status, metadata } = object;
  return (
    applied.changes.some((change) => !isUnchanged(change)) ||
    applied.pruned.length > 0 ||
    status?.lastAppliedRevision !== applied.revision ||
    status.observedGeneration !== metadata.generation ||
    getCondition(status.conditions, "Ready")?.status !== "True"
  );
}

function isUnchanged(change: { readonly action: string }): boolean {
  return change.action === "unchanged" || change.action === "skipped";
}

function attemptFields(object: Kustomization, applied: ApplyDone, result: string, now: number): Fields {
  const { revision, originRevision, digest, startedAt } = applied;
  const last = object.status?.history?.[0];
  const ready = getCondition(object.status?.conditions, "Ready");
  // A failure that repeats itself is not news either.
  const repeated =
    result !== "ReconciliationSucceeded" &&
    last?.digest === digest &&
    last.lastReconciledStatus === result &&
    ready?.reason === result;
  if (repeated) return { lastAttemptedRevision: revision };
  const attempt = {
    digest,
    result,
    durationMs: now - startedAt,
    metadata: { revision, ...(originRevision === undefined ? {} : { originRevision }) },
  };
  return { lastAttemptedRevision: revision, history: recordAttempt(object.status?.history, attempt, now) };
}

/**
 * The inventory after a run: what was applied, and what could not be deleted. After a failed apply
 * also all that was there before, so that nothing is lost sight of.
 */
function inventoryOf(
  object: Kustomization,
  applied: ApplyDone,
): NonNullable<KustomizationStatus["inventory"]> {
  const before = object.status?.inventory?.entries ?? [];
  const now = applied.changes.map((change) => change.entry);
  if (applied.failures.length > 0) return { entries: merge(before, now) };
  return { entries: merge(now, applied.held === undefined ? applied.survivors : applied.stale) };
}

function merge(first: readonly InventoryEntry[], second: readonly InventoryEntry[]): InventoryEntry[] {
  const ids = new Set(first.map((entry) => entry.id));
  return [...first, ...second.filter((entry) => !ids.has(entry.id))];
}

function ready(status: Condition["status"], reason: string, message: string): Condition {
  return { type: "Ready", status, reason, message };
}

function healthyBefore(object: Kustomization): readonly Condition[] {
  const healthy = getCondition(object.status?.conditions, "Healthy");
  if (healthy === undefined) return [];
  const { type, status, reason, message } = healthy;
  return [{ type, status, reason, message }];
}
