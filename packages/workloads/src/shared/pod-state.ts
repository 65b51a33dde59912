import { getCondition, parseTime } from "@capstan/kube";
import type { Pod } from "../model/pod.js";

/** Whether a pod has ended and will not run again. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

export function isDeleting(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Neither ended nor being deleted. */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && !isDeleting(pod);
}

/** Being deleted but not ended. */
export function isTerminating(pod: Pod): boolean {
  return isDeleting(pod) && !isTerminal(pod);
}

export function isReady(pod: Pod): boolean {
  return getCondition(pod.status?.conditions, "Ready")?.status === "True";
}

/** Epoch ms since when the pod's `Ready` condition has been what it is. */
export function readySince(pod: Pod): number | undefined {
  const time = getCondition(pod.status?.conditions, "Ready")?.lastTransitionTime;
  return time === undefined || time === null ? undefined : parseTime(time);
}

/** Ready, and for longer than `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  if (!isReady(pod)) return false;
  if (minReadySeconds <= 0) return true;
  const since = readySince(pod);
  return since !== undefined && since + minReadySeconds * 1000 < now;
}

/**
 * Milliseconds until the first of the ready pods that are not available yet becomes so, `undefined` where
 * there is none.
 */
export function untilAvailable(
  pods: readonly Pod[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  const waits = pods
    .filter((pod) => isReady(pod) && !isAvailable(pod, minReadySeconds, now))
    .map((pod) => (readySince(pod) ?? now) + minReadySeconds * 1000 - now + 1);
  return waits.length === 0 ? undefined : Math.max(1, Math.min(...waits));
}

export function createdAt(object: { readonly metadata: { creationTimestamp?: string | null } }): number {
  const time = object.metadata.creationTimestamp;
  return time === undefined || time === null ? 0 : parseTime(time);
}
