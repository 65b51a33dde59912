import type { ReleaseRecord } from "@capstan/helm";
import { formatDuration } from "@capstan/kube";
import type { ActionContext } from "../helm-actions/action-context.js";
import { ActionLog } from "../helm-actions/action-log.js";
import { applyDefinitions } from "../helm-actions/definitions.js";
import { install } from "../helm-actions/install.js";
import { rollback } from "../helm-actions/rollback.js";
import { runTests } from "../helm-actions/run-tests.js";
import { ReleaseStorage } from "../helm-actions/storage.js";
import { uninstall } from "../helm-actions/uninstall.js";
import { upgrade } from "../helm-actions/upgrade.js";
import { onlyHooks, type Waiter } from "../helm-actions/waiter.js";
import { LiveWaiter } from "./live-waiter.js";
import { snapshotOf, testHooksOf } from "./observe-release.js";
import { activeRemediation, maxHistoryOf, retryOf, timeoutOf } from "./policies.js";
import { tellRelease } from "./release-events.js";
import { releaseInventory } from "./release-inventory.js";
import type { ReleaseRequest } from "./release-request.js";
import { releaseNameOf, releaseNamespaceOf, storageNamespaceOf } from "./release-target.js";
import { readDefinitions, renderForRelease } from "./render-chart.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { FIELD_MANAGER, OWNER_NAME, OWNER_NAMESPACE } from "./settings.js";
import { fullName, hasBeenTested, isOf, latest, versionedChart } from "./snapshots.js";

/** An action that left no trace in storage: it is tried again as it is. */
export class NothingStored extends Error {
  override readonly name = "NothingStored";
}

type Observe = (record: ReleaseRecord) => void;

/** The storage of a release's records, telling nobody of what is written. */
export function storageOf(
  object: HelmRelease,
  request: Pick<ReleaseRequest, "cluster" | "context" | "state">,
  namespace = storageNamespaceOf(object),
): ReleaseStorage {
  const { signal, clock } = request.context;
  return new ReleaseStorage({
    client: request.cluster.client,
    namespace,
    clock,
    signal,
    fieldManager: FIELD_MANAGER,
    index: object.spec.kubeConfig === undefined ? request.state.revisions : undefined,
  });
}

/** What an action works with. */
export interface ActionSetup {
  readonly context: ActionContext;
  readonly waiter: LiveWaiter;
}

/** What an action works with: whose writes are observed, and whose waits are real. */
export function setUpAction(
  object: HelmRelease,
  request: Pick<ReleaseRequest, "owner" | "cluster" | "state" | "context" | "turn">,
  storage: ReleaseStorage,
  disableWait: boolean,
): ActionSetup {
  const { owner, cluster, state, context, turn } = request;
  const { signal, clock } = context;
  const waiter = new LiveWaiter({
    owner,
    live: cluster.live,
    client: cluster.client,
    clock,
    signal,
    pulse: state.pulse,
    turn,
    expressions: object.spec.healthCheckExprs,
    failFast: object.spec.waitStrategy?.name !== "legacy",
    failureSettleMs: state.settings.failureSettleMs,
  });
  const used: Waiter = disableWait ? onlyHooks(waiter) : waiter;
  return {
    waiter,
    context: {
      client: cluster.client,
      fieldManager: FIELD_MANAGER,
      signal,
      applied: (written) => waiter.note(written),
      storage,
      namespace: releaseNamespaceOf(object),
      waiter: used,
      clock,
      log: new ActionLog(clock),
    },
  };
}

