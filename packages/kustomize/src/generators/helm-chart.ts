import { KustomizeError } from "../errors.js";
import type { HelmChart, HelmGlobals } from "../kustomization/types.js";
import { type Loader, textOf } from "../loader/loader.js";
import { strategicMerge } from "../patch/strategic-merge.js";
import { readResources } from "../resource/read.js";
import type { Resource } from "../resource/resource.js";
import type { Scopes } from "../schema/scopes.js";
import type { FileTree } from "../tree/file-tree.js";
import { resolvePath } from "../tree/path.js";
import { expandAliases } from "../yaml/expand.js";
import { valueToNode } from "../yaml/from-value.js";
import { newMap, type YamlNode } from "../yaml/node.js";
import { parseDocument } from "../yaml/parser.js";
import { printYaml } from "../yaml/print.js";
import { nodeToValue, type YamlValue } from "../yaml/value.js";

/** A chart that a kustomization wants rendered. */
export interface HelmChartRequest {
  /** The tree that holds the chart where `directory` is given. */
  readonly tree: FileTree;
  /** Path of the chart's directory in the tree; undefined where it is not there and must be pulled. */
  readonly directory: string | undefined;
  readonly name: string;
  readonly version: string | undefined;
  /** Where to pull the chart from. */
  readonly repo: string | undefined;
  /** Undefined asks for a generated name. */
  readonly releaseName: string | undefined;
  readonly namespace: string | undefined;
  readonly nameTemplate: string | undefined;
  /** YAML documents of values; later ones win. */
  readonly values: readonly string[];
  readonly apiVersions: readonly string[];
  readonly kubeVersion: string | undefined;
  readonly includeCRDs: boolean;
  readonly skipHooks: boolean;
  readonly skipTests: boolean;
  readonly debug: boolean;
  readonly devel: boolean;
}

/** Renders a chart as `helm template` does, and answers what that prints. */
export type InflateHelmChart = (request: HelmChartRequest) => Promise<string> | string;

/** Renders a chart through the port, and reads what comes out. */
export async function generateHelmChart(
  chart: HelmChart & HelmGlobals,
  loader: Loader,
  inflate: InflateHelmChart | undefined,
  scopes: Scopes,
  file: string,
): Promise<Resource[]> {
  const fail = (message: string, cause?: unknown): KustomizeError =>
    new KustomizeError("helm", message, { file, cause });
  if (inflate === undefined) throw fail("must specify --enable-helm");
  if (!chart.name) throw fail("chart name cannot be empty");
  const merge = chart.valuesMerge || "override";
  if (!["merge", "override", "replace"].includes(merge)) {
    throw fail(`valuesMerge must be one of [merge override replace]`);
  }
  const directory = chartDirectory(chart, loader);
  if (loader.tree.stat(directory)?.kind !== "directory" && !chart.repo) {
    throw fail(`no repo specified for pull, no chart found at '${directory}'`);
  }
  const request = await chartRequest(chart, loader, directory, merge);
  let output: string;
  try {
    output = await inflate(request);
  } catch (error) {
    throw KustomizeError.fromPort(error, "helm", file);
  }
  return readOutput(output, `${file}#${chart.name}`, scopes);
}

function chartDirectory(chart: HelmChart & HelmGlobals, loader: Loader): string {
  const home = resolvePath(loader.root, chart.chartHome || "charts");
  const versioned = chart.version && chart.repo ? `/${chart.name}-${chart.version}` : "";
  return resolvePath("/", `${home}${versioned}/${chart.name}`);
}

async function chartRequest(
  chart: HelmChart & HelmGlobals,
  loader: Loader,
  directory: string,
  merge: string,
): Promise<HelmChartRequest> {
  const present = loader.tree.stat(directory)?.kind === "directory";
  const values = [await ownValues(chart, loader, directory, merge)];
  for (const file of chart.additionalValuesFiles ?? []) {
    try {
      values.push(textOf(await loader.load(file)));
    } catch (error) {
      throw KustomizeError.from(error, "helm").wrap("could not load additionalValuesFile");
    }
  }
  return {
    tree: loader.tree,
    directory: present ? directory : undefined,
    name: chart.name ?? "",
    version: chart.version || undefined,
    repo: chart.repo || undefined,
    releaseName: chart.releaseName || undefined,
    namespace: chart.namespace || undefined,
    nameTemplate: chart.nameTemplate || undefined,
    values,
    apiVersions: chart.apiVersions ?? [],
    kubeVersion: chart.kubeVersion || undefined,
    includeCRDs: chart.includeCRDs ?? false,
    skipHooks: chart.skipHooks ?? false,
    skipTests: chart.skipTests ?? false,
    debug: chart.debug ?? false,
    devel: chart.devel ?? false,
  };
}

async function ownValues(
  chart: HelmChart,
  loader: Loader,
  directory: string,
  merge: string,
): Promise<string> {
  const inline = chart.valuesInline as YamlValue | undefined;
  const hasInline = inline !== undefined && Object.keys(inline as object).length > 0;
  if (hasInline && merge === "replace") return printYaml(inline);
  const file = chart.valuesFile || `${directory}/values.yaml`;
  // A chart that is still to be pulled brings its own defaults.
  const pulled = !chart.valuesFile && loader.tree.stat(file) === undefined;
  const text = pulled ? "" : textOf(await loader.load(file));
  if (!hasInline) return text;
  const fromFile = readValues(text, file);
  const fromInline = valueToNode(inline);
  const [base, over] = merge === "override" ? [fromFile, fromInline] : [fromInline, fromFile];
  strategicMerge(base, over, () => undefined);
  return printYaml(nodeToValue(base));
}

function readValues(text: string, file: string): YamlNode {
  try {
    const node = parseDocument(text);
    return node === undefined ? newMap() : expandAliases(node);
  } catch (error) {
    throw KustomizeError.from(error, "helm", file).wrap("could not parse values file into rnode");
  }
}

/** Helm may print messages before its first document. */
function readOutput(output: string, file: string, scopes: Scopes): Resource[] {
  try {
    return readResources(output, file, scopes);
  } catch (error) {
    const start = output.startsWith("---") ? 0 : output.indexOf("\n---");
    if (start <= 0) throw error;
    return readResources(output.slice(start + 1), file, scopes);
  }
}
