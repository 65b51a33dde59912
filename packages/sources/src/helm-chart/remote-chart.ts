import {
  ChartError,
  type ChartFile,
  type ChartMetadata,
  packChart,
  parseMetadata,
  unpackChart,
} from "@capstan/helm";
import { VersionError } from "@capstan/kube";
import { type Build, type BuildRequest, standingBuild } from "./build.js";
import { BuildError, messageOf } from "./build-error.js";
import type { ChartRepository, FoundChart } from "./repository.js";
import { cleanName, effectiveValuesFiles, mergeValuesFiles } from "./values-files.js";
import { withMetadata } from "./version.js";

/** What a remote build tells while it goes on. */
export interface RemoteBuildSteps {
  /** The chart that was chosen, before anything of it is fetched; gives the one to fetch. */
  readonly chosen: (chart: FoundChart, version: string) => Promise<FoundChart>;
}

/**
 * Makes a chart from a repository: as it is, or packed anew where values files are merged into it. Throws
 * `BuildError`.
 */
export async function buildRemoteChart(
  repository: ChartRepository,
  request: BuildRequest,
  steps: RemoteBuildSteps,
): Promise<Build> {
  checkName(request.chart);
  const packaged = effectiveValuesFiles(request.valuesFiles).length > 0 || request.metadata !== "";
  const found = await repository.find(request.chart, request.version);
  const version = versionOf(found.version, request.metadata);
  const chosen = await steps.chosen(found, version);
  const standing = standingBuild(request, found.name, version, packaged);
  if (standing !== undefined) return standing;
  const bytes = await repository.download(chosen);
  const made = { name: found.name, version, packaged, resolvedDependencies: 0 };
  if (!packaged) {
    checkArchive(bytes);
    return { ...made, bytes, valuesFiles: [] };
  }
  const files = unpack(bytes);
  const merged = await mergeChartValues(files, request);
  return { ...made, bytes: pack(files, version, merged.text), valuesFiles: merged.files };
}

function checkName(name: string): void {
  if (name === "") throw new BuildError("InvalidChartReference", "no name set for remote chart reference");
  if (name.length <= 256 && isChartName(name)) return;
  throw new BuildError(
    "InvalidChartReference",
    `invalid chart name '${name}': a valid name must be lower case letters and numbers and MAY be separated with dashes (-), slashes (/) or periods (.)`,
  );
}

/** Words of lower case letters, digits and dashes, each with at most a slash and then a period after it. */
function isChartName(name: string): boolean {
  return !/[^-a-z0-9/.]|\/\/|\.[/.]|^[/.]/.test(name);
}

/** A version with the metadata of a build; throws `BuildError` MetadataPatchError. */
export function versionOf(version: string, metadata: string): string {
  if (metadata === "") return version;
  try {
    return withMetadata(version, metadata);
  } catch (error) {
    if (!(error instanceof VersionError)) throw error;
    throw new BuildError(
      "MetadataPatchError",
      `failed to parse version from chart metadata as SemVer: ${error.message}`,
      { cause: error },
    );
  }
}

/** What is taken as it comes has to be a chart at least. */
function checkArchive(bytes: Uint8Array): void {
  try {
    metadataOfArchive(bytes);
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw new BuildError(
      "ChartPullError",
      `failed to load chart metadata from written chart: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

/** What an archive's Chart.yaml says; what is packed inside of it is not looked into. Throws `ChartError`. */
export function metadataOfArchive(bytes: Uint8Array): ChartMetadata {
  const chartYaml = unpackChart(bytes).find(({ name }) => name === "Chart.yaml");
  if (chartYaml === undefined) throw new ChartError("no 'Chart.yaml' found");
  return parseMetadata(Buffer.from(chartYaml.data).toString("utf8"));
}

function unpack(bytes: Uint8Array): ChartFile[] {
  try {
    return unpackChart(bytes);
  } catch (error) {
    throw packageError("failed to load downloaded chart: ", error);
  }
}

/** Packs files; throws `BuildError` ChartPackageError. */
export function pack(files: readonly ChartFile[], version: string, values: string | undefined): Uint8Array {
  try {
    return packChart(files, { version, ...(values === undefined ? {} : { values }) });
  } catch (error) {
    throw packageError("failed to package chart: ", error);
  }
}

function packageError(prefix: string, error: unknown): BuildError {
  if (!(error instanceof ChartError)) throw error;
  return new BuildError("ChartPackageError", `${prefix}${messageOf(error)}`, { cause: error });
}

function mergeChartValues(files: readonly ChartFile[], request: BuildRequest) {
  const byName = new Map(files.map((file) => [file.name, file]));
  return mergeValuesFiles(
    request.valuesFiles,
    byName.get("values.yaml"),
    async (path) => byName.get(cleanName(path))?.data,
    {
      ignoreMissing: request.ignoreMissingValuesFiles,
      missing: (path) => `failed to merge chart values: no values file found at path '${path}'`,
    },
  );
}
