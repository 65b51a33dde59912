import type { KubeObject } from "@capstan/kube";

/**
 * Seconds that the deletion of a pod waits: what the request asks for, else the pod's own period; none for
 * pods that were never scheduled or have ended. Negative periods count as one second.
 */
export function podGracePeriod(pod: KubeObject, requested: number | undefined): number {
  const spec = pod["spec"] as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined;
  const status = pod["status"] as { phase?: string } | undefined;
  const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
  const period = requested ?? spec?.terminationGracePeriodSeconds ?? 0;
  if (spec?.nodeName === undefined || spec.nodeName === "" || ended) return 0;
  return period < 0 ? 1 : period;
}
