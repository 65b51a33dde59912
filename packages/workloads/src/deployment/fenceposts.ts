import type { Deployment, DeploymentSpec } from "../model/workload.js";
import { scaled } from "../shared/int-or-percent.js";

/** How many pods a rollout may add, and how many it may do without. */
export interface Fenceposts {
  readonly surge: number;
  readonly unavailable: number;
}

/** The largest value of a 32-bit integer stands for "no limit" in several fields. */
export const UNLIMITED = 2147483647;

export function replicasOf(spec: { readonly replicas?: number | undefined }): number {
  return spec.replicas ?? 1;
}

/** Percentages turned into pods: surge rounds up, unavailable down; never both zero. */
export function resolveFenceposts(spec: DeploymentSpec): Fenceposts {
  const total = replicasOf(spec);
  const rolling = spec.strategy?.rollingUpdate;
  const surge = scaled(rolling?.maxSurge ?? "25%", total, "up");
  const unavailable = scaled(rolling?.maxUnavailable ?? "25%", total, "down");
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return (deployment.spec.strategy?.type ?? "RollingUpdate") === "RollingUpdate";
}

/** What the strategy and the size allow in effect. */
export function effectiveFenceposts(deployment: Deployment): Fenceposts {
  const total = replicasOf(deployment.spec);
  if (!isRollingUpdate(deployment)) return { surge: 0, unavailable: 0 };
  const { surge, unavailable } = resolveFenceposts(deployment.spec);
  return { surge, unavailable: total === 0 ? 0 : Math.min(unavailable, total) };
}

export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== null && seconds !== UNLIMITED;
}
