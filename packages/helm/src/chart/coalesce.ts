import { deepCopy, GoInt, GoMap, type GoValue, typeName } from "../value/go-value.js";
import { printValue } from "../value/print.js";
import { ChartError } from "./chart.js";

/** A chart in use: its dependencies are those that are enabled. */
export interface ActiveChart {
  readonly name: string;
  readonly values: GoMap;
  readonly dependencies: readonly ActiveChart[];
}

/** A copy of `values` with the defaults of a chart and its dependencies under them. Throws ChartError. */
export function coalesceValues(chart: ActiveChart, values: GoMap): GoMap {
  const copy = deepCopy(values);
  return coalesce(chart, copy instanceof GoMap ? copy : new GoMap(), false);
}

/** As coalesceValues, but nulls stay. */
export function mergeChartValues(chart: ActiveChart, values: GoMap): GoMap {
  const copy = deepCopy(values);
  return coalesce(chart, copy instanceof GoMap ? copy : new GoMap(), true);
}

function coalesce(chart: ActiveChart, target: GoMap, merge: boolean): GoMap {
  applyDefaults(chart, target, merge);
  for (const dependency of chart.dependencies) {
    const known = target.get(dependency.name);
    if (known !== undefined && known !== null && !(known instanceof GoMap)) {
      throw new ChartError(
        `type mismatch on ${dependency.name}: %!t(${typeName(known)}=${known instanceof GoInt ? known.value : printValue(known)})`,
      );
    }
    const section = known instanceof GoMap ? known : new GoMap();
    coalesceGlobals(section, target);
    target.set(dependency.name, coalesce(dependency, section, merge));
  }
  return target;
}

function coalesceGlobals(section: GoMap, parent: GoMap): void {
  const inherited = parent.get("global") ?? new GoMap();
  const own = section.get("global") ?? new GoMap();
  if (!(inherited instanceof GoMap) || !(own instanceof GoMap)) return;
  for (const [key, value] of inherited) {
    const known = own.get(key);
    if (value instanceof GoMap) {
      const copy = deepCopy(value);
      if (!own.has(key)) own.set(key, copy);
      else if (known instanceof GoMap && copy instanceof GoMap) {
        coalesceTables(copy, known, false);
        own.set(key, copy);
      }
    } else if (!(known instanceof GoMap)) own.set(key, value);
  }
  section.set("global", own);
}

function applyDefaults(chart: ActiveChart, target: GoMap, merge: boolean): void {
  for (const [key, value] of chart.values) {
    const known = target.get(key);
    if (!target.has(key)) target.set(key, deepCopy(value));
    else if (known === null && !merge) target.delete(key);
    else if (known instanceof GoMap && value instanceof GoMap) {
      const isSubchart = chart.dependencies.some((dependency) => dependency.name === key);
      const defaults = deepCopy(value);
      if (defaults instanceof GoMap) coalesceTables(known, defaults, merge || isSubchart);
    }
  }
}

/** Puts defaults under a table: a null in the table removes a default that is not null, unless `merge`. */
export function coalesceTables(target: GoMap, defaults: GoMap, merge: boolean): GoMap {
  for (const [key, value] of defaults) {
    const known: GoValue = target.get(key);
    if (!target.has(key)) target.set(key, value);
    else if (known === null) {
      if (!merge && value !== null && value !== undefined) target.delete(key);
    } else if (known instanceof GoMap && value instanceof GoMap) coalesceTables(known, value, merge);
  }
  return target;
}
