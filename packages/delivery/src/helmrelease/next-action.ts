import { activeRemediation, activeRetry, remediationOf } from "./policies.js";
import type { ReleaseState } from "./release-state.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { previous, truncate, truncateToNewest } from "./snapshots.js";

/** Steps by kind: each kind runs at most once in a run, so that a run ends. */
export type StepKind = "release" | "test" | "remediate" | "unlock" | "drift";

export type NextAction =
  | { readonly do: "install"; readonly kind: "release" }
  | { readonly do: "upgrade"; readonly kind: "release" }
  | { readonly do: "test"; readonly kind: "test" }
  | { readonly do: "unlock"; readonly kind: "unlock" }
  | { readonly do: "correct"; readonly kind: "drift" }
  | { readonly do: "rollback"; readonly kind: "remediate"; readonly target: Snapshot }
  | { readonly do: "uninstall"; readonly kind: "remediate" }
  | { readonly do: "nothing" }
  /** Nothing more can be done until something changes. */
  | {
      readonly do: "stall";
      readonly reason: "RetriesExceeded" | "MissingRollbackTarget";
      readonly message: string;
    };

/** What comes next, and the history that is kept from here on. */
export interface Decision {
  readonly action: NextAction;
  readonly history: readonly Snapshot[];
}

const INSTALL: NextAction = { do: "install", kind: "release" };
const UPGRADE: NextAction = { do: "upgrade", kind: "release" };

/** Decides what to do about the state of a release. Pure. */
export function nextAction(
  state: ReleaseState,
  object: HelmRelease,
  options: { readonly force: boolean; readonly defaultToRetry: boolean },
): Decision {
  const { spec, status = {} } = object;
  const history = status.history ?? [];
  const keep = (action: NextAction): Decision => ({ action, history });
  switch (state.status) {
    case "Undetermined":
      return keep({ do: "nothing" });
    case "InSync":
      return {
        action: options.force ? UPGRADE : { do: "nothing" },
        history: settledHistory(object, options.defaultToRetry),
      };
    case "Locked":
      return keep({ do: "unlock", kind: "unlock" });
    case "Absent":
      if (!remediationOf("install", spec, status).exhausted || options.force) return keep(INSTALL);
      return keep(retriesExceeded(object));
    case "Unmanaged":
      return { action: UPGRADE, history: [] };
    case "OutOfSync":
      if (!remediationOf("upgrade", spec, status).exhausted || options.force) return keep(UPGRADE);
      return keep(retriesExceeded(object));
    case "Drifted":
      return keep(
        spec.driftDetection?.mode === "enabled" ? { do: "correct", kind: "drift" } : { do: "nothing" },
      );
    case "Untested":
      return keep({ do: "test", kind: "test" });
    case "Failed":
      return afterFailure(object, options);
  }
}

/** What stays of the history of a release that is as it should be: it, and what to go back to. */
function settledHistory(object: HelmRelease, defaultToRetry: boolean): readonly Snapshot[] {
  const { spec, status = {} } = object;
  const history = status.history ?? [];
  if (activeRetry(spec, status, defaultToRetry) !== undefined) return truncateToNewest(history);
  const ignoreTests =
    activeRemediation(spec, status)?.ignoreTestFailures ?? spec.test?.ignoreFailures ?? false;
  return truncate(history, ignoreTests);
}

function afterFailure(
  object: HelmRelease,
  options: { readonly force: boolean; readonly defaultToRetry: boolean },
): Decision {
  const { spec, status = {} } = object;
  const history = status.history ?? [];
  if (activeRetry(spec, status, options.defaultToRetry) !== undefined) {
    return { action: UPGRADE, history: truncateToNewest(history) };
  }
  const remediation = activeRemediation(spec, status);
  // Without a failure that counts, what made it fail has changed: it is worth another attempt.
  if (remediation === undefined || remediation.failures <= 0 || options.force) {
    return { action: UPGRADE, history };
  }
  if (remediation.exhausted && !remediation.remediateLastFailure) {
    return { action: retriesExceeded(object), history };
  }
  const kept = truncate(history, remediation.ignoreTestFailures);
  if (remediation.strategy === "uninstall") {
    return { action: { do: "uninstall", kind: "remediate" }, history: kept };
  }
  const target = previous(kept, remediation.ignoreTestFailures);
  if (target !== undefined) return { action: { do: "rollback", kind: "remediate", target }, history: kept };
  const message =
    "Failed to perform remediation: missing target release for rollback: cannot remediate failed release";
  return { action: { do: "stall", reason: "MissingRollbackTarget", message }, history: kept };
}

/** What is said when no attempt is left. */
export function retriesExceeded(object: HelmRelease): Extract<NextAction, { do: "stall" }> {
  const { spec, status = {} } = object;
  const attempts = activeRemediation(spec, status)?.failures ?? 0;
  const action = status.lastAttemptedReleaseAction ?? "install";
  return {
    do: "stall",
    reason: "RetriesExceeded",
    message: `Failed to ${action} after ${attempts} attempt(s)`,
  };
}
