import { backoffDelay, DEFAULT_BACKOFF, jittered, type Outcome } from "@capstan/controller";
import type { ReleaseRecord } from "@capstan/helm";
import { formatDuration, parseDuration } from "@capstan/kube";
import { NothingStored, storageOf } from "./action-setup.js";
import { successMessage } from "./conclude-release.js";
import { compareRelease, runCorrection, tellDrift } from "./correct-release.js";
import type { Drift } from "./drift.js";
import { type NextAction, nextAction, retriesExceeded, type StepKind } from "./next-action.js";
import { isAsObserved } from "./observe-release.js";
import { activeRemediation, activeRetry, detectsDrift, timeoutOf } from "./policies.js";
import type { ReleaseRequest, Superseding } from "./release-request.js";
import { type ReleaseState, releaseState } from "./release-state.js";
import { releaseNameOf } from "./release-target.js";
import type { HelmRelease } from "./resource.js";
import { runInstall, runUpgrade } from "./run-release.js";
import { runReleaseTests } from "./run-release-tests.js";
import { runRollback, runUninstallRemediation } from "./run-remediation.js";
import { runUnlock } from "./run-unlock.js";
import { latest } from "./snapshots.js";
import { takeUpInterrupted } from "./take-up.js";

type Step = Exclude<NextAction, { do: "nothing" } | { do: "stall" }>;

/** What the storage and the cluster say of a release. */
interface Observed {
  readonly state: ReleaseState;
  readonly last: ReleaseRecord | undefined;
  readonly drifts: readonly Drift[];
}

/**
 * Takes a release from where it is to what is declared: names its state, does what that asks for, and
 * looks again, until nothing is left to do, a kind of step would run twice, or a failure was remedied.
 */
export async function releaseUntilDone(object: HelmRelease, request: ReleaseRequest): Promise<Outcome> {
  const { draft, context } = request;
  const ran = new Set<StepKind>();
  let force = request.force;
  for (;;) {
    context.signal.throwIfAborted();
    let seen: Observed;
    try {
      seen = await observe(object, request);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      draft.fail("StateError", `Could not determine release state: ${error.message}`);
      return failing(request, error.message);
    }
    const action = await decide(seen, request, force);
    if (action.do === "stall") {
      draft.mark("Stalled", "True", action.reason, action.message);
      return { kind: "stalled", status: draft.change() };
    }
    if (action.do === "nothing") {
      if (seen.state.status === "Drifted") tellDrift(object, request, seen.drifts);
      return concludeInSync(request, seen.state);
    }
    if (ran.has(action.kind)) return stopBefore(object, request);
    if (action.kind === "release") force = false;
    const failed = await runStep(object, request, action, seen);
    if (failed !== undefined) return failed;
    const superseding = request.superseded();
    if (superseding !== undefined && !draft.is("Ready", "True")) return cancel(object, request, superseding);
    if (action.kind === "remediate") return stopAfterRemediation(object, request);
    ran.add(action.kind);
  }
}

async function observe(object: HelmRelease, request: ReleaseRequest): Promise<Observed> {
  const { draft, chart, valuesDigest } = request;
  const last = request.newest ?? (await storageOf(object, request).last(releaseNameOf(object)))?.record;
  request.newest = undefined;
  if (last !== undefined) await takeUpInterrupted(object, request, last);
  const seen = { object: draft.object(), last, chart, valuesDigest };
  const state = releaseState({ ...seen, drifted: undefined });
  if (state.status !== "Undetermined" || last === undefined) return { state, last, drifts: [] };
  const drifts = await compareRelease(object, request, last);
  return { state: releaseState({ ...seen, drifted: drifts.length > 0 }), last, drifts };
}

async function decide(seen: Observed, request: ReleaseRequest, force: boolean): Promise<NextAction> {
  const { draft, state } = request;
  const { defaultToRetryOnFailure } = state.settings;
  const { action, history } = nextAction(seen.state, draft.object(), {
    force,
    defaultToRetry: defaultToRetryOnFailure,
  });
  draft.set({ history: history.length === 0 ? undefined : [...history] });
  if (seen.state.status === "InSync" || seen.state.status === "Untested")
    forgetRemediation(draft, seen.state);
  if (action.do !== "rollback") return action;
  const { target } = action;
  const stored = await storageOf(draft.object(), request).get(target.name, target.version);
  // What it would go back to is gone or another: the upgrade is tried again instead.
  return stored !== undefined && isAsObserved(target, stored.record)
    ? action
    : { do: "upgrade", kind: "release" };
}

/** A rollback led to what is declared now: it counts as the upgrade to it. */
function forgetRemediation(draft: ReleaseRequest["draft"], state: ReleaseState): void {
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) return;
  if (draft.is("Remediated", "True")) {
    draft.replace("Remediated", "Released", "UpgradeSucceeded", successMessage("upgrade", current));
  }
  if (state.status !== "InSync" || (draft.is("Ready", "True") && draft.is("Released", "True"))) return;
  const failed = draft.get("Released")?.reason;
  if (failed === "InstallFailed")
    draft.mark("Released", "True", "InstallSucceeded", successMessage("install", current));
  if (failed === "UpgradeFailed")
    draft.mark("Released", "True", "UpgradeSucceeded", successMessage("upgrade", current));
}

