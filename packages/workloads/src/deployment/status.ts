import { parseTime } from "@capstan/kube";
import type { DeploymentStatus, ReplicaSet, WorkloadCondition } from "../model/workload.js";
import { findCondition, restate, type Statement, state, without } from "./conditions.js";
import { type RolloutDraft, totalAvailable, totalReplicas } from "./draft.js";
import { effectiveFenceposts, hasProgressDeadline, replicasOf } from "./fenceposts.js";

/** Says what pausing and resuming do to the progress of a rollout. */
export function notePause(draft: RolloutDraft): void {
  if (!hasProgressDeadline(draft.deployment)) return;
  const reason = findCondition(draft.conditions, "Progressing")?.reason;
  if (reason === "ProgressDeadlineExceeded") return;
  const paused = draft.deployment.spec.paused === true;
  if (paused && reason !== "DeploymentPaused") {
    note(draft, "Unknown", "DeploymentPaused", "Deployment is paused");
  } else if (!paused && reason === "DeploymentPaused") {
    note(draft, "Unknown", "DeploymentResumed", "Deployment is resumed");
  }
}

function note(draft: RolloutDraft, status: Statement["status"], reason: string, message: string): void {
  draft.conditions = state(draft.conditions, { type: "Progressing", status, reason, message }, draft.now);
}

/** Counters and availability, without a word on the rollout's progress. */
export function countedStatus(draft: RolloutDraft): DeploymentStatus {
  const { deployment, newSet, now } = draft;
  const sets = draft.all;
  const available = totalAvailable(sets);
  const minAvailable = replicasOf(deployment.spec) - effectiveFenceposts(deployment).unavailable;
  const terminating = totalTerminating(sets);
  const collisionCount = deployment.status?.collisionCount;
  const conditions = state(draft.conditions, availability(available >= minAvailable), now);
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...counter("replicas", sum(sets, "replicas")),
    ...counter("updatedReplicas", newSet?.status?.replicas ?? 0),
    ...counter("readyReplicas", sum(sets, "readyReplicas")),
    ...counter("availableReplicas", available),
    ...counter("unavailableReplicas", Math.max(totalReplicas(sets) - available, 0)),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: [...conditions],
  };
}

/** Counters that are 0 are left out, as Kubernetes does. */
function counter(name: string, value: number): Record<string, number> {
  return value === 0 ? {} : { [name]: value };
}

function availability(enough: boolean): Statement {
  return enough
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

function sum(sets: readonly ReplicaSet[], name: "replicas" | "readyReplicas"): number {
  return sets.reduce((total, set) => total + (set.status?.[name] ?? 0), 0);
}

/** Unknown as soon as one set does not say; sets that nobody looked at yet have none. */
function totalTerminating(sets: readonly ReplicaSet[]): number | undefined {
  let total = 0;
  for (const { status } of sets) {
    if (status?.terminatingReplicas !== undefined) total += status.terminatingReplicas;
    else if ((status?.observedGeneration ?? 0) !== 0) return undefined;
  }
  return total;
}

/** Whether nothing is left to do for the template and size that the Deployment declares. */
export function isComplete(draft: RolloutDraft, status: DeploymentStatus): boolean {
  const { replicas } = draft;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (draft.deployment.metadata.generation ?? 0)
  );
}

/** Counters, availability, and how the rollout gets on. */
export function rolloutStatus(draft: RolloutDraft): DeploymentStatus {
  const counted = countedStatus(draft);
  const progressed = withProgress(draft, counted);
  return { ...counted, conditions: [...withFailure(draft, progressed)] };
}

function withProgress(draft: RolloutDraft, status: DeploymentStatus): readonly WorkloadCondition[] {
  const conditions = status.conditions ?? [];
  if (!hasProgressDeadline(draft.deployment)) return without(conditions, "Progressing");
  const current = findCondition(conditions, "Progressing");
  const done = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  if (done && current?.reason === "NewReplicaSetAvailable") return conditions;
  const subject =
    draft.newSet === undefined
      ? `Deployment "${draft.deployment.metadata.name}"`
      : `ReplicaSet "${draft.newSet.metadata.name}"`;
  if (isComplete(draft, status)) {
    const message = `${subject} has successfully progressed.`;
    const statement = {
      type: "Progressing",
      status: "True",
      reason: "NewReplicaSetAvailable",
      message,
    } as const;
    return state(conditions, statement, draft.now);
  }
  if (hasProgressed(draft.deployment.status ?? {}, status)) {
    const message = `${subject} is progressing.`;
    const statement = { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message } as const;
    return restate(conditions, statement, draft.now);
  }
  if (hasTimedOut(draft, current)) {
    const message = `${subject} has timed out progressing.`;
    const statement = {
      type: "Progressing",
      status: "False",
      reason: "ProgressDeadlineExceeded",
      message,
    } as const;
    return state(conditions, statement, draft.now);
  }
  return conditions;
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function deadlineOf(draft: RolloutDraft, current: WorkloadCondition): number {
  const since = current.lastUpdateTime === undefined ? draft.now : parseTime(current.lastUpdateTime);
  return since + (draft.deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

function hasTimedOut(draft: RolloutDraft, current: WorkloadCondition | undefined): boolean {
  if (current === undefined || current.reason === "NewReplicaSetAvailable") return false;
  return current.reason === "ProgressDeadlineExceeded" || deadlineOf(draft, current) < draft.now;
}

/** When to look again for a rollout that may be stuck; `undefined` where none is. */
export function untilDeadline(draft: RolloutDraft, status: DeploymentStatus): number | undefined {
  const current = findCondition(status.conditions ?? [], "Progressing");
  if (!hasProgressDeadline(draft.deployment) || current === undefined) return undefined;
  if (current.reason === "ProgressDeadlineExceeded" || isComplete(draft, status)) return undefined;
  return Math.max(deadlineOf(draft, current) - draft.now, 0) + 1000;
}

function withFailure(
  draft: RolloutDraft,
  conditions: readonly WorkloadCondition[],
): readonly WorkloadCondition[] {
  const failed = [draft.newSet, ...draft.oldSets]
    .map((set) => findCondition(set?.status?.conditions ?? [], "ReplicaFailure"))
    .find((condition) => condition !== undefined);
  if (failed === undefined) return without(conditions, "ReplicaFailure");
  const { type, status, reason = "", message = "" } = failed;
  return state(conditions, { type, status, reason, message }, draft.now);
}
