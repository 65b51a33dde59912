import type { ReleaseRecord } from "@capstan/helm";
import { snapshotOf } from "./observe-release.js";
import { releaseInventory } from "./release-inventory.js";
import type { ReleaseRequest } from "./release-request.js";
import type { Snapshot } from "./resource.js";
import { isOf } from "./snapshots.js";

/** Puts what was written to storage into the history, and the newest revision's objects into the inventory. */
export async function recordObserved(
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
export function updated(snapshot: Snapshot, record: ReleaseRecord, action = snapshot.action): Snapshot {
  const { testHooks } = snapshot;
  const next = snapshotOf(record, { action, ociDigest: snapshot.ociDigest });
  return testHooks === undefined ? next : { ...next, testHooks };
}

/** Keeps the snapshots of revisions that are written again up to date. */
export function updateHistory(
  request: Pick<ReleaseRequest, "draft">,
  action?: string,
): (record: ReleaseRecord) => void {
  return (record) => {
    const history = request.draft.fields.history ?? [];
    const known = history.findIndex((snapshot) => isOf(snapshot, record));
    const before = history[known];
    if (before !== undefined) {
      request.draft.set({ history: history.with(known, updated(before, record, action ?? before.action)) });
    }
  };
}