/** Runs a step, its progress told before; returns how the run ends where it ends with that. */
async function runStep(
  object: HelmRelease,
  request: ReleaseRequest,
  step: Step,
  seen: Observed,
): Promise<Outcome | undefined> {
  const { draft, context } = request;
  const name = step.do === "correct" ? "correct cluster drift" : step.do;
  const message = `Running '${name}' action with timeout of ${formatDuration(stepTimeout(object, step))}`;
  if (step.do === "correct") tellDrift(object, request, seen.drifts);
  draft.mark("Reconciling", "True", "Progressing", message);
  if (step.kind === "release") draft.mark("Ready", "Unknown", "Progressing", message);
  await context.report(draft.report());
  try {
    await dispatch(object, request, step, seen);
    return undefined;
  } catch (error) {
    if (!(error instanceof NothingStored)) throw error;
    const retry = activeRetry(object.spec, draft.fields, request.state.settings.defaultToRetryOnFailure);
    if (retry !== undefined) return retryLater(request, retry);
    if (draft.is("Ready", "True")) draft.fail("ReconcileError", error.message);
    return failing(request, error.message);
  }
}

function dispatch(object: HelmRelease, request: ReleaseRequest, step: Step, seen: Observed): Promise<void> {
  switch (step.do) {
    case "install":
      return runInstall(object, request);
    case "upgrade":
      return runUpgrade(object, request);
    case "test":
      return runReleaseTests(object, request);
    case "unlock":
      return runUnlock(object, request);
    case "rollback":
      return runRollback(object, request, step.target);
    case "uninstall":
      return runUninstallRemediation(object, request);
    case "correct":
      return seen.last === undefined
        ? Promise.resolve()
        : runCorrection(object, request, seen.last, seen.drifts);
  }
}

function stepTimeout(object: HelmRelease, step: Step): number {
  return step.do === "unlock" || step.do === "correct"
    ? timeoutOf(object.spec)
    : timeoutOf(object.spec, step.do);
}

function concludeInSync(request: ReleaseRequest, state: ReleaseState): Outcome {
  const { draft, context } = request;
  const object = draft.object();
  if (!detectsDrift(object.spec)) draft.remove("Drifted");
  else if (state.status === "InSync") {
    draft.mark("Drifted", "False", "NoDriftDetected", "No drift detected against the cluster state");
  }
  draft.remove("Reconciling");
  draft.summarize();
  // A release that nobody made for the object, but that is as it declares, is the object's.
  if (draft.get("Released") === undefined) {
    const current = latest(draft.fields.history ?? []);
    if (current !== undefined) {
      draft.mark("Released", "True", "UpgradeSucceeded", successMessage("upgrade", current));
      draft.summarize();
    }
  }
  const interval = parseDuration(object.spec.interval);
  return {
    kind: "settled",
    status: draft.change(),
    resyncAfterMs: jittered(interval, request.state.settings.intervalJitter, context.random),
  };
}

/** A step of a kind that ran already would come next: that is for another run. */
function stopBefore(object: HelmRelease, request: ReleaseRequest): Outcome {
  const { draft, state } = request;
  const retry = activeRetry(object.spec, draft.fields, state.settings.defaultToRetryOnFailure);
  if (retry !== undefined) return retryLater(request, retry);
  const remediation = activeRemediation(object.spec, draft.fields);
  if (remediation === undefined || !remediation.exhausted) return again(request);
  return concludeInSync(request, { status: "Untested" });
}

function stopAfterRemediation(object: HelmRelease, request: ReleaseRequest): Outcome {
  const { draft, state } = request;
  const retry = activeRetry(object.spec, draft.fields, state.settings.defaultToRetryOnFailure);
  if (retry !== undefined) return retryLater(request, retry);
  const remediation = activeRemediation(object.spec, draft.fields);
  if (remediation === undefined || !remediation.exhausted || remediation.uninstallsAfterUpgrade) {
    return again(request);
  }
  const { reason, message } = retriesExceeded(draft.object());
  draft.mark("Stalled", "True", reason, message);
  return { kind: "stalled", status: draft.change() };
}

/** What failed, or was no longer waited for, is done with: there is something newer. */
function cancel(object: HelmRelease, request: ReleaseRequest, by: Superseding): Outcome {
  const { draft, context } = request;
  const trigger = `${by.kind}/${by.namespace}/${by.name}`;
  draft.fail("HealthCheckCanceled", `New reconciliation triggered by ${trigger}`);
  const message = `Health checks canceled due to new reconciliation triggered by ${trigger}`;
  context.events.normal(object, "HealthCheckCanceled", message);
  return { kind: "waiting", status: draft.change(), retryAfterMs: 0 };
}

/** There is more to do, soon; later the more often it failed. */
function again(request: ReleaseRequest): Outcome {
  const { draft, context } = request;
  draft.mark("Reconciling", "True", "ProgressingWithRetry", draft.get("Ready")?.message ?? "");
  const retryAfterMs = backoffDelay(Math.max(1, draft.fields.failures ?? 1), DEFAULT_BACKOFF, context.random);
  return { kind: "waiting", status: draft.change(), retryAfterMs };
}

function retryLater(request: ReleaseRequest, retryMs: number): Outcome {
  const { draft, context, state } = request;
  draft.mark("Reconciling", "True", "ProgressingWithRetry", `retrying after ${formatDuration(retryMs)}`);
  const retryAfterMs = jittered(retryMs, state.settings.intervalJitter, context.random);
  return { kind: "waiting", status: draft.change(), retryAfterMs };
}

/** What failed without a trace is tried again, later the more often it did. */
export function failing(
  request: Pick<ReleaseRequest, "draft" | "context" | "state" | "owner">,
  message: string,
): Outcome {
  const { draft, context, state, owner } = request;
  draft.mark("Reconciling", "True", "ProgressingWithRetry", message);
  const failures = (state.failures.get(owner) ?? 0) + 1;
  state.failures.set(owner, failures);
  return {
    kind: "waiting",
    status: draft.change(),
    retryAfterMs: backoffDelay(failures, DEFAULT_BACKOFF, context.random),
  };
}
