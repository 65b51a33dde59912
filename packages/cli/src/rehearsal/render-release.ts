import {
  ChartProblem,
  type HelmRelease,
  postRender,
  postRenderingOf,
  releaseNameOf,
  releaseNamespaceOf,
  ValuesProblem,
} from "@capstan/delivery";
import {
  ChartError,
  loadArchive,
  loadChart,
  RenderError,
  type RenderResult,
  renderChart,
} from "@capstan/helm";
import { type Clock, parseYamlDocuments, type Random, YamlError } from "@capstan/kube";
import { chartFilesOf } from "./chart-files.js";
import type { DeclaredObjects } from "./declared-objects.js";
import { findChart } from "./find-chart.js";
import { valuesOf } from "./release-values.js";
import { isFields, isKubeObject } from "./scan.js";
import type { Sources } from "./sources.js";
import { shownPath } from "./tree-path.js";
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
  const chart = await findChart(unit, spec, context);
  if (!("tree" in chart)) {
    unit.without(chart);
    return;
  }
  unit.source = shownPath(chart.repositoryPath);
  try {
    const loaded = chart.isArchive
      ? await loadArchive(chart.tree.readFile(chart.path))
      : loadChart(chartFilesOf(chart.tree, chart.path));
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
