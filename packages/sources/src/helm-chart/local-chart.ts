import { ChartError, type ChartMetadata, packChart, parseMetadata, unfoldChart } from "@capstan/helm";
import { tryParseVersion } from "@capstan/kube";
import { type Build, type BuildRequest, standingBuild } from "./build.js";
import { BuildError, type BuildReason } from "./build-error.js";
import { type ChartAt, readChart, readFileInside } from "./chart-directory.js";
import { type AddedDependency, addMissingDependencies, type Repositories } from "./dependencies.js";
import { pack, versionOf } from "./remote-chart.js";
import { cleanName, effectiveValuesFiles, type MergedValues, mergeValuesFiles } from "./values-files.js";

/** What a local build works with. */
export interface LocalBuildOptions {
  /** The unpacked source. */
  readonly root: string;
  readonly repositories: Repositories;
  /** What is going to be made, before it is. */
  readonly chosen: (name: string, version: string) => void;
}

/**
 * Makes a chart from a directory or an archive inside a source: an archive that nothing changes is taken as it
 * is, anything else is packed anew, with dependencies that are not vendored fetched. Throws `BuildError`.
 */
export async function buildLocalChart(request: BuildRequest, options: LocalBuildOptions): Promise<Build> {
  checkPath(request.chart);
  const chart = await attempt("InvalidChartReference", () => readChart(options.root, request.chart));
  const metadata = await attempt("InvalidChartReference", async () => metadataOf(chart));
  const { name } = metadata;
  const version = versionOf(metadata.version, request.metadata);
  const packaged =
    chart.directory || request.metadata !== "" || effectiveValuesFiles(request.valuesFiles).length > 0;
  const standing = standingBuild(request, name, version, packaged);
  if (standing !== undefined) return standing;
  options.chosen(name, version);
  const made = { name, version, packaged };
  if (!packaged) return { ...made, bytes: chart.bytes, valuesFiles: [], resolvedDependencies: 0 };
  const merged = await mergedValues(chart, request, options.root);
  const added = chart.directory ? await addMissing(chart, request, options) : [];
  const bytes =
    added.length === 0
      ? pack(chart.files, version, merged.text)
      : await attempt("ChartPackageError", async () =>
          packChart(chart.files, {
            version,
            dependencies: added,
            ...(merged.text === undefined ? {} : { values: merged.text }),
          }),
        );
  return { ...made, bytes, valuesFiles: merged.files, resolvedDependencies: added.length };
}

function checkPath(path: string): void {
  if (path === "") throw new BuildError("InvalidChartReference", "no path set for local chart reference");
  if (path.startsWith("/")) {
    throw new BuildError("InvalidChartReference", "local chart reference path is expected to be relative");
  }
}

function metadataOf(chart: ChartAt): ChartMetadata {
  const chartYaml = chart.files.find(({ name }) => name === "Chart.yaml");
  if (chartYaml === undefined) throw new ChartError("no 'Chart.yaml' found");
  const metadata = parseMetadata(Buffer.from(chartYaml.data).toString("utf8"));
  if (tryParseVersion(metadata.version) === undefined) {
    throw new ChartError(`validation: chart.metadata.version ${JSON.stringify(metadata.version)} is invalid`);
  }
  return metadata;
}

async function mergedValues(chart: ChartAt, request: BuildRequest, root: string): Promise<MergedValues> {
  if (effectiveValuesFiles(request.valuesFiles).length === 0) return { text: undefined, files: [] };
  const current = chart.files.find(({ name }) => name === "values.yaml");
  return mergeValuesFiles(
    request.valuesFiles,
    current,
    (path) => attempt("ValuesFilesError", () => readFileInside(root, path)),
    {
      ignoreMissing: request.ignoreMissingValuesFiles,
      missing: (path) => `no values file found at path '/${cleanName(path)}' (reference '${path}')`,
    },
  );
}

async function addMissing(
  chart: ChartAt,
  request: BuildRequest,
  options: LocalBuildOptions,
): Promise<readonly AddedDependency[]> {
  const files = await attempt("ChartPackageError", async () => unfoldChart(chart.files));
  return addMissingDependencies(files, {
    root: options.root,
    path: request.chart,
    repositories: options.repositories,
  });
}

/** What goes wrong with a chart's files is called `reason`. */
async function attempt<T>(reason: BuildReason, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw new BuildError(reason, error.message, { cause: error });
  }
}
