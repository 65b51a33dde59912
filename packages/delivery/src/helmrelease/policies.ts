import { parseDuration } from "@capstan/kube";
import type { HelmRelease, HelmReleaseSpec, HelmReleaseStatus } from "./resource.js";

const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_RETRY_MS = 300_000;
const DEFAULT_MAX_HISTORY = 5;

/** What follows a failed action, where failures are remedied. */
export interface Remediation {
  readonly strategy: "rollback" | "uninstall";
  readonly ignoreTestFailures: boolean;
  readonly remediateLastFailure: boolean;
  readonly uninstallsAfterUpgrade: boolean;
  readonly failures: number;
  /** No attempt is left. */
  readonly exhausted: boolean;
}

export type ReleaseAction = "install" | "upgrade";

/** The action whose strategies apply: the one attempted last. */
function activeAction(status: HelmReleaseStatus): ReleaseAction | undefined {
  return status.lastAttemptedReleaseAction;
}

/** The remediation of an action. */
export function remediationOf(
  action: ReleaseAction,
  spec: HelmReleaseSpec,
  status: HelmReleaseStatus,
): Remediation {
  const declared = spec[action]?.remediation ?? {};
  const retries = declared.retries ?? 0;
  const failures = (action === "install" ? status.installFailures : status.upgradeFailures) ?? 0;
  const strategy = action === "install" ? "uninstall" : (spec.upgrade?.remediation?.strategy ?? "rollback");
  return {
    strategy,
    ignoreTestFailures: declared.ignoreTestFailures ?? spec.test?.ignoreFailures ?? false,
    remediateLastFailure: declared.remediateLastFailure ?? (action === "upgrade" && retries > 0),
    uninstallsAfterUpgrade: action === "upgrade" && strategy === "uninstall",
    failures,
    exhausted: retries >= 0 && failures > retries,
  };
}

/** The remediation of the action attempted last; none before the first. */
export function activeRemediation(spec: HelmReleaseSpec, status: HelmReleaseStatus): Remediation | undefined {
  const action = activeAction(status);
  return action === undefined ? undefined : remediationOf(action, spec, status);
}

/** Milliseconds to the next attempt, where an action's failures are retried and not remedied. */
export function retryOf(
  action: ReleaseAction,
  spec: HelmReleaseSpec,
  defaultToRetry: boolean,
): number | undefined {
  const strategy = spec[action]?.strategy;
  if (strategy === undefined) return defaultToRetry ? DEFAULT_RETRY_MS : undefined;
  if (strategy.name !== "RetryOnFailure") return undefined;
  return strategy.retryInterval === undefined ? DEFAULT_RETRY_MS : parseDuration(strategy.retryInterval);
}

export function activeRetry(
  spec: HelmReleaseSpec,
  status: HelmReleaseStatus,
  defaultToRetry: boolean,
): number | undefined {
  const action = activeAction(status);
  return action === undefined ? undefined : retryOf(action, spec, defaultToRetry);
}

/** Milliseconds that each wait of an action may take. */
export function timeoutOf(
  spec: HelmReleaseSpec,
  action?: "install" | "upgrade" | "rollback" | "uninstall" | "test",
): number {
  const declared = (action === undefined ? undefined : spec[action]?.timeout) ?? spec.timeout;
  return declared === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(declared);
}

export function maxHistoryOf(object: HelmRelease): number {
  return object.spec.maxHistory ?? DEFAULT_MAX_HISTORY;
}

export function detectsDrift(spec: HelmReleaseSpec): boolean {
  const mode = spec.driftDetection?.mode;
  return mode === "enabled" || mode === "warn";
}
