import { parseDuration } from "@capstan/kube";
import type { KustomizationSpec } from "./resource.js";

const MIN_TIMEOUT_MS = 30_000;

/** Time between full runs. */
export function intervalMs(spec: KustomizationSpec): number {
  return parseDuration(spec.interval);
}

/** Time to the next attempt after a failure. */
export function retryIntervalMs(spec: KustomizationSpec): number {
  return spec.retryInterval === undefined ? intervalMs(spec) : parseDuration(spec.retryInterval);
}

/** Bound on a run and on health checks: half a minute less than the interval, and never below one half. */
export function timeoutMs(spec: KustomizationSpec): number {
  const asked = spec.timeout === undefined ? intervalMs(spec) - 30_000 : parseDuration(spec.timeout);
  return Math.max(asked, MIN_TIMEOUT_MS);
}
