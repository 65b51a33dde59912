import type { ReleaseRecord } from "@capstan/helm";
import { formatDuration } from "@capstan/kube";
import type { ActionContext } from "../helm-actions/action-context.js";
import type { ActionLog } from "../helm-actions/action-log.js";
import { attempt, NothingStored, setUpAction, storageOf } from "./action-setup.js";
import type { LiveWaiter } from "./live-waiter.js";
import { retryOf } from "./policies.js";
import { tellRelease } from "./release-events.js";
import { recordObserved } from "./release-history.js";
import type { ReleaseRequest } from "./release-request.js";
import { releaseNameOf, releaseNamespaceOf } from "./release-target.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { fullName, hasBeenTested, latest, versionedChart } from "./snapshots.js";

/** Runs an install or upgrade and writes down what became of it; throws `NothingStored`. */
export async function runReleaseAction(
  kind: "install" | "upgrade",
  object: HelmRelease,
  request: ReleaseRequest,
  disableWait: boolean,
  act: (context: ActionContext) => Promise<unknown>,
): Promise<void> {
  const { draft, context, state } = request;
  draft.remove("TestSuccess");
  draft.remove("Remediated");
  const observed = new Map<number, ReleaseRecord>();
  const storage = storageOf(object, request).observedBy((record) => observed.set(record.version, record));
  const setup = setUpAction(object, request, storage, disableWait);
  const started = context.clock.now();
  const failure = await attempt(context.signal, async () => {
    await act(setup.context);
    return undefined;
  });
  draft.set({ lastAttemptedReleaseActionDuration: formatDuration(context.clock.now() - started) });
  request.newest = await recordObserved(kind, observed, request);
  state.metrics.renders.inc();
  state.metrics.actions.inc({ action: kind, result: failure === undefined ? "success" : "failure" });
  if (failure === undefined) {
    verifyWritten(setup.waiter, observed, object, request);
    succeed(kind, object, request);
    draft.summarize();
    return;
  }
  fail(kind, object, request, failure, { stored: observed.size > 0, log: setup.context.log });
  draft.summarize();
  if (observed.size === 0) throw new NothingStored(failure.message, { cause: failure });
}

function fail(
  kind: "install" | "upgrade",
  object: HelmRelease,
  request: ReleaseRequest,
  failure: Error,
  end: { readonly stored: boolean; readonly log: ActionLog },
): void {
  const { draft, chart, valuesDigest, context } = request;
  const verb = kind === "install" ? "Install" : "Upgrade";
  const target = `${releaseNamespaceOf(object)}/${releaseNameOf(object)} with chart ${chart.name}@${chart.version}`;
  const message = `Helm ${kind} failed for release ${target}: ${failure.message.trim()}`;
  const { failures = 0, installFailures = 0, upgradeFailures = 0 } = draft.fields;
  draft.set({ failures: failures + 1 });
  draft.mark("Released", "False", `${verb}Failed`, message);
  const event = {
    type: "Warning",
    reason: `${verb}Failed`,
    message: end.log.append(message),
  } as const;
  tellRelease(
    object,
    event,
    {
      chartVersion: chart.version,
      configDigest: valuesDigest,
      appVersion: chart.appVersion,
      ociDigest: chart.ociDigest,
    },
    context,
  );
  if (end.stored) {
    draft.set(
      kind === "install"
        ? { installFailures: installFailures + 1 }
        : { upgradeFailures: upgradeFailures + 1 },
    );
  }
}

/** What was just applied is as declared: nobody needs to be asked about it until it changes. */
function verifyWritten(
  waiter: LiveWaiter,
  observed: ReadonlyMap<number, ReleaseRecord>,
  object: HelmRelease,
  request: ReleaseRequest,
): void {
  const newest = [...observed.values()].reduce((a, b) => (a.version > b.version ? a : b));
  if (newest.apply_method !== "ssa" || object.spec.driftDetection?.mode === undefined) return;
  const manifest = request.state.ledger.manifestOf(newest);
  for (const [id, record] of waiter.written) {
    request.state.ledger.verify(request.owner, id, manifest, record.live.fingerprint);
  }
}

function succeed(kind: "install" | "upgrade", object: HelmRelease, request: ReleaseRequest): void {
  const { draft, context, state } = request;
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) return;
  const reason = kind === "install" ? "InstallSucceeded" : "UpgradeSucceeded";
  const message = successMessage(kind, current);
  draft.mark("Released", "True", reason, message);
  if (object.spec.test?.enable === true && !hasBeenTested(current)) {
    const pending = `Helm release ${fullName(current)} with chart ${versionedChart(current)} is awaiting tests`;
    draft.mark("TestSuccess", "Unknown", "AwaitingTests", pending);
  }
  if (retryOf(kind, object.spec, state.settings.defaultToRetryOnFailure) !== undefined) {
    draft.set({ failures: undefined, installFailures: undefined, upgradeFailures: undefined });
  }
  tellRelease(object, { type: "Normal", reason, message }, current, context);
}

/** What is said of an install or upgrade that succeeded. */
export function successMessage(kind: "install" | "upgrade", snapshot: Snapshot): string {
  return `Helm ${kind} succeeded for release ${fullName(snapshot)} with chart ${versionedChart(snapshot)}`;
}
