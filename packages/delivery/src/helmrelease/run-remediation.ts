import type { ReleaseRecord } from "@capstan/helm";
import type { ActionLog } from "../helm-actions/action-log.js";
import { type RollbackOptions, rollback } from "../helm-actions/rollback.js";
import { uninstall } from "../helm-actions/uninstall.js";
import { attempt, NothingStored, setUpAction, storageOf } from "./action-setup.js";
import { snapshotOf } from "./observe-release.js";
import { maxHistoryOf, timeoutOf } from "./policies.js";
import { tellRelease } from "./release-events.js";
import { updateHistory } from "./release-history.js";
import { releaseInventory } from "./release-inventory.js";
import type { ReleaseRequest } from "./release-request.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { fullName, isOf, latest, versionedChart } from "./snapshots.js";

/** Goes back to an earlier revision; throws `NothingStored` where that changed nothing in storage. */
export async function runRollback(
  object: HelmRelease,
  request: ReleaseRequest,
  target: Snapshot,
): Promise<void> {
  const { draft, context, valuesDigest } = request;
  const before = latest(draft.fields.history ?? [])?.digest;
  let newest: ReleaseRecord | undefined;
  const observe = (record: ReleaseRecord) => {
    const history = draft.fields.history ?? [];
    if (history.some((snapshot) => isOf(snapshot, record))) updateHistory(request, "rollback")(record);
    else draft.set({ history: [snapshotOf(record, { ociDigest: target.ociDigest }), ...history] });
    if (newest === undefined || record.version >= newest.version) newest = record;
  };
  const storage = storageOf(object, request).observedBy(observe);
  const setup = setUpAction(object, request, storage, object.spec.rollback?.disableWait === true);
  const failure = await attempt(context.signal, async () => {
    await rollback(setup.context, rollbackOptions(object, target));
    return undefined;
  });
  if (newest !== undefined) {
    const entries = await releaseInventory(
      newest,
      request.definitions,
      request.cluster.client,
      context.signal,
    );
    draft.set({ inventory: { entries } });
  }
  const subject = `Helm rollback to previous release ${fullName(target)} with chart ${versionedChart(target)}`;
  concludeRemediation(
    object,
    request,
    { ...target, configDigest: valuesDigest },
    {
      kind: "Rollback",
      message:
        failure === undefined ? `${subject} succeeded` : `${subject} failed: ${failure.message.trim()}`,
      failure,
      log: setup.context.log,
    },
  );
  if (failure !== undefined && latest(draft.fields.history ?? [])?.digest === before) {
    throw new NothingStored(failure.message, { cause: failure });
  }
}

function rollbackOptions(object: HelmRelease, { name, version }: Snapshot): RollbackOptions {
  const { rollback: declared } = object.spec;
  return {
    name,
    version,
    serverSideApply: declared?.serverSideApply ?? "auto",
    timeoutMs: timeoutOf(object.spec, "rollback"),
    waitForJobs: declared?.disableWaitForJobs !== true,
    hooks: declared?.disableHooks !== true,
    forceReplace: declared?.force === true,
    cleanupOnFail: declared?.cleanupOnFail === true,
    maxHistory: maxHistoryOf(object),
  };
}

/** Uninstalls a release that failed; throws `NothingStored` where that changed nothing in storage. */
export async function runUninstallRemediation(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, context } = request;
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) throw new NothingStored("no latest release: required to uninstall");
  const storage = storageOf(object, request).observedBy(updateHistory(request, "uninstall-remediation"));
  const setup = setUpAction(object, request, storage, object.spec.uninstall?.disableWait === true);
  const failure = await attempt(
    context.signal,
    async () => (await uninstall(setup.context, uninstallOptions(object, current.name))).error,
  );
  const after = latest(draft.fields.history ?? []) ?? current;
  const subject = `Helm uninstall remediation for release ${fullName(after)} with chart ${versionedChart(after)}`;
  concludeRemediation(object, request, after, {
    kind: "Uninstall",
    message: failure === undefined ? `${subject} succeeded` : `${subject} failed: ${failure.message.trim()}`,
    failure,
    log: setup.context.log,
  });
  if (failure !== undefined && after.digest === current.digest) {
    throw new NothingStored(failure.message, { cause: failure });
  }
}

/** How a release is uninstalled. */
export function uninstallOptions(object: HelmRelease, name: string) {
  const { uninstall: declared } = object.spec;
  return {
    name,
    timeoutMs: timeoutOf(object.spec, "uninstall"),
    hooks: declared?.disableHooks !== true,
    keepHistory: declared?.keepHistory === true,
    propagation: declared?.deletionPropagation ?? ("background" as const),
  };
}

function concludeRemediation(
  object: HelmRelease,
  request: ReleaseRequest,
  release: Snapshot,
  end: {
    readonly kind: "Rollback" | "Uninstall";
    readonly message: string;
    readonly failure: Error | undefined;
    readonly log: ActionLog;
  },
): void {
  const { draft, context, state } = request;
  const { kind, message, failure, log } = end;
  const failed = failure !== undefined;
  const reason = `${kind}${failed ? "Failed" : "Succeeded"}`;
  state.metrics.actions.inc({ action: kind.toLowerCase(), result: failed ? "failure" : "success" });
  if (failed) draft.set({ failures: (draft.fields.failures ?? 0) + 1 });
  draft.mark("Remediated", failed ? "False" : "True", reason, message);
  tellRelease(
    object,
    { type: failed ? "Warning" : "Normal", reason, message: failed ? log.append(message) : message },
    release,
    context,
  );
  // After an uninstall, Ready goes on saying what failed.
  if (kind === "Rollback") draft.summarize();
}
