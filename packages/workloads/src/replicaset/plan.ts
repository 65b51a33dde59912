import { formatTime, matchesLabels } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import type { ReplicaSet, ReplicaSetStatus, WorkloadCondition } from "../model/workload.js";
import { byDeletionRank } from "../shared/pod-ranking.js";
import { isActive, isAvailable, isReady, isTerminating, untilAvailable } from "../shared/pod-state.js";
import { BURST } from "../shared/pod-writes.js";

export interface ReplicaSetPlan {
  /** How many pods to create. */
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** What brings a ReplicaSet to its size: pods that ended or are being deleted do not count. */
export function planReplicaSet(set: ReplicaSet, pods: readonly Pod[], now: number): ReplicaSetPlan {
  const active = pods.filter(isActive);
  const difference = active.length - (set.spec.replicas ?? 1);
  if (difference < 0) return { create: Math.min(-difference, BURST), remove: [] };
  if (difference === 0) return { create: 0, remove: [] };
  const count = Math.min(difference, BURST);
  const ranked = count < active.length ? [...active].sort(byDeletionRank(now)) : active;
  return { create: 0, remove: ranked.slice(0, count) };
}

/** Why pods could not be created or deleted. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/** The status of a ReplicaSet over the pods that it controls. */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetStatus {
  const active = pods.filter(isActive);
  const templateLabels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const requirements = templateLabels.map(([key, value]) => ({
    key,
    operator: "=" as const,
    values: [value],
  }));
  const labelled = active.filter((pod) => matchesLabels({ requirements }, pod.metadata.labels)).length;
  const ready = active.filter(isReady).length;
  const available = active.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length;
  const conditions = conditionsOf(set, failure, now);
  return {
    replicas: active.length,
    ...(labelled === 0 ? {} : { fullyLabeledReplicas: labelled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    terminatingReplicas: pods.filter(isTerminating).length,
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** When a pod that is ready becomes available; `undefined` where none waits for that. */
export function untilNextAvailable(set: ReplicaSet, pods: readonly Pod[], now: number): number | undefined {
  return untilAvailable(pods.filter(isActive), set.spec.minReadySeconds ?? 0, now);
}

function conditionsOf(
  set: ReplicaSet,
  failure: ReplicaFailure | undefined,
  now: number,
): WorkloadCondition[] {
  const before = set.status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== "ReplicaFailure");
  const known = before.find(({ type }) => type === "ReplicaFailure");
  if (failure === undefined) return others;
  const { reason, message } = failure;
  const time = formatTime(now);
  return [
    ...others,
    known ?? { type: "ReplicaFailure", status: "True", lastTransitionTime: time, reason, message },
  ];
}
