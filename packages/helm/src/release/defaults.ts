import { activate } from "../chart/active.js";
import type { Chart } from "../chart/chart.js";
import { mergeChartValues } from "../chart/coalesce.js";
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
