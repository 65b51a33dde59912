import { type ActiveChart, activate } from "../chart/active.js";
import type { Chart } from "../chart/chart.js";
import { mergeChartValues } from "../chart/coalesce.js";
import { fileText } from "../chart/load.js";
import type { CrdFile } from "../render/render.js";
import { fromPlain, GoMap, toPlain } from "../value/go-value.js";

/**
 * The values that a release record holds of a chart: its defaults, and, where it has dependencies, those of
 * the enabled ones and what is imported from them, as Helm leaves them after processing dependencies.
 */
export function releaseDefaults(chart: Chart, values: Readonly<Record<string, unknown>> = {}): unknown {
  if (chart.metadata.dependencies.length === 0) return chart.values;
  const user = fromPlain(values);
  const active = activate(chart, user instanceof GoMap ? user : new GoMap());
  return toPlain(mergeChartValues(active, new GoMap()));
}

/** The files of definitions that a chart and its enabled dependencies bring, without rendering anything. */
export function chartDefinitions(chart: Chart, values: Readonly<Record<string, unknown>> = {}): CrdFile[] {
  const user = fromPlain(values);
  const active = activate(chart, user instanceof GoMap ? user : new GoMap());
  return definitionsOf(active, active.name);
}

function definitionsOf(active: ActiveChart, path: string): CrdFile[] {
  const own = active.chart.files
    .filter((file) => file.name.startsWith("crds/") && /\.(?:yaml|yml|json)$/i.test(file.name))
    .map((file) => ({ path: `${path}/${file.name}`, text: fileText(file) }));
  const nested = active.dependencies.flatMap((dependency) =>
    definitionsOf(dependency, `${path}/charts/${dependency.name}`),
  );
  return [...own, ...nested];
}