/** Installs; throws `NothingStored` where it failed before anything was stored. */
export async function runInstall(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, chart, values, cluster, state, context } = request;
  const { spec } = object;
  draft.set({ lastAttemptedReleaseAction: "install", history: undefined });
  const crds = spec.install?.crds ?? (spec.install?.skipCRDs === true ? "Skip" : "Create");
  const ssa = spec.install?.serverSideApply ?? true;
  await runReleaseAction("install", object, request, spec.install?.disableWait === true, async (action) => {
    await applyChartDefinitions(object, request, action, crds, ssa);
    await install(action, {
      name: releaseNameOf(object),
      namespace: releaseNamespaceOf(object),
      values,
      ssa,
      timeoutMs: timeoutOf(spec, "install"),
      waitForJobs: spec.install?.disableWaitForJobs !== true,
      hooks: spec.install?.disableHooks !== true,
      takeOwnership: spec.install?.disableTakeOwnership !== true,
      createNamespace: spec.targetNamespace !== undefined && spec.install?.createNamespace === true,
      replace: spec.install?.replace === true,
      render: (revision) =>
        renderForRelease(
          object,
          {
            artifact: chart.artifact,
            version: chart.version,
            namespace: releaseNamespaceOf(object),
            revision,
            isUpgrade: false,
            values,
            skipSchemaValidation: spec.install?.disableSchemaValidation === true,
          },
          cluster.client,
          state,
          context,
        ),
    });
  });
}

/** Upgrades; throws `NothingStored` where it failed before anything was stored. */
export async function runUpgrade(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, chart, values, cluster, state, context } = request;
  const { spec } = object;
  draft.set({ lastAttemptedReleaseAction: "upgrade" });
  await runReleaseAction("upgrade", object, request, spec.upgrade?.disableWait === true, (action) =>
    upgrade(action, {
      name: releaseNameOf(object),
      values,
      serverSideApply: spec.upgrade?.serverSideApply ?? "auto",
      timeoutMs: timeoutOf(spec, "upgrade"),
      waitForJobs: spec.upgrade?.disableWaitForJobs !== true,
      hooks: spec.upgrade?.disableHooks !== true,
      takeOwnership: spec.upgrade?.disableTakeOwnership !== true,
      forceReplace: spec.upgrade?.force === true,
      cleanupOnFail: spec.upgrade?.cleanupOnFail === true,
      preserveValues: spec.upgrade?.preserveValues === true,
      maxHistory: maxHistoryOf(object),
      definitions: (ssa) =>
        applyChartDefinitions(object, request, action, spec.upgrade?.crds ?? "Create", ssa),
      render: (rendering) =>
        renderForRelease(
          object,
          {
            artifact: chart.artifact,
            version: chart.version,
            ...rendering,
            isUpgrade: true,
            skipSchemaValidation: spec.upgrade?.disableSchemaValidation === true,
          },
          cluster.client,
          state,
          context,
        ),
    }),
  );
}

async function applyChartDefinitions(
  object: HelmRelease,
  request: ReleaseRequest,
  action: ActionContext,
  policy: "Skip" | "Create" | "CreateReplace",
  ssa: boolean,
): Promise<void> {
  const { chart, values, state, context } = request;
  if (!chart.crds) return;
  request.definitions = await readDefinitions(chart.artifact, values, state, context.signal);
  await applyDefinitions(action, {
    policy,
    files: request.definitions,
    labels: { [OWNER_NAME]: object.metadata.name, [OWNER_NAMESPACE]: object.metadata.namespace ?? "" },
    ssa,
  });
}

