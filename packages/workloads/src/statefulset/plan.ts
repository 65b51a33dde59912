import type { Pod } from "../model/pod.js";
import type { StatefulSet } from "../model/workload.js";
import { scaled } from "../shared/int-or-percent.js";
import { isAvailable, isDeleting, isReady, isTerminal } from "../shared/pod-state.js";
import { firstOrdinal, ordinalOf, REVISION_LABEL } from "./identity.js";

/** What a StatefulSet's sync looks at. */
export interface StatefulSetView {
  readonly set: StatefulSet;
  /** The pods that it controls. */
  readonly pods: readonly Pod[];
  /** Names of the revisions. */
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly now: number;
}

export interface StatefulSetPlan {
  readonly create: readonly { readonly ordinal: number; readonly revision: string }[];
  /** Pods beyond the size, and pods to be replaced. */
  readonly remove: readonly Pod[];
}

const nothing: StatefulSetPlan = { create: [], remove: [] };

/** One sync of a StatefulSet: its pods in order, then those beyond its size, then its update. Pure. */
export function planStatefulSet(view: StatefulSetView): StatefulSetPlan {
  const { set, pods } = view;
  const first = firstOrdinal(set);
  const size = set.spec.replicas ?? 1;
  const slots: (Pod | undefined)[] = Array.from({ length: size }, () => undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (ordinal >= first && ordinal < first + size) slots[ordinal - first] = pod;
    else condemned.push(pod);
  }
  condemned.sort((a, b) => (ordinalOf(set, b) ?? 0) - (ordinalOf(set, a) ?? 0));
  const filled = fillSlots(view, slots);
  if (filled.stop) return filled.plan;
  const shrunk = shrink(view, slots, condemned);
  const plan = join(filled.plan, shrunk.plan);
  if (shrunk.stop || set.spec.updateStrategy?.type === "OnDelete") return plan;
  return join(plan, { create: [], remove: update(view, slots, filled.plan) });
}

interface Step {
  readonly plan: StatefulSetPlan;
  readonly stop: boolean;
}

function join(a: StatefulSetPlan, b: StatefulSetPlan): StatefulSetPlan {
  return { create: [...a.create, ...b.create], remove: [...a.remove, ...b.remove] };
}

/** Whether one pod waits for the other. */
function isOrdered(set: StatefulSet): boolean {
  return (set.spec.podManagementPolicy ?? "OrderedReady") !== "Parallel";
}

function isHealthy(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isReady(pod) && !isDeleting(pod);
}

function isUsable(pod: Pod, view: StatefulSetView): boolean {
  return isHealthy(pod) && isAvailable(pod, view.set.spec.minReadySeconds ?? 0, view.now);
}

function fillSlots(view: StatefulSetView, slots: readonly (Pod | undefined)[]): Step {
  const ordered = isOrdered(view.set);
  const create: { ordinal: number; revision: string }[] = [];
  const remove: Pod[] = [];
  for (const [at, pod] of slots.entries()) {
    const ordinal = firstOrdinal(view.set) + at;
    if (pod === undefined) create.push({ ordinal, revision: revisionFor(view, ordinal) });
    else if (isTerminal(pod) && !isDeleting(pod)) remove.push(pod);
    else if (isUsable(pod, view)) continue;
    if (ordered) return { plan: { create, remove }, stop: true };
  }
  return { plan: { create, remove }, stop: false };
}

/** The revision that a pod which is created now gets. */
function revisionFor({ set, currentRevision, updateRevision }: StatefulSetView, ordinal: number): string {
  const strategy = set.spec.updateStrategy;
  if (strategy?.type === "OnDelete") return updateRevision;
  const kept = strategy?.rollingUpdate === undefined ? (set.status?.currentReplicas ?? 0) : partitionOf(set);
  return ordinal < firstOrdinal(set) + kept ? currentRevision : updateRevision;
}

function partitionOf(set: StatefulSet): number {
  return set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

function shrink(view: StatefulSetView, slots: readonly (Pod | undefined)[], condemned: readonly Pod[]): Step {
  if (!isOrdered(view.set)) {
    return { plan: { create: [], remove: condemned.filter((pod) => !isDeleting(pod)) }, stop: false };
  }
  const unhealthy = firstUnhealthy(slots, condemned);
  const pod = condemned[0];
  if (pod === undefined) return { plan: nothing, stop: false };
  const waits = isDeleting(pod) || (!isUsable(pod, view) && pod !== unhealthy);
  return { plan: { create: [], remove: waits ? [] : [pod] }, stop: true };
}

/** The lowest unhealthy pod of the range, else the lowest beyond it. */
function firstUnhealthy(slots: readonly (Pod | undefined)[], condemned: readonly Pod[]): Pod | undefined {
  return (
    slots.find((pod) => pod !== undefined && !isHealthy(pod)) ?? condemned.findLast((pod) => !isHealthy(pod))
  );
}

/** Pods of the range that the update takes down now, from the highest ordinal to the partition. */
function update(view: StatefulSetView, slots: readonly (Pod | undefined)[], filled: StatefulSetPlan): Pod[] {
  const { set } = view;
  const limit = maxUnavailable(set);
  const from = Math.max(partitionOf(set) - firstOrdinal(set), 0);
  const candidates = slots.slice(Math.min(from, slots.length)).reverse();
  const outdated = (pod: Pod) =>
    pod.metadata.labels?.[REVISION_LABEL] !== view.updateRevision &&
    !isDeleting(pod) &&
    !filled.remove.includes(pod);
  if (limit <= 1) {
    for (const pod of candidates) {
      if (pod !== undefined && outdated(pod)) return [pod];
      if (pod === undefined || !isUsable(pod, view)) return [];
    }
    return [];
  }
  const unavailable = slots.filter((pod) => pod === undefined || !isUsable(pod, view)).length;
  const budget = Math.max(limit - unavailable, 0);
  return candidates.filter((pod): pod is Pod => pod !== undefined && outdated(pod)).slice(0, budget);
}

function maxUnavailable(set: StatefulSet): number {
  const value = set.spec.updateStrategy?.rollingUpdate?.maxUnavailable;
  return value === undefined ? 1 : Math.max(scaled(value, set.spec.replicas ?? 1, "down"), 1);
}
