import type { ReplicaSet } from "../model/workload.js";
import { createdAt } from "../shared/pod-state.js";
import { type RolloutDraft, totalReplicas } from "./draft.js";
import { effectiveFenceposts, isRollingUpdate, replicasOf } from "./fenceposts.js";
import { DESIRED_REPLICAS, MAX_REPLICAS } from "./revision.js";
import { stopOldSets } from "./rolling.js";

/** Whether the Deployment was resized since its ReplicaSets were: their annotations say for which size. */
export function isScalingEvent(draft: RolloutDraft): boolean {
  return active(draft.all).some((set) => {
    const desired = annotationNumber(set, DESIRED_REPLICAS);
    return desired !== undefined && desired !== draft.replicas;
  });
}

/** Spreads a new size over the ReplicaSets without moving the rollout on. */
export function rescale(draft: RolloutDraft): void {
  const { newSet, replicas } = draft;
  const only = activeOrLatest(draft);
  if (only !== undefined) {
    draft.scale(only, replicas);
  } else if (newSet !== undefined && isSaturated(draft, newSet)) {
    stopOldSets(draft);
  } else if (isRollingUpdate(draft.deployment)) {
    spread(draft);
  }
}

function active(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.filter((set) => replicasOf(set.spec) > 0);
}

function activeOrLatest(draft: RolloutDraft): ReplicaSet | undefined {
  const running = active(draft.all);
  if (running.length === 0) return draft.newSet ?? draft.oldSets.at(-1);
  return running.length === 1 ? running[0] : undefined;
}

function isSaturated({ replicas }: RolloutDraft, set: ReplicaSet): boolean {
  return (
    replicasOf(set.spec) === replicas &&
    annotationNumber(set, DESIRED_REPLICAS) === replicas &&
    (set.status?.availableReplicas ?? 0) === replicas
  );
}

/** Every running set grows or shrinks in proportion; the largest takes what rounding leaves. */
function spread(draft: RolloutDraft): void {
  const sets = active(draft.all);
  const limit = draft.replicas > 0 ? draft.replicas + effectiveFenceposts(draft.deployment).surge : 0;
  const delta = limit - totalReplicas(sets);
  sets.sort(bySize(delta > 0 ? "newest" : "oldest"));
  let added = 0;
  const sizes = sets.map((set) => {
    const size = replicasOf(set.spec);
    if (delta === 0) return size;
    const share = proportion(draft, set, delta - added);
    added += share;
    return size + share;
  });
  sets.forEach((set, at) => {
    const rest = at === 0 ? delta - added : 0;
    draft.scale(set, Math.max((sizes[at] ?? 0) + rest, 0));
  });
}

/** What a set gains or loses, at most `left`. */
function proportion(draft: RolloutDraft, set: ReplicaSet, left: number): number {
  if (left === 0) return 0;
  const size = replicasOf(set.spec);
  if (size === 0) return 0;
  const share = draft.replicas === 0 ? -size : roundHalfAway(scaledSize(draft, set)) - size;
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}

function scaledSize(draft: RolloutDraft, set: ReplicaSet): number {
  const limit = draft.replicas + effectiveFenceposts(draft.deployment).surge;
  const size = replicasOf(set.spec);
  const before = annotationNumber(set, MAX_REPLICAS) || (draft.deployment.status?.replicas ?? 0);
  return before === 0 ? size : (size * limit) / before;
}

function roundHalfAway(value: number): number {
  return value < 0 ? -Math.floor(-value + 0.5) : Math.floor(value + 0.5);
}

function bySize(ties: "newest" | "oldest"): (a: ReplicaSet, b: ReplicaSet) => number {
  const sign = ties === "newest" ? -1 : 1;
  return (a, b) => replicasOf(b.spec) - replicasOf(a.spec) || sign * (createdAt(a) - createdAt(b));
}

function annotationNumber(set: ReplicaSet, name: string): number | undefined {
  const text = set.metadata.annotations?.[name];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