async function runReleaseAction(
  kind: "install" | "upgrade",
  object: HelmRelease,
  request: ReleaseRequest,
  disableWait: boolean,
  act: (context: ActionContext) => Promise<unknown>,
): Promise<void> {
  const { draft, chart, valuesDigest, context, state } = request;
  draft.remove("TestSuccess");
  draft.remove("Remediated");
  const observed = new Map<number, ReleaseRecord>();
  const storage = storageOf(object, request).observedBy((record) => observed.set(record.version, record));
  const setup = setUpAction(object, request, storage, disableWait);
  const started = context.clock.now();
  let failure: Error | undefined;
  try {
    await act(setup.context);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    failure = error;
  }
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
  const verb = kind === "install" ? "Install" : "Upgrade";
  const target = `${releaseNamespaceOf(object)}/${releaseNameOf(object)} with chart ${chart.name}@${chart.version}`;
  const message = `Helm ${kind} failed for release ${target}: ${failure.message.trim()}`;
  const { failures = 0, installFailures = 0, upgradeFailures = 0 } = draft.fields;
  draft.set({ failures: failures + 1 });
  draft.mark("Released", "False", `${verb}Failed`, message);
  const event = {
    type: "Warning",
    reason: `${verb}Failed`,
    message: setup.context.log.append(message),
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
  if (observed.size > 0) {
    draft.set(
      kind === "install"
        ? { installFailures: installFailures + 1 }
        : { upgradeFailures: upgradeFailures + 1 },
    );
  }
  draft.summarize();
  if (observed.size === 0) throw new NothingStored(failure.message, { cause: failure });
}

/** Puts what was written to storage into the history, and the newest revision's objects into the inventory. */
async function recordObserved(
  action: string,
  observed: ReadonlyMap<number, ReleaseRecord>,
  request: ReleaseRequest,
): Promise<ReleaseRecord | undefined> {
  const { draft, chart, cluster, context } = request;
  const versions = [...observed.keys()].sort((a, b) => b - a);
  const newest = observed.get(versions[0] ?? -1);
  if (newest === undefined) return undefined;
  const known = draft.fields.history ?? [];
  const older = known.map((snapshot) => {
    const record = observed.get(snapshot.version);
    return record === undefined || record === newest ? snapshot : updated(snapshot, record);
  });
  const snapshot = snapshotOf(newest, { action, ociDigest: chart.ociDigest });
  draft.set({
    history: [snapshot, ...older.filter((one) => one.version !== snapshot.version)],
    inventory: {
      entries: await releaseInventory(newest, request.definitions, cluster.client, context.signal),
    },
  });
  return newest;
}

/** A snapshot after its revision was written again. */
function updated(snapshot: Snapshot, record: ReleaseRecord, action = snapshot.action): Snapshot {
  const { testHooks } = snapshot;
  const next = snapshotOf(record, { action, ociDigest: snapshot.ociDigest });
  return testHooks === undefined ? next : { ...next, testHooks };
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

/** Takes a mark off a release that says that an action goes on, which nobody carries out any more. */
export async function runUnlock(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, context } = request;
  const storage = storageOf(object, request).observedBy(updateHistory(request));
  const last = await storage.last(releaseNameOf(object));
  const status = last?.record.info.status ?? "unknown";
  if (last === undefined || !(status.startsWith("pending-") || status === "uninstalling")) return;
  const { record } = last;
  const description = `Release unlocked from stale '${status}' state`;
  await storage.update({
    ...last,
    record: { ...record, info: { ...record.info, status: "failed", description } },
  });
  const snapshot = snapshotOf(record);
  const message = `Unlocked Helm release ${fullName(snapshot)} with chart ${versionedChart(snapshot)} in ${status} state`;
  draft.mark("Released", "False", "PendingRelease", message);
  tellRelease(object, { type: "Normal", reason: "PendingRelease", message }, snapshot, context);
  draft.summarize();
}

/** Keeps the snapshots of revisions that are written again up to date. */
export function updateHistory(request: Pick<ReleaseRequest, "draft">, action?: string): Observe {
  return (record) => {
    const history = request.draft.fields.history ?? [];
    const known = history.findIndex((snapshot) => isOf(snapshot, record));
    const before = history[known];
    if (before !== undefined) {
      request.draft.set({ history: history.with(known, updated(before, record, action ?? before.action)) });
    }
  };
}

/** Runs the release's tests; throws `NothingStored` where none came to an end. */
export async function runReleaseTests(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, context } = request;
  const { test } = object.spec;
  const observe: Observe = (record) => {
    const history = draft.fields.history ?? [];
    const current = latest(history);
    if (current === undefined || !isOf(current, record)) return;
    const tested = { ...updated(current, record), testHooks: testHooksOf(record, test) };
    draft.set({ history: history.map((snapshot) => (snapshot === current ? tested : snapshot)) });
  };
  const storage = storageOf(object, request).observedBy(observe);
  const setup = setUpAction(object, request, storage, false);
  let failure: Error | undefined;
  try {
    const options = {
      name: releaseNameOf(object),
      timeoutMs: timeoutOf(object.spec, "test"),
      filters: test?.filters ?? [],
    };
    failure = (await runTests(setup.context, options)).error;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    failure = error;
  }
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) throw new NothingStored("no latest release: required for test");
  concludeTests(object, request, current, failure);
  draft.summarize();
  if (failure !== undefined && !hasBeenTested(current))
    throw new NothingStored(failure.message, { cause: failure });
}

