import {
  ChartProblem,
  type HelmRelease,
  postRender,
  postRenderingOf,
  releaseNameOf,
  releaseNamespaceOf,
  ValuesProblem,
} from "@capstan/delivery";
import { ChartError, loadChart, RenderError, type RenderResult, renderChart } from "@capstan/helm";
import { type Clock, parseYamlDocuments, type Random, YamlError } from "@capstan/kube";
import type { FileTree } from "@capstan/kustomize";
import { chartFilesOf } from "./chart-files.js";
import type { DeclaredObjects } from "./declared-objects.js";
import { valuesOf } from "./release-values.js";
import { isFields, isKubeObject } from "./scan.js";
import type { Sources } from "./sources.js";
import { shownPath, treePath } from "./tree-path.js";
import type { Delivered, Unit } from "./unit.js";

/** What is wrong with a release, and not with us. */
const EXPECTED = [ChartError, RenderError, YamlError, ChartProblem, ValuesProblem];

export interface ReleaseContext {
  readonly sources: Sources;
  readonly declared: DeclaredObjects;
  readonly clock: Clock;
  readonly random: Random;
}

/** Renders a HelmRelease whose chart is in the repository; what goes wrong is a finding of `unit`. */
export async function renderRelease(unit: Unit, context: ReleaseContext): Promise<void> {
  const release = unit.object as HelmRelease;
  const spec = isFields(unit.object["spec"]) ? unit.object["spec"] : {};
  if (spec["suspend"] === true) unit.find("note", "it is suspended");
  const chart = findChart(unit, spec, context.sources);
  if ("missing" in chart) {
    unit.skip(chart.missing);
    return;
  }
  unit.source = shownPath(chart.repositoryPath);
  try {
    const loaded = loadChart(chartFilesOf(chart.tree, chart.path));
    const remote = loaded.metadata.dependencies.find(
      ({ name }) => !loaded.dependencies.some((each) => each.metadata.name === name),
    );
    if (remote !== undefined) {
      unit.skip(`its chart depends on ${remote.name} of ${remote.repository}`);
      return;
    }
    const namespace = releaseNamespaceOf(release);
    const rendered = renderChart(loaded, {
      releaseName: releaseNameOf(release),
      namespace,
      values: await valuesOf(unit, context.declared, chart.spec, chart.tree),
      clock: context.clock,
      random: context.random,
    });
    const changed = await postRender(rendered, postRenderingOf(release));
    unit.delivered = deliveredBy({ ...rendered, ...changed }, unit, namespace);
  } catch (error) {
    if (!(error instanceof Error) || !EXPECTED.some((kind) => error instanceof kind)) throw error;
    unit.find("failure", error.message);
  }
}

type ChartPlace =
  | {
      readonly tree: FileTree;
      readonly path: string;
      readonly repositoryPath: string;
      readonly spec: unknown;
    }
  | { readonly missing: string };

function findChart(unit: Unit, spec: Readonly<Record<string, unknown>>, sources: Sources): ChartPlace {
  const namespace = unit.object.metadata.namespace ?? "";
  const reference = spec["chartRef"];
  if (isFields(reference)) {
    unit.source = `${String(reference["kind"])}/${String(reference["name"])}`;
    return { missing: `its chart comes from ${unit.source}` };
  }
  const chartSpec = isFields(spec["chart"]) ? spec["chart"]["spec"] : undefined;
  if (!isFields(chartSpec)) return { missing: "it names no chart" };
  const { chart, sourceRef } = chartSpec;
  unit.source = String(chart);
  if (isFields(sourceRef) && sourceRef["kind"] === "HelmRepository") {
    return { missing: `its chart ${String(chart)} comes from HelmRepository/${String(sourceRef["name"])}` };
  }
  const source = sources.find(sourceRef, namespace);
  if ("missing" in source) return source;
  const path = treePath(String(chart));
  const inner = source.repositoryPath(`${path}/Chart.yaml`);
  const repositoryPath = inner.slice(0, inner.lastIndexOf("/"));
  return { tree: source.tree, path, repositoryPath, spec: chartSpec };
}

/** The objects of a rendered chart, in the order of an installation; tests of the chart are left out. */
function deliveredBy(rendered: RenderResult, unit: Unit, namespace: string): readonly Delivered[] {
  const texts = [
    ...rendered.crds,
    ...rendered.hooks.filter(({ events }) => !events.every((event) => event === "test")),
    ...rendered.manifests,
  ];
  return texts.flatMap(({ path, text }) =>
    parseYamlDocuments(text, { file: path }).flatMap(({ value }): Delivered[] => {
      if (value === null) return [];
      if (!isKubeObject(value)) {
        unit.find("failure", `${path} renders something that is no object`);
        return [];
      }
      return [
        { object: value, encrypted: false, file: templateFile(unit, path), defaultNamespace: namespace },
      ];
    }),
  );
}

/** Where a template is in the repository: Helm names it by its chart. */
function templateFile(unit: Unit, path: string): string {
  const slash = path.indexOf("/");
  return `${unit.source}/${path.slice(slash + 1)}`;
}
