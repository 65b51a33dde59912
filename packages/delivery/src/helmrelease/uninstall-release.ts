import { formatKey, type Outcome, type RunContext, waiting } from "@capstan/controller";
import type { ReleaseRecord } from "@capstan/helm";
import type { ActionLog } from "../helm-actions/action-log.js";
import { ReleaseNotFound, uninstall } from "../helm-actions/uninstall.js";
import { attempt, setUpAction, storageOf } from "./action-setup.js";
import { AccessDenied, reconcileChartTemplate } from "./chart-template.js";
import { accountOf, clusterOf } from "./cluster.js";
import type { HelmState } from "./helm-state.js";
import { failing } from "./release.js";
import { tellRelease } from "./release-events.js";
import { updateHistory } from "./release-history.js";
import type { ReleaseRequest } from "./release-request.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { uninstallOptions } from "./run-remediation.js";
import { fullName, isOf, latest, versionedChart } from "./snapshots.js";
import { StatusDraft } from "./status-draft.js";

type UninstallRequest = Pick<ReleaseRequest, "owner" | "draft" | "cluster" | "state" | "context" | "turn">;

/** Uninstalls the release that the history tells of; returns why it could not. */
export async function uninstallCurrent(
  object: HelmRelease,
  request: UninstallRequest,
): Promise<Error | undefined> {
  const { draft, context } = request;
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) return undefined;
  const namespace = draft.fields.storageNamespace;
  const storage = storageOf(object, request, namespace).observedBy(updateHistory(request, "uninstall"));
  const setup = setUpAction(object, request, storage, object.spec.uninstall?.disableWait === true);
  // Its objects are where it was released, not where it would be released now.
  const action = { ...setup.context, namespace: current.namespace };
  const failure = await attempt(context.signal, async () => {
    const { record, error } = await uninstall(action, uninstallOptions(object, current.name));
    return error ?? mismatch(current, record);
  });
  const gone = failure === undefined ? undefined : alreadyGone(object, failure, current);
  if (gone !== undefined) draft.mark("Released", "False", "UninstallSucceeded", gone);
  else conclude(object, request, failure, setup.context.log);
  draft.summarize();
  return gone === undefined ? failure : undefined;
}

function mismatch(current: Snapshot, record: ReleaseRecord): Error | undefined {
  if (isOf(current, record)) return undefined;
  const other = `${record.namespace}/${record.name}.v${record.version}`;
  return new Error(`release mismatch: uninstalled release ${other} != current release ${fullName(current)}`);
}

/** What is said of a release that somebody else has uninstalled; nothing where it failed otherwise. */
function alreadyGone(object: HelmRelease, failure: Error, current: Snapshot): string | undefined {
  const release = `Release ${fullName(current)}`;
  if (failure instanceof ReleaseNotFound) return `${release} was not found, assuming it is uninstalled`;
  const kept = object.spec.uninstall?.keepHistory === true && failure.message.includes("is already deleted");
  return kept ? `${release} was already uninstalled` : undefined;
}

function conclude(
  object: HelmRelease,
  request: UninstallRequest,
  failure: Error | undefined,
  log: ActionLog,
): void {
  const { draft, context, state } = request;
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) return;
  const subject = `for release ${fullName(current)} with chart ${versionedChart(current)}`;
  state.metrics.actions.inc({ action: "uninstall", result: failure === undefined ? "success" : "failure" });
  if (failure === undefined) {
    const message = `Helm uninstall succeeded ${subject}`;
    draft.set({ inventory: undefined });
    draft.mark("Released", "False", "UninstallSucceeded", message);
    tellRelease(object, { type: "Normal", reason: "UninstallSucceeded", message }, current, context);
    return;
  }
  const message = `Helm uninstall failed ${subject}: ${failure.message.trim()}`;
  draft.set({ failures: (draft.fields.failures ?? 0) + 1 });
  draft.mark("Released", "False", "UninstallFailed", message);
  const event = { type: "Warning", reason: "UninstallFailed", message: log.append(message) } as const;
  tellRelease(object, event, current, context);
}

/** One run of a HelmRelease that is being deleted. */
export async function finalizeHelmRelease(
  object: HelmRelease,
  state: HelmState,
  context: RunContext,
): Promise<Outcome> {
  const done: Outcome = { kind: "settled", status: { conditions: [] } };
  if (object.spec.suspend === true) return done;
  const owner = formatKey(object.metadata);
  const draft = new StatusDraft(object, context.clock.now);
  const turn = await state.gate.enter(context.signal);
  state.running.set(owner, new Set());
  try {
    const failed = await uninstallDeleted(object, { owner, draft, state, context, turn });
    if (failed !== undefined) return failed;
    await reconcileChartTemplate(object, state.settings, context);
    return done;
  } catch (error) {
    if (!(error instanceof AccessDenied)) throw error;
    return waiting("AccessDenied", error.message, { retryAfterMs: state.settings.dependencyRetryMs });
  } finally {
    state.finished(owner);
    turn.end();
  }
}

async function uninstallDeleted(
  object: HelmRelease,
  request: Omit<UninstallRequest, "cluster">,
): Promise<Outcome | undefined> {
  const { draft, state, context } = request;
  if ((draft.fields.storageNamespace ?? "") === "" || draft.fields.history === undefined) return undefined;
  if (!(await mayStillBeReached(object, state, context))) return undefined;
  const cluster = await clusterOf(object, state, context);
  if ("message" in cluster) {
    draft.fail(
      "UninstallFailed",
      `failed to build REST client getter to uninstall release: ${cluster.message}`,
    );
    return failing(request, cluster.message);
  }
  const error = await uninstallCurrent(object, { ...request, cluster });
  return error === undefined ? undefined : failing(request, error.message);
}

/** Nobody can uninstall in the name of an account that is gone, or on a cluster whose address is. */
async function mayStillBeReached(
  object: HelmRelease,
  state: HelmState,
  context: RunContext,
): Promise<boolean> {
  const namespace = object.metadata.namespace ?? "";
  const { kubeConfig } = object.spec;
  const account = accountOf(object, state);
  const ref =
    kubeConfig?.secretRef !== undefined
      ? { apiVersion: "v1", kind: "Secret", namespace, name: kubeConfig.secretRef.name }
      : kubeConfig === undefined && account !== undefined
        ? { apiVersion: "v1", kind: "ServiceAccount", namespace, name: account }
        : undefined;
  if (ref === undefined) return true;
  return (await context.reader.tryGet(ref, { signal: context.signal })) !== undefined;
}
