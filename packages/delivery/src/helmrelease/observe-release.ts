import { chartMetadataOf, observationDigest, type ReleaseRecord } from "@capstan/helm";
import { formatTime } from "@capstan/kube";
import { isSelected } from "../helm-actions/run-tests.js";
import { valuesDigest } from "./digests.js";
import type { HelmReleaseSpec, Snapshot } from "./resource.js";

/** What is remembered of a stored revision. */
export function snapshotOf(
  record: ReleaseRecord,
  more: { readonly action?: string | undefined; readonly ociDigest?: string | undefined } = {},
): Snapshot {
  const metadata = chartMetadataOf(record);
  const { first_deployed, last_deployed, deleted, status = "unknown" } = record.info;
  const appVersion = text(metadata["appVersion"]);
  const { action, ociDigest = "" } = more;
  return {
    apiVersion: "v2",
    digest: observationDigest(record, ociDigest),
    name: record.name,
    namespace: record.namespace,
    version: record.version,
    status,
    ...(action === undefined || action === "" ? {} : { action }),
    chartName: text(metadata["name"]),
    chartVersion: text(metadata["version"]),
    ...(appVersion === "" ? {} : { appVersion }),
    configDigest: valuesDigest(record.config),
    firstDeployed: seconds(first_deployed),
    lastDeployed: seconds(last_deployed),
    ...(deleted === undefined || deleted === "" ? {} : { deleted: seconds(deleted) }),
    ...(ociDigest === "" ? {} : { ociDigest }),
  };
}

/** Whether a stored revision is the one that a snapshot was made of, unchanged. */
export function isAsObserved(snapshot: Snapshot, record: ReleaseRecord): boolean {
  if (snapshot.apiVersion !== "v2") return true;
  return snapshot.digest === observationDigest(record, snapshot.ociDigest ?? "");
}

/** The results of a release's tests, those that the filters select. */
export function testHooksOf(
  record: ReleaseRecord,
  test: HelmReleaseSpec["test"],
): NonNullable<Snapshot["testHooks"]> {
  const hooks = (record.hooks ?? []).filter(
    (hook) => (hook.events ?? []).includes("test") && isSelected(hook, test?.filters ?? []),
  );
  return Object.fromEntries(
    hooks.map(({ name, last_run: { started_at, completed_at, phase } }) => [
      name,
      {
        ...(started_at === undefined ? {} : { lastStarted: seconds(started_at) }),
        ...(completed_at === undefined ? {} : { lastCompleted: seconds(completed_at) }),
        ...(phase === "" ? {} : { phase }),
      },
    ]),
  );
}

/** A time as the API writes it. */
function seconds(time: string | undefined): string {
  const ms = Date.parse(time ?? "");
  return formatTime(Number.isNaN(ms) ? Date.UTC(1, 0) : ms);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