function concludeTests(
  object: HelmRelease,
  request: ReleaseRequest,
  current: Snapshot,
  failure: Error | undefined,
): void {
  const { draft, context } = request;
  const target = `for release ${fullName(current)} with chart ${versionedChart(current)}`;
  if (failure === undefined) {
    const count = Object.keys(current.testHooks ?? {}).length;
    const hooks =
      count === 0 ? "no test hooks" : `${count} test hook${count > 1 ? "s" : ""} completed successfully`;
    const message = `Helm test succeeded ${target}: ${hooks}`;
    draft.mark("TestSuccess", "True", "TestSucceeded", message);
    tellRelease(object, { type: "Normal", reason: "TestSucceeded", message }, current, context);
    return;
  }
  const message = `Helm test failed ${target}: ${failure.message.trim()}`;
  const { failures = 0, installFailures = 0, upgradeFailures = 0, lastAttemptedReleaseAction } = draft.fields;
  draft.set({ failures: failures + 1 });
  draft.mark("TestSuccess", "False", "TestFailed", message);
  tellRelease(object, { type: "Warning", reason: "TestFailed", message }, current, context);
  const remediation = activeRemediation(object.spec, draft.fields);
  if (!hasBeenTested(current) || remediation === undefined || remediation.ignoreTestFailures) return;
  draft.set(
    lastAttemptedReleaseAction === "install"
      ? { installFailures: installFailures + 1 }
      : { upgradeFailures: upgradeFailures + 1 },
  );
}

/** Goes back to an earlier revision; throws `NothingStored` where that changed nothing in storage. */
export async function runRollback(
  object: HelmRelease,
  request: ReleaseRequest,
  target: Snapshot,
): Promise<void> {
  const { draft, context, valuesDigest } = request;
  const { spec } = object;
  const before = latest(draft.fields.history ?? [])?.digest;
  let newest: ReleaseRecord | undefined;
  const observe: Observe = (record) => {
    const history = draft.fields.history ?? [];
    if (history.some((snapshot) => isOf(snapshot, record))) updateHistory(request, "rollback")(record);
    else draft.set({ history: [snapshotOf(record, { ociDigest: target.ociDigest }), ...history] });
    if (newest === undefined || record.version >= newest.version) newest = record;
  };
  const storage = storageOf(object, request).observedBy(observe);
  const setup = setUpAction(object, request, storage, spec.rollback?.disableWait === true);
  let failure: Error | undefined;
  try {
    await rollback(setup.context, {
      name: target.name,
      version: target.version,
      serverSideApply: spec.rollback?.serverSideApply ?? "auto",
      timeoutMs: timeoutOf(spec, "rollback"),
      waitForJobs: spec.rollback?.disableWaitForJobs !== true,
      hooks: spec.rollback?.disableHooks !== true,
      forceReplace: spec.rollback?.force === true,
      cleanupOnFail: spec.rollback?.cleanupOnFail === true,
      maxHistory: maxHistoryOf(object),
    });
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    failure = error;
  }
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

/** Uninstalls a release that failed; throws `NothingStored` where that changed nothing in storage. */
export async function runUninstallRemediation(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, context } = request;
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) throw new NothingStored("no latest release: required to uninstall");
  const storage = storageOf(object, request).observedBy(updateHistory(request, "uninstall-remediation"));
  const setup = setUpAction(object, request, storage, object.spec.uninstall?.disableWait === true);
  let failure: Error | undefined;
  try {
    failure = (await uninstall(setup.context, uninstallOptions(object, current.name))).error;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    failure = error;
  }
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
