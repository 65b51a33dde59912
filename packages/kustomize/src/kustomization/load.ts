import { KustomizeError } from "../errors.js";
import { type Loaded, type Loader, textOf } from "../loader/loader.js";
import { readYaml11 } from "../yaml/read.js";
import { decodeAs } from "./decode.js";
import { type GeneratorArgs, type HelmChart, type Kustomization, kustomizationDecoder } from "./types.js";

const FILE_NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const API = "kustomize.config.k8s.io";

/** A kustomization file, read, checked and brought to its present form. */
export interface LoadedKustomization {
  readonly kustomization: Kustomization;
  readonly kind: "Kustomization" | "Component";
  /** Name of the file within its directory. */
  readonly fileName: string;
  /** Its path in the tree. */
  readonly file: string;
  readonly warnings: readonly string[];
}

/** Finds and reads the kustomization file of a directory. */
export function loadKustomization(loader: Loader): LoadedKustomization {
  const { fileName, loaded } = findFile(loader);
  const file = loaded.path;
  const value = readAs(loaded, file);
  let written: Kustomization;
  try {
    written =
      value === null
        ? {}
        : decodeAs(kustomizationDecoder, value, "Kustomization", { strict: true, coerce: false });
  } catch (error) {
    throw KustomizeError.from(error, "kustomization", file).wrap("invalid Kustomization");
  }
  const kustomization = modernise(written);
  checkNotEmpty(kustomization, file);
  return {
    kustomization,
    kind: checkKind(kustomization, loader.root, file),
    fileName,
    file,
    warnings: deprecations(written),
  };
}

function readAs(loaded: Loaded, file: string): unknown {
  try {
    return readYaml11(textOf(loaded), "kustomization", file);
  } catch (error) {
    throw KustomizeError.from(error, "kustomization", file).wrap("invalid Kustomization");
  }
}

function findFile(loader: Loader): { fileName: string; loaded: Loaded } {
  const found: { fileName: string; loaded: Loaded }[] = [];
  for (const fileName of FILE_NAMES) {
    try {
      found.push({ fileName, loaded: loader.loadLocal(fileName) });
    } catch (error) {
      // Whatever cannot be read counts as absent, but not what is too large.
      if (!(error instanceof KustomizeError) || error.code === "limit") throw error;
    }
  }
  const only = found[0];
  if (only === undefined) {
    throw new KustomizeError(
      "not-found",
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
      { file: loader.root },
    );
  }
  if (found.length > 1) {
    throw new KustomizeError("kustomization", `Found multiple kustomization files under: ${loader.root}\n`, {
      file: loader.root,
    });
  }
  return only;
}

const DEPRECATED: readonly (readonly [keyof Kustomization, string])[] = [
  ["bases", "resources"],
  ["commonLabels", "labels"],
  ["imageTags", "images"],
  ["patchesJson6902", "patches"],
  ["patchesStrategicMerge", "patches"],
  ["vars", "replacements"],
];

function deprecations(kustomization: Kustomization): string[] {
  return DEPRECATED.filter(([field]) => kustomization[field] !== undefined).map(([field, instead]) => {
    const hint = `${field === "vars" ? "[EXPERIMENTAL] " : ""}Run 'kustomize edit fix'`;
    return `# Warning: '${field}' is deprecated. Please use '${instead}' instead. ${hint} to update your Kustomization automatically.`;
  });
}

function modernise(written: Kustomization): Kustomization {
  const { bases, imageTags, helmChartInflationGenerator, ...rest } = written;
  const result: { -readonly [K in keyof Kustomization]: Kustomization[K] } = rest;
  if (bases !== undefined) result.resources = [...(rest.resources ?? []), ...bases];
  if (imageTags !== undefined) result.images = [...(rest.images ?? []), ...imageTags];
  if (rest.configMapGenerator !== undefined)
    result.configMapGenerator = rest.configMapGenerator.map(withEnvs);
  if (rest.secretGenerator !== undefined) result.secretGenerator = rest.secretGenerator.map(withEnvs);
  if (helmChartInflationGenerator !== undefined) {
    const charts = helmChartInflationGenerator.map(modernChart);
    result.helmCharts = [...(rest.helmCharts ?? []), ...charts];
    const chartHome = helmChartInflationGenerator.map((chart) => chart.chartHome).findLast((home) => home);
    const configHome = helmChartInflationGenerator.map((chart) => chart.helmHome).findLast((home) => home);
    if (rest.helmGlobals === undefined && (chartHome || configHome)) {
      result.helmGlobals = { ...(chartHome && { chartHome }), ...(configHome && { configHome }) };
    }
  }
  return result;
}

function withEnvs(args: GeneratorArgs): GeneratorArgs {
  const { env, ...rest } = args;
  return env ? { ...rest, envs: [...(rest.envs ?? []), env] } : rest;
}

function modernChart(old: NonNullable<Kustomization["helmChartInflationGenerator"]>[number]): HelmChart {
  const chart: { -readonly [K in keyof HelmChart]: HelmChart[K] } = {};
  if (old.chartName) chart.name = old.chartName;
  if (old.chartVersion) chart.version = old.chartVersion;
  if (old.chartRepoUrl) chart.repo = old.chartRepoUrl;
  if (old.releaseName) chart.releaseName = old.releaseName;
  if (old.releaseNamespace) chart.namespace = old.releaseNamespace;
  if (old.values) chart.valuesFile = old.values;
  if (old.valuesLocal) chart.valuesInline = old.valuesLocal;
  if (old.valuesMerge) chart.valuesMerge = old.valuesMerge;
  return chart;
}

function checkNotEmpty(kustomization: Kustomization, file: string): void {
  const fields = Object.entries(kustomization).filter(([key]) => key !== "apiVersion" && key !== "kind");
  const set = fields.some(([, value]) => value !== "" && value !== undefined);
  if (!set) throw new KustomizeError("kustomization", "kustomization.yaml is empty", { file });
}

function checkKind(kustomization: Kustomization, root: string, file: string): "Kustomization" | "Component" {
  const kind = kustomization.kind || "Kustomization";
  const wanted = `${API}/${kind === "Component" ? "v1alpha1" : "v1beta1"}`;
  const problems: string[] = [];
  if (kind !== "Kustomization" && kind !== "Component")
    problems.push("kind should be Kustomization or Component");
  const { apiVersion } = kustomization;
  if (apiVersion && apiVersion !== wanted) problems.push(`apiVersion for ${kind} should be ${wanted}`);
  if (problems.length > 0) {
    const message = `Failed to read kustomization file under ${root}:\n${problems.join("\n")}`;
    throw new KustomizeError("kustomization", message, { file });
  }
  return kind === "Component" ? "Component" : "Kustomization";
}
