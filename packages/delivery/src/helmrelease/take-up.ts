import { chartMetadataOf, type ReleaseRecord } from "@capstan/helm";
import { storageOf } from "./action-setup.js";
import { successMessage } from "./conclude-release.js";
import { valuesDigest } from "./digests.js";
import { isAsObserved, snapshotOf } from "./observe-release.js";
import { tellRelease } from "./release-events.js";
import { updated } from "./release-history.js";
import { releaseInventory } from "./release-inventory.js";
import type { ReleaseRequest } from "./release-request.js";
import { readDefinitions } from "./render-chart.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { fullName, latest, versionedChart } from "./snapshots.js";

type Interrupted = "install" | "upgrade" | "rollback";

const RUNNING = /^Running '(install|upgrade|rollback|unlock)' action /;
const UNLOCKED = /^Release unlocked from stale 'pending-(install|upgrade|rollback)' state$/;
const ROLLBACK = /^Rollback to (\d+)$/;

/**
 * Takes up a revision that an earlier run wrote to storage and could not note in the status, because the
 * process ended first. Without it the revision would count as somebody else's: made once more, and with
 * nothing to roll back to where that fails.
 */
export async function takeUpInterrupted(
  object: HelmRelease,
  request: ReleaseRequest,
  last: ReleaseRecord,
): Promise<void> {
  const { draft, chart } = request;
  const history = draft.fields.history ?? [];
  const current = latest(history);
  if (current !== undefined && last.version <= current.version) return;
  const action = interruptedAction(object, last, current);
  if (action === undefined) return;
  const older = await asStored(object, request, history);
  if (current !== undefined && older.get(current) === undefined) return;
  const target = rollbackTarget(last, history);
  const ociDigest = action === "rollback" ? target?.ociDigest : chart.ociDigest;
  const snapshot = snapshotOf(last, { action, ociDigest });
  draft.set({
    history: [snapshot, ...history.map((one) => older.get(one) ?? one)],
    inventory: { entries: await inventoryOf(request, last) },
  });
  if (snapshot.status === "deployed") tellSuccess(object, request, action, snapshot, target);
}

/** Which action of ours a revision is from; `undefined` where it may be somebody else's. Pure. */
export function interruptedAction(
  { status = {} }: Pick<HelmRelease, "status">,
  last: ReleaseRecord,
  current: Snapshot | undefined,
): Interrupted | undefined {
  if (last.info.status !== "deployed" && last.info.status !== "failed") return undefined;
  const reconciling = status.conditions?.find(({ type }) => type === "Reconciling");
  if (reconciling?.status !== "True") return undefined;
  const running = RUNNING.exec(reconciling.message)?.[1];
  const unlocked = UNLOCKED.exec(last.info.description ?? "")?.[1];
  // Only these words match.
  const action = (running === "unlock" ? unlocked : running) as Interrupted | undefined;
  if (action === undefined || (action === "install") !== (current === undefined)) return undefined;
  if (action === "rollback") return action;
  const attempted =
    chartMetadataOf(last)["version"] === status.lastAttemptedRevision &&
    valuesDigest(last.config) === status.lastAttemptedConfigDigest;
  return attempted ? action : undefined;
}

/** Snapshots as their revisions are now; none of those that are gone or were changed in more than status. */
async function asStored(
  object: HelmRelease,
  request: ReleaseRequest,
  history: readonly Snapshot[],
): Promise<ReadonlyMap<Snapshot, Snapshot>> {
  const storage = storageOf(object, request);
  const found = new Map<Snapshot, Snapshot>();
  for (const snapshot of history) {
    const stored = await storage.get(snapshot.name, snapshot.version);
    if (stored === undefined) continue;
    const { record } = stored;
    // A snapshot's status was a record's.
    const status = snapshot.status as NonNullable<ReleaseRecord["info"]["status"]>;
    const before = { ...record, info: { ...record.info, status } };
    if (isAsObserved(snapshot, before)) found.set(snapshot, updated(snapshot, record));
  }
  return found;
}

function rollbackTarget(last: ReleaseRecord, history: readonly Snapshot[]): Snapshot | undefined {
  const version = Number(ROLLBACK.exec(last.info.description ?? "")?.[1]);
  return history.find((snapshot) => snapshot.version === version);
}

async function inventoryOf(request: ReleaseRequest, last: ReleaseRecord) {
  const { chart, values, state, context, cluster } = request;
  if (chart.crds) {
    request.definitions = await readDefinitions(chart.artifact, values, state, context.signal);
  }
  return releaseInventory(last, request.definitions, cluster.client, context.signal);
}

function tellSuccess(
  object: HelmRelease,
  request: ReleaseRequest,
  action: Interrupted,
  snapshot: Snapshot,
  target: Snapshot | undefined,
): void {
  const { draft, context } = request;
  if (action === "rollback") {
    const to = target ?? snapshot;
    const message = `Helm rollback to previous release ${fullName(to)} with chart ${versionedChart(to)} succeeded`;
    draft.mark("Remediated", "True", "RollbackSucceeded", message);
    tellRelease(object, { type: "Normal", reason: "RollbackSucceeded", message }, to, context);
  } else {
    const reason = action === "install" ? "InstallSucceeded" : "UpgradeSucceeded";
    const message = successMessage(action, snapshot);
    draft.set({ lastAttemptedReleaseAction: action });
    draft.remove("Remediated");
    draft.mark("Released", "True", reason, message);
    tellRelease(object, { type: "Normal", reason, message }, snapshot, context);
  }
  draft.summarize();
}
