import type { HelmChartObject } from "../api/helm-chart.js";
import { effectiveValuesFiles } from "./values-files.js";

/** What a build is asked for. */
export interface BuildRequest {
  /** Name in the repository, or path in the source. */
  readonly chart: string;
  /** Version or range. */
  readonly version: string;
  readonly valuesFiles: readonly string[];
  readonly ignoreMissingValuesFiles: boolean;
  /** Metadata to put on the version; empty for none. */
  readonly metadata: string;
  /** Name and version that are stored and may stand; `undefined` to build anew in any case. */
  readonly stored: { readonly name: string; readonly version: string } | undefined;
  /** Values files that the stored one was made with. */
  readonly storedValuesFiles: readonly string[] | undefined;
}

/** A chart that was made, or that need not be. */
export interface Build {
  readonly name: string;
  readonly version: string;
  /** The archive; `undefined` where the stored one stands. */
  readonly bytes: Uint8Array | undefined;
  /** Whether it was packed here, or taken as it came. */
  readonly packaged: boolean;
  readonly valuesFiles: readonly string[];
  readonly resolvedDependencies: number;
}

/** What an object asks for, `metadata` aside. */
export function requestOf(object: HelmChartObject, metadata: string, hasArtifact: boolean): BuildRequest {
  const { spec, status } = object;
  const changed = object.metadata.generation !== status?.observedGeneration;
  const stored =
    changed || !hasArtifact || status?.artifact === undefined
      ? undefined
      : { name: status.observedChartName ?? "", version: status.artifact.revision };
  return {
    chart: spec.chart,
    version: spec.version ?? "*",
    valuesFiles: spec.valuesFiles ?? [],
    ignoreMissingValuesFiles: spec.ignoreMissingValuesFiles ?? false,
    metadata,
    stored,
    storedValuesFiles: status?.observedValuesFiles,
  };
}

/** The build that is in storage already, where it is the one that is asked for. */
export function standingBuild(
  request: BuildRequest,
  name: string,
  version: string,
  packaged: boolean,
): Build | undefined {
  const { stored } = request;
  if (stored?.name !== name || stored.version !== version) return undefined;
  const valuesFiles = request.storedValuesFiles ?? effectiveValuesFiles(request.valuesFiles);
  return { name, version, bytes: undefined, packaged, valuesFiles, resolvedDependencies: 0 };
}

/** A build in words: `packaged 'app' chart with version '1.0.0'`. */
export function summaryOf(build: Pick<Build, "name" | "version" | "packaged" | "valuesFiles">): string {
  const action = build.packaged ? "packaged" : "pulled";
  return describeBuild(action, build);
}

/** The same of a chart that is known but not made yet. */
export function announcementOf(build: { readonly name: string; readonly version: string }): string {
  return describeBuild("new", { ...build, valuesFiles: [] });
}

function describeBuild(
  action: string,
  { name, version, valuesFiles }: Pick<Build, "name" | "version" | "valuesFiles">,
): string {
  const merged = valuesFiles.length === 0 ? "" : ` and merged values files [${valuesFiles.join(" ")}]`;
  return `${action} '${name}' chart with version '${version}'${merged}`;
}
