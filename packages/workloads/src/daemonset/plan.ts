import type { KubeObject } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import type { DaemonSet, DaemonSetStatus } from "../model/workload.js";
import { scaled } from "../shared/int-or-percent.js";
import { createdAt, isAvailable, isDeleting, isReady, isTerminal } from "../shared/pod-state.js";
import { nodeOf, nodeVerdict } from "./nodes.js";

export const HASH_LABEL = "controller-revision-hash";
export const GENERATION_LABEL = "pod-template-generation";
const GENERATION_ANNOTATION = "deprecated.daemonset.template.generation";

/** Pods that a sync creates or deletes at most. */
const burst = 250;

export interface DaemonSetView {
  readonly set: DaemonSet;
  readonly pods: readonly Pod[];
  readonly nodes: readonly KubeObject[];
  /** The hash of the declared template. */
  readonly hash: string;
  readonly now: number;
}

export interface DaemonSetPlan {
  /** Names of the nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Pods that ended and are removed for that. */
  readonly ended: readonly Pod[];
}

/** One node with the pods that the daemon has there. */
interface Place {
  readonly node: KubeObject;
  readonly run: boolean;
  readonly stay: boolean;
  readonly pods: readonly Pod[];
}

/** The generation of the template as the API counts it. */
export function templateGeneration(set: DaemonSet): string | undefined {
  return set.metadata.annotations?.[GENERATION_ANNOTATION];
}

/** One sync of a DaemonSet: a pod on every node that takes one, then its update. Pure. */
export function planDaemonSet(view: DaemonSetView): DaemonSetPlan {
  const places = placesOf(view);
  const known = new Set(view.nodes.map(({ metadata }) => metadata.name));
  const lost = view.pods.filter((pod) => !isDeleting(pod) && !known.has(nodeOf(pod) ?? ""));
  const create: string[] = [];
  const remove: Pod[] = [...lost];
  const ended: Pod[] = [];
  for (const place of places) {
    const live = place.pods.filter((pod) => !isDeleting(pod));
    if (!place.stay) {
      remove.push(...live);
      continue;
    }
    if (!place.run) continue;
    const over = live.filter(isTerminal);
    ended.push(...over);
    const running = live.filter((pod) => !isTerminal(pod));
    if (place.pods.length === 0) create.push(place.node.metadata.name);
    else if (surgeOf(view) === 0 && running.length > 1)
      remove.push(...[...running].sort(byAssignment).slice(1));
  }
  if ((view.set.spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate") {
    const gone = new Set([...remove, ...ended]);
    const step = surgeOf(view) > 0 ? rollWithSurge(view, places) : rollInPlace(view, places);
    remove.push(...step.remove.filter((pod) => !gone.has(pod)));
    create.push(...step.create.filter((node) => !create.includes(node)));
  }
  return { create: create.slice(0, burst), remove: remove.slice(0, burst), ended };
}

function placesOf({ set, nodes, pods }: DaemonSetView): Place[] {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod) ?? "";
    byNode.set(node, [...(byNode.get(node) ?? []), pod]);
  }
  return nodes.map((node) => ({
    node,
    ...nodeVerdict(set, node),
    pods: byNode.get(node.metadata.name) ?? [],
  }));
}

/** Assigned pods first, then the oldest. */
function byAssignment(a: Pod, b: Pod): number {
  const assigned = (pod: Pod) => Number((pod.spec.nodeName ?? "") !== "");
  return (
    assigned(b) - assigned(a) || createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

function isUpdated({ set, hash }: DaemonSetView, pod: Pod): boolean {
  const { labels = {} } = pod.metadata;
  const generation = templateGeneration(set);
  return labels[HASH_LABEL] === hash || (generation !== undefined && labels[GENERATION_LABEL] === generation);
}

function isUp({ set, now }: DaemonSetView, pod: Pod): boolean {
  return isAvailable(pod, set.spec.minReadySeconds ?? 0, now) && !isDeleting(pod);
}

function desiredCount(view: DaemonSetView): number {
  return view.nodes.filter((node) => nodeVerdict(view.set, node).run).length;
}

function surgeOf(view: DaemonSetView): number {
  return scaled(view.set.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, desiredCount(view), "up");
}

function unavailableOf(view: DaemonSetView): number {
  const desired = desiredCount(view);
  const value = scaled(view.set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired, "up");
  return value === 0 && surgeOf(view) === 0 && desired > 0 ? 1 : value;
}

interface Step {
  readonly create: string[];
  readonly remove: Pod[];
}

/** Old pods that are down go at once; those that are up go while enough others are. */
function rollInPlace(view: DaemonSetView, places: readonly Place[]): Step {
  const remove: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const { pods } of places.filter(({ run }) => run)) {
    const updated = pods.find((pod) => isUpdated(view, pod) && !isDeleting(pod));
    const old = pods.find((pod) => !isUpdated(view, pod) && !isDeleting(pod));
    if (updated === undefined && old === undefined) unavailable++;
    else if (updated !== undefined && old === undefined) unavailable += isUp(view, updated) ? 0 : 1;
    else if (old !== undefined && !isUp(view, old)) {
      remove.push(old);
      unavailable++;
    } else if (old !== undefined) candidates.push(old);
  }
  const budget = Math.max(unavailableOf(view) - unavailable, 0);
  return { create: [], remove: [...remove, ...candidates.slice(0, budget)] };
}

/** New pods come beside the old ones, which go when the new are available, or at once where they are down. */
function rollWithSurge(view: DaemonSetView, places: readonly Place[]): Step {
  const remove: Pod[] = [];
  const create: string[] = [];
  const waiting: string[] = [];
  let surging = 0;
  for (const { node, pods } of places.filter(({ run }) => run)) {
    const updated = pods.find((pod) => isUpdated(view, pod) && !isDeleting(pod));
    const old = pods.find((pod) => !isUpdated(view, pod) && !isDeleting(pod));
    if (old === undefined) continue;
    if (updated !== undefined) {
      if (isUp(view, updated) || !isReady(old)) remove.push(old);
      else surging++;
    } else if (isUp(view, old)) waiting.push(node.metadata.name);
    else create.push(node.metadata.name);
  }
  const budget = Math.max(surgeOf(view) - surging, 0);
  return { create: [...create, ...waiting.slice(0, budget)], remove };
}

/** The status of a DaemonSet, one pod a node. */
export function daemonSetStatus(view: DaemonSetView): DaemonSetStatus {
  const { set } = view;
  let [desired, current, misscheduled, ready, available, updated] = [0, 0, 0, 0, 0, 0];
  for (const { run, pods } of placesOf(view)) {
    const living = pods.filter((pod) => !isTerminal(pod));
    if (!run) {
      misscheduled += living.length > 0 ? 1 : 0;
      continue;
    }
    desired++;
    const [pod] = [...living].sort(byAssignment);
    if (pod === undefined) continue;
    current++;
    if (isReady(pod)) ready++;
    if (isAvailable(pod, set.spec.minReadySeconds ?? 0, view.now)) available++;
    if (isUpdated(view, pod)) updated++;
  }
  const unavailable = desired - available;
  const collisionCount = set.status?.collisionCount;
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 0,
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(available === 0 ? {} : { numberAvailable: available }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}
