import { chartMetadataOf, type ReleaseRecord } from "@capstan/helm";
import { commonMetadataDigest, postRenderersDigest } from "./digests.js";
import { isAsObserved } from "./observe-release.js";
import { activeRemediation, detectsDrift } from "./policies.js";
import type { HelmRelease } from "./resource.js";
import { hasBeenTested, hasTestInPhase, latest } from "./snapshots.js";

/** How a release is, compared with what is declared. */
export type ReleaseState =
  | { readonly status: "Absent"; readonly reason: string }
  | { readonly status: "Locked"; readonly reason: string }
  | { readonly status: "Unmanaged"; readonly reason: string }
  | { readonly status: "OutOfSync"; readonly reason: string }
  | { readonly status: "Failed"; readonly reason: string }
  | { readonly status: "Untested" }
  /** In sync in storage; the cluster has to be compared. */
  | { readonly status: "Undetermined" }
  | { readonly status: "Drifted" }
  | { readonly status: "InSync" };

export interface ReleaseObservation {
  readonly object: HelmRelease;
  /** The newest revision in storage. */
  readonly last: ReleaseRecord | undefined;
  readonly chart: { readonly name: string; readonly version: string };
  /** Of the values as declared. */
  readonly valuesDigest: string;
  /** Whether the cluster differs from the manifest; `undefined`: it was not compared. */
  readonly drifted: boolean | undefined;
}

/** Names the state of a release. Pure; throws for a stored state that nobody leaves behind. */
export function releaseState(seen: ReleaseObservation): ReleaseState {
  const { object, last } = seen;
  if (last === undefined) return { status: "Absent", reason: "no release in storage for object" };
  const { status = "unknown" } = last.info;
  // An uninstall that was cut off leaves its mark as well; nobody else would take it away.
  if (status.startsWith("pending-") || status === "uninstalling") {
    return { status: "Locked", reason: `release with status '${status}'` };
  }
  if (status === "uninstalled") {
    return { status: "Absent", reason: "found uninstalled release in storage" };
  }
  const current = latest(object.status?.history ?? []);
  if (current === undefined) return { status: "Unmanaged", reason: "found existing release in storage" };
  if (!isAsObserved(current, last)) {
    return { status: "Unmanaged", reason: "release not observed to be made for object" };
  }
  if (status === "failed") return { status: "Failed", reason: "" };
  if (status !== "deployed") {
    throw new Error(`unable to determine state for release with status '${status}'`);
  }
  return deployedState(seen, last);
}

function deployedState(seen: ReleaseObservation, last: ReleaseRecord): ReleaseState {
  const { object, chart, valuesDigest, drifted } = seen;
  const { spec, metadata, status = {} } = object;
  const { name, version } = chartMetadataOf(last);
  const current = latest(status.history ?? []);
  if (name !== chart.name || version !== chart.version) {
    return { status: "OutOfSync", reason: "release chart changed" };
  }
  if (current === undefined || current.configDigest !== valuesDigest) {
    return { status: "OutOfSync", reason: "release config values changed" };
  }
  if (status.observedGeneration !== metadata.generation) {
    if (postRenderersDigest(spec) !== (status.observedPostRenderersDigest ?? "")) {
      return { status: "OutOfSync", reason: "postrenderers digest has changed" };
    }
    if (commonMetadataDigest(spec) !== (status.observedCommonMetadataDigest ?? "")) {
      return { status: "OutOfSync", reason: "common metadata digest has changed" };
    }
  }
  if (spec.test?.enable === true) {
    if (!hasBeenTested(current)) return { status: "Untested" };
    const remediation = activeRemediation(spec, status);
    if (remediation !== undefined && !remediation.ignoreTestFailures && hasTestInPhase(current, "Failed")) {
      return { status: "Failed", reason: "release has test in failed phase" };
    }
  }
  if (!detectsDrift(spec)) return { status: "InSync" };
  if (drifted === undefined) return { status: "Undetermined" };
  return { status: drifted ? "Drifted" : "InSync" };
}
