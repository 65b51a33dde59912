import type { RunContext } from "@capstan/controller";
import { formatDuration, getCondition } from "@capstan/kube";
import type { ApplyResult } from "../apply/apply-stages.js";
import { changeLog } from "../apply/change-set.js";
import { explainDrift } from "../live/drift.js";
import { heldMessage } from "../plan/budget.js";
import { type InventoryEntry, parseObjectId, subjectOf } from "../plan/object-id.js";
import type { Applied } from "./applied.js";
import type { Deleted } from "./apply-run.js";
import { healthSince, healthTimedOut, isNews } from "./conclude.js";
import type { DeliveryState } from "./delivery-state.js";
import type { Problem } from "./problem.js";
import type { Kustomization } from "./resource.js";
import { GROUP } from "./settings.js";
import { sourceRefOf } from "./source.js";
import { intervalMs } from "./times.js";

type ApplyDone = Extract<Applied, { did: "apply" }>;

/** Tells why a Kustomization could not be applied; the same reason is told again only to the hook. */
export function tellProblem(object: Kustomization, problem: Problem, context: RunContext): void {
  if (problem.event === undefined) return;
  const { type, message } = problem.event;
  context.events.record(object, {
    type,
    reason: problem.reason,
    message,
    metadata: metadataOf(problem.revision, undefined),
    hookOnly: isRepeated(object, problem.reason, problem.message),
  });
}

/** Tells what an apply changed, repaired, deleted, and how it ended. */
export function tellApplied(
  object: Kustomization,
  applied: ApplyDone,
  drifted: ApplyResult["drifted"],
  state: DeliveryState,
  context: RunContext,
): void {
  const metadata = metadataOf(applied.revision, applied.originRevision);
  const { events } = context;
  if (applied.failures.length === 0) {
    const log = changeLog(applied.changes);
    if (log !== "") events.normal(object, "Progressing", log, metadata);
  }
  for (const { desired, before, after } of drifted) {
    state.metrics.repairs.inc();
    const fields = explainDrift(before, after, state.names).map(
      ({ path, manager }) => `${path} (${manager})`,
    );
    const what = fields.length === 0 ? "fields added by others" : fields.join(", ");
    events.normal(object, "DriftCorrected", `${subjectOf(desired)} drift corrected: ${what}`, metadata);
  }
  if (applied.pruned.length > 0) {
    events.normal(
      object,
      "Progressing",
      applied.pruned.map((entry) => `${subject(entry)} deleted`).join("\n"),
      metadata,
    );
  }
  tellEnd(object, applied, context, metadata);
}

function tellEnd(
  object: Kustomization,
  applied: ApplyDone,
  context: RunContext,
  metadata: Readonly<Record<string, string>>,
): void {
  const end = endOf(object, applied, context.clock.now());
  if (end === undefined) return;
  if (end.reason !== "ReconciliationSucceeded") {
    const { reason, message } = end;
    context.events.record(object, {
      type: "Warning",
      reason,
      message,
      metadata,
      hookOnly: isRepeated(object, reason, message),
    });
    return;
  }
  const now = context.clock.now();
  const since = healthSince(object, applied, now);
  const healthy = getCondition(object.status?.conditions, "Healthy");
  const rolledOut =
    applied.revision !== object.status?.lastAppliedRevision && changeLog(applied.changes) !== "";
  if (applied.health.state === "healthy" && (healthy?.status !== "True" || rolledOut)) {
    context.events.normal(
      object,
      "Progressing",
      `Health check passed in ${formatDuration(now - since)}`,
      metadata,
    );
  }
  context.events.record(object, {
    type: "Normal",
    reason: end.reason,
    // Waiting for health is part of it, though no run lasts that long.
    message: `Reconciliation finished in ${formatDuration(now - Math.min(since, applied.startedAt))}, next run in ${formatDuration(intervalMs(object.spec))}`,
    metadata: { ...metadata, [`${GROUP}/commit_status`]: "update" },
    // Said at every run, so that commit statuses are refreshed; worth an Event only when it is news.
    hookOnly: !isNews(object, applied),
  });
}

function endOf(
  object: Kustomization,
  applied: ApplyDone,
  now: number,
): { reason: string; message: string } | undefined {
  if (applied.failures.length > 0) {
    return {
      reason: "ReconciliationFailed",
      message: applied.failures.map((failure) => failure.message).join("\n"),
    };
  }
  if (applied.pruneErrors.length > 0) {
    return { reason: "PruneFailed", message: `delete failed, errors: ${applied.pruneErrors.join(";")};` };
  }
  if (applied.held !== undefined) return { reason: "DeletionHeld", message: heldMessage(applied.held) };
  if (applied.health.state === "failed")
    return { reason: "HealthCheckFailed", message: applied.health.message };
  if (applied.health.state === "waiting") {
    const message = healthTimedOut(object, applied, now);
    return message === undefined ? undefined : { reason: "HealthCheckFailed", message };
  }
  return { reason: "ReconciliationSucceeded", message: "" };
}

/** Tells that health was waited for and is no more, because the source has another revision. */
export function tellCanceled(object: Kustomization, revision: string, context: RunContext): void {
  const { status } = object;
  const waited = status?.lastAttemptedRevision;
  const healthy = getCondition(status?.conditions, "Healthy");
  if (waited === undefined || waited === revision || healthy?.status !== "Unknown") return;
  const { kind, namespace, name } = sourceRefOf(object);
  const message = `Health checks canceled due to new reconciliation triggered by ${kind}/${namespace}/${name}`;
  context.events.normal(object, "HealthCheckCanceled", message, metadataOf(waited, undefined));
}

/** What came of deleting what a Kustomization had applied. */
export interface Finalized extends Deleted {
  /** What nobody could delete. */
  readonly abandoned: readonly InventoryEntry[];
  /** Objects are terminating still, and nobody waits for them any more. */
  readonly timedOut: boolean;
}

/** Tells what was deleted with the Kustomization, and what was left behind. */
export function tellFinalized(
  object: Kustomization,
  { abandoned, timedOut, ...result }: Finalized,
  context: RunContext,
): void {
  const { lastAppliedRevision, lastAppliedOriginRevision } = object.status ?? {};
  const metadata = metadataOf(lastAppliedRevision, lastAppliedOriginRevision);
  const { events } = context;
  const reason = getCondition(object.status?.conditions, "Ready")?.reason ?? "info";
  if (result.errors.length > 0)
    events.warning(object, reason, "pruning for deleted resource failed", metadata);
  if (result.deleted.length > 0) {
    events.normal(
      object,
      reason,
      result.deleted.map((one) => `${subjectOf(one)} deleted`).join("\n"),
      metadata,
    );
  }
  if (timedOut) events.warning(object, reason, "failed to wait for resources termination", metadata);
  if (abandoned.length > 0) {
    const message = `unable to prune objects: \n${abandoned.map(subject).join("\n")}`;
    events.warning(object, reason, message, metadata);
  }
}

function subject(entry: InventoryEntry): string {
  const id = parseObjectId(entry.id);
  return id === undefined ? entry.id : subjectOf(id);
}

function isRepeated(object: Kustomization, reason: string, message: string): boolean {
  const ready = getCondition(object.status?.conditions, "Ready");
  return ready?.reason === reason && ready.message === message;
}

function metadataOf(
  revision: string | undefined,
  originRevision: string | undefined,
): Readonly<Record<string, string>> {
  return {
    ...(revision === undefined ? {} : { [`${GROUP}/revision`]: revision }),
    ...(originRevision === undefined ? {} : { [`${GROUP}/originRevision`]: originRevision }),
  };
}
