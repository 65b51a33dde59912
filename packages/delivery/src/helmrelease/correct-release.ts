import type { ReleaseRecord } from "@capstan/helm";
import { correctDrift, type Drift, type DriftOptions, describeDrift, findDrift } from "./drift.js";
import { tellRelease } from "./release-events.js";
import type { ReleaseRequest } from "./release-request.js";
import type { HelmRelease } from "./resource.js";
import { fullName, latest } from "./snapshots.js";

/** Compares the cluster with a release. Throws where nothing could be compared. */
export async function compareRelease(
  object: HelmRelease,
  request: ReleaseRequest,
  record: ReleaseRecord,
): Promise<readonly Drift[]> {
  const { drifts, errors } = await findDrift(record, driftOptions(object, request));
  if (drifts.length === 0 && errors.length > 0) {
    throw new Error(`unable to determine cluster state: ${errors.map((error) => error.message).join(", ")}`);
  }
  for (const error of errors) {
    request.context.logger.warn("an object could not be compared", {
      object: request.owner,
      error: error.message,
    });
  }
  return drifts;
}

/** Tells what drifted. */
export function tellDrift(object: HelmRelease, request: ReleaseRequest, drifts: readonly Drift[]): void {
  const { draft, context } = request;
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) return;
  const message = `Cluster state of release ${fullName(current)} has drifted from the desired state:\n${describeDrift(drifts)}`;
  const known = draft.get("Drifted");
  // The same drift, left alone on purpose, is news once.
  const hookOnly = known?.status === "True" && known.message === message;
  context.events.record(object, { type: "Warning", reason: "DriftDetected", message, hookOnly });
  draft.mark("Drifted", "True", "DriftDetected", message);
}

/** Puts drifted objects right, and tells of it. */
export async function runCorrection(
  object: HelmRelease,
  request: ReleaseRequest,
  record: ReleaseRecord,
  drifts: readonly Drift[],
): Promise<void> {
  const { draft, context, state } = request;
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) return;
  draft.mark("Ready", "Unknown", "Progressing", "correcting cluster drift");
  const { done, errors } = await correctDrift(drifts, record, driftOptions(object, request));
  state.metrics.actions.inc({ action: "correct", result: errors.length === 0 ? "success" : "failure" });
  const name = fullName(current);
  if (errors.length > 0) {
    const partly = done.length > 0 ? "partially " : "";
    const corrected = done.length > 0 ? `\n\nSuccessful corrections:\n${done.join("\n")}` : "";
    const message = `Failed to ${partly}correct cluster state of release ${name}:\n${errors.join("\n")}${corrected}`;
    tellRelease(object, { type: "Warning", reason: "DriftCorrectionFailed", message }, current, context);
  } else if (done.length > 0) {
    const message = `Cluster state of release ${name} has been corrected:\n${done.join("\n")}`;
    tellRelease(object, { type: "Normal", reason: "DriftCorrected", message }, current, context);
  }
}

function driftOptions(object: HelmRelease, request: ReleaseRequest): DriftOptions {
  const { owner, cluster, state, context } = request;
  return {
    owner,
    client: cluster.client,
    live: cluster.live,
    ledger: state.ledger,
    ignore: object.spec.driftDetection?.ignore ?? [],
    signal: context.signal,
  };
}
