import type { ReplicaSet } from "../model/workload.js";
import { type RolloutDraft, totalAvailable, totalReplicas } from "./draft.js";
import { effectiveFenceposts, replicasOf } from "./fenceposts.js";
import { newSetSize } from "./new-set.js";

/** One step of a rolling update: up, or else down; never both ways in one sync. */
export function rollForward(draft: RolloutDraft): void {
  if (resizeNewSet(draft)) return;
  shrinkOldSets(draft);
}

/** Grows the newest ReplicaSet as far as the surge allows, or cuts it to what is wanted. */
export function resizeNewSet(draft: RolloutDraft): boolean {
  const { newSet, replicas } = draft;
  if (newSet === undefined) return false;
  const have = replicasOf(newSet.spec);
  if (have === replicas) return false;
  return draft.scale(newSet, have > replicas ? replicas : newSetSize(draft));
}

/** Takes pods from old ReplicaSets: the unhealthy first, then as many as availability allows. */
function shrinkOldSets(draft: RolloutDraft): void {
  if (totalReplicas(draft.oldSets) === 0) return;
  const { newSet, replicas } = draft;
  const minAvailable = replicas - effectiveFenceposts(draft.deployment).unavailable;
  const newMissing =
    newSet === undefined ? 0 : replicasOf(newSet.spec) - (newSet.status?.availableReplicas ?? 0);
  const most = totalReplicas(draft.all) - minAvailable - newMissing;
  if (most <= 0) return;
  shrink(draft, most, (set) => replicasOf(set.spec) - (set.status?.availableReplicas ?? 0));
  const spare = totalAvailable(draft.all) - minAvailable;
  if (spare > 0) shrink(draft, spare, (set) => replicasOf(set.spec));
}

/** Takes up to `most` pods from old sets, oldest first, from each at most what `share` says. */
function shrink(draft: RolloutDraft, most: number, share: (set: ReplicaSet) => number): void {
  let left = most;
  for (const set of draft.oldSets) {
    const taken = Math.min(left, Math.max(share(set), 0));
    if (taken > 0) draft.scale(set, replicasOf(set.spec) - taken);
    left -= taken;
  }
}

/** Takes all pods from old ReplicaSets. Whether there were any. */
export function stopOldSets(draft: RolloutDraft): boolean {
  let stopped = false;
  for (const set of draft.oldSets) {
    if (replicasOf(set.spec) > 0) stopped = draft.scale(set, 0) || stopped;
  }
  return stopped;
}
