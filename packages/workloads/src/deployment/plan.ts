import type { Pod } from "../model/pod.js";
import type { Deployment, DeploymentStatus, ReplicaSet } from "../model/workload.js";
import { isTerminal } from "../shared/pod-state.js";
import { type DeploymentPlan, RolloutDraft } from "./draft.js";
import { isRollingUpdate, replicasOf, UNLIMITED } from "./fenceposts.js";
import { createNewSet, findNewSet, syncNewSet } from "./new-set.js";
import { revisionOf } from "./revision.js";
import { resizeNewSet, rollForward, stopOldSets } from "./rolling.js";
import { isScalingEvent, rescale } from "./scaling.js";
import { countedStatus, isComplete, notePause, rolloutStatus, untilDeadline } from "./status.js";

/** What a Deployment's sync looks at. */
export interface DeploymentView {
  readonly deployment: Deployment;
  /** The ReplicaSets that it controls. */
  readonly sets: readonly ReplicaSet[];
  /** Pods of those sets, those being deleted and ended included; needed for `Recreate`. */
  readonly pods: readonly Pod[];
  readonly now: number;
}

/** One sync of a Deployment, by the rules of Kubernetes' deployment controller. Pure. */
export function planDeployment({ deployment, sets, pods, now }: DeploymentView): DeploymentPlan {
  const newSet = findNewSet(deployment, sets);
  const draft = new RolloutDraft(
    deployment,
    newSet,
    sets.filter((set) => set !== newSet),
    now,
  );
  notePause(draft);
  if (deployment.spec.paused === true || isScalingEvent(draft)) {
    syncNewSet(draft);
    rescale(draft);
    if (deployment.spec.paused === true) cleanUp(draft);
    return finish(draft, countedStatus(draft));
  }
  if (isRollingUpdate(deployment)) roll(draft);
  else recreate(draft, pods);
  const status = rolloutStatus(draft);
  if (isComplete(draft, status)) cleanUp(draft);
  return finish(draft, status);
}

function roll(draft: RolloutDraft): void {
  if (draft.newSet === undefined) createNewSet(draft);
  else syncNewSet(draft);
  rollForward(draft);
}

function recreate(draft: RolloutDraft, pods: readonly Pod[]): void {
  if (draft.newSet !== undefined) syncNewSet(draft);
  if (stopOldSets(draft) || oldPodsRun(draft, pods)) return;
  if (draft.newSet === undefined) createNewSet(draft);
  resizeNewSet(draft);
}

function oldPodsRun(draft: RolloutDraft, pods: readonly Pod[]): boolean {
  if (draft.oldSets.some((set) => (set.status?.replicas ?? 0) > 0)) return true;
  const old = new Set(draft.oldSets.map((set) => set.metadata.uid));
  return pods.some(
    (pod) => !isTerminal(pod) && pod.metadata.ownerReferences?.some(({ uid }) => old.has(uid)),
  );
}

/** Drops the oldest revisions beyond the history limit, but none that still has or wants pods. */
function cleanUp(draft: RolloutDraft): void {
  const limit = draft.deployment.spec.revisionHistoryLimit;
  if (limit === undefined || limit === null || limit === UNLIMITED) return;
  const candidates = draft.oldSets
    .filter((set) => set.metadata.deletionTimestamp === undefined)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of candidates.slice(0, Math.max(candidates.length - limit, 0))) {
    const busy = (set.status?.replicas ?? 0) !== 0 || replicasOf(set.spec) !== 0;
    const unseen = (set.metadata.generation ?? 0) > (set.status?.observedGeneration ?? 0);
    if (!busy && !unseen) draft.deletions.push(set);
  }
}

function finish(draft: RolloutDraft, status: DeploymentStatus): DeploymentPlan {
  return {
    create: draft.create,
    changes: draft.changes,
    deletions: draft.deletions,
    status,
    annotations: draft.annotations,
    scalings: draft.scalings,
    resyncAfterMs: untilDeadline(draft, status),
  };
}
