import type { Snapshot } from "./resource.js";

/** Snapshots kept where none tells a success to go back to. */
const MAX_KEPT = 5;

/** Newest first. */
export function byVersion(history: readonly Snapshot[]): readonly Snapshot[] {
  return [...history].sort((a, b) => b.version - a.version);
}

export function latest(history: readonly Snapshot[]): Snapshot | undefined {
  return byVersion(history)[0];
}

function isGood(snapshot: Snapshot, ignoreTests: boolean): boolean {
  if (snapshot.status !== "deployed" && snapshot.status !== "superseded") return false;
  return ignoreTests || !hasTestInPhase(snapshot, "Failed");
}

/** The newest success before the latest release: what a rollback goes back to. */
export function previous(history: readonly Snapshot[], ignoreTests: boolean): Snapshot | undefined {
  return byVersion(history)
    .slice(1)
    .find((snapshot) => isGood(snapshot, ignoreTests));
}

/** The history down to the success before the latest release; the newest five where there is none. */
export function truncate(history: readonly Snapshot[], ignoreTests: boolean): readonly Snapshot[] {
  const sorted = byVersion(history);
  const good = sorted.findIndex((snapshot, index) => index > 0 && isGood(snapshot, ignoreTests));
  return sorted.slice(0, good < 0 ? MAX_KEPT : good + 1);
}

/** The newest five, whatever became of them. */
export function truncateToNewest(history: readonly Snapshot[]): readonly Snapshot[] {
  return byVersion(history).slice(0, MAX_KEPT);
}

export function hasTestInPhase(snapshot: Snapshot, phase: string): boolean {
  return Object.values(snapshot.testHooks ?? {}).some((hook) => hook.phase === phase);
}

/** Whether the tests of a release came to an end, having none included. */
export function hasBeenTested(snapshot: Snapshot): boolean {
  if (snapshot.testHooks === undefined) return false;
  if (hasTestInPhase(snapshot, "Failed")) return true;
  return Object.values(snapshot.testHooks).every((hook) => hook.phase === "Succeeded");
}

/** Whether a snapshot is of this revision of this release. */
export function isOf(
  snapshot: Snapshot,
  release: { readonly name: string; readonly namespace: string; readonly version: number },
): boolean {
  return (
    snapshot.name === release.name &&
    snapshot.namespace === release.namespace &&
    snapshot.version === release.version
  );
}

/** `<namespace>/<name>.v<version>` */
export function fullName(snapshot: Snapshot): string {
  return `${snapshot.namespace}/${snapshot.name}.v${snapshot.version}`;
}

/** `<chart>@<version>` */
export function versionedChart(snapshot: Snapshot): string {
  return `${snapshot.chartName}@${snapshot.chartVersion}`;
}
