import type { Pod } from "../model/pod.js";
import { createdAt, isReady, readySince } from "./pod-state.js";

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

/**
 * Orders pods for deletion, the one to go first in front: unassigned, pending, not ready, cheap, ready for
 * a short time, often restarted, young.
 */
export function byDeletionRank(now: number): (a: Pod, b: Pod) => number {
  return (a, b) =>
    Number(isAssigned(a)) - Number(isAssigned(b)) ||
    phaseOf(a) - phaseOf(b) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    costOf(a) - costOf(b) ||
    logAge(readySince(a) ?? now, now) - logAge(readySince(b) ?? now, now) ||
    restartsOf(b) - restartsOf(a) ||
    logAge(createdAt(a), now) - logAge(createdAt(b), now) ||
    compareUids(a, b);
}

function isAssigned(pod: Pod): boolean {
  return (pod.spec.nodeName ?? "") !== "";
}

function phaseOf(pod: Pod): number {
  return phaseRank[pod.status?.phase ?? "Pending"] ?? 0;
}

function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  return text !== undefined && /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}

/** Ages are told apart by orders of magnitude only, so that which pod goes is spread evenly. */
function logAge(since: number, now: number): number {
  return Math.floor(Math.log2(Math.max(now - since, 1)));
}

function restartsOf(pod: Pod): number {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.reduce((most, { restartCount }) => Math.max(most, restartCount), 0);
}

function compareUids(a: Pod, b: Pod): number {
  const [x, y] = [a.metadata.uid ?? "", b.metadata.uid ?? ""];
  return x < y ? -1 : x > y ? 1 : 0;
}
