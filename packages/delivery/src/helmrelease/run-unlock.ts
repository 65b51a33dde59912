import { storageOf } from "./action-setup.js";
import { snapshotOf } from "./observe-release.js";
import { tellRelease } from "./release-events.js";
import { updateHistory } from "./release-history.js";
import type { ReleaseRequest } from "./release-request.js";
import { releaseNameOf } from "./release-target.js";
import type { HelmRelease } from "./resource.js";
import { fullName, versionedChart } from "./snapshots.js";

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
