import { deepCopy, GoInt, GoMap, type GoValue, typeName } from "../value/go-value.js";
import { printValue } from "../value/print.js";
import { ChartError } from "./chart.js";
import { WarningLog } from "./warning.js";

/** A chart in use: its dependencies are those that are enabled. */
export interface ActiveChart {
  readonly name: string;
  readonly values: GoMap;
  readonly dependencies: readonly ActiveChart[];
}

/**
 * A copy of `values` with the defaults of a chart and its dependencies under them. What cannot be laid over
 * a default of another kind is noted in `log`. Throws ChartError.
 */
export function coalesceValues(chart: ActiveChart, values: GoMap, log = new WarningLog()): GoMap {
  return new Coalescing(false, log).run(chart, values);
}

/** As coalesceValues, but nulls stay. */
export function mergeChartValues(chart: ActiveChart, values: GoMap): GoMap {
  return new Coalescing(true, new WarningLog()).run(chart, values);
}

class Coalescing {
  private readonly merge: boolean;
  private readonly log: WarningLog;

  constructor(merge: boolean, log: WarningLog) {
    this.merge = merge;
    this.log = log;
  }

  run(chart: ActiveChart, values: GoMap): GoMap {
    const copy = deepCopy(values);
    return this.coalesce(chart, copy instanceof GoMap ? copy : new GoMap(), chart.name);
  }

  private coalesce(chart: ActiveChart, target: GoMap, path: string): GoMap {
    this.applyDefaults(chart, target, path);
    for (const dependency of chart.dependencies) {
      const known = target.get(dependency.name);
      if (known !== undefined && known !== null && !(known instanceof GoMap)) {
        throw new ChartError(
          `type mismatch on ${dependency.name}: %!t(${typeName(known)}=${known instanceof GoInt ? known.value : printValue(known)})`,
        );
      }
      const section = known instanceof GoMap ? known : new GoMap();
      this.coalesceGlobals(section, target, path);
      target.set(dependency.name, this.coalesce(dependency, section, `${path}.${dependency.name}`));
    }
    return target;
  }

  private coalesceGlobals(section: GoMap, parent: GoMap, path: string): void {
    const inherited = parent.get("global") ?? new GoMap();
    const own = section.get("global") ?? new GoMap();
    if (!(own instanceof GoMap)) {
      this.log.info("warning: skipping globals because destination global is not a table.");
      return;
    }
    if (!(inherited instanceof GoMap)) {
      this.log.info("warning: skipping globals because source global is not a table.");
      return;
    }
    for (const [key, value] of inherited) this.coalesceGlobal(own, key, value, path);
    section.set("global", own);
  }

  private coalesceGlobal(own: GoMap, key: string, value: GoValue, path: string): void {
    const known = own.get(key);
    if (!(value instanceof GoMap)) {
      if (known instanceof GoMap) this.log.info(`key ${key} is table. Skipping`);
      else own.set(key, value);
      return;
    }
    const copy = deepCopy(value);
    if (!own.has(key)) own.set(key, copy);
    else if (known instanceof GoMap && copy instanceof GoMap) {
      coalesceTables(copy, known, false, this.log, `${path}.${key}`);
      own.set(key, copy);
    } else this.log.info(`Conflict: cannot merge map onto non-map for ${JSON.stringify(key)}. Skipping.`);
  }

  private applyDefaults(chart: ActiveChart, target: GoMap, path: string): void {
    const { merge, log } = this;
    for (const [key, value] of chart.values) {
      const known = target.get(key);
      if (!target.has(key)) target.set(key, deepCopy(value));
      else if (known === null && !merge) target.delete(key);
      else if (known instanceof GoMap && value instanceof GoMap) {
        const isSubchart = chart.dependencies.some((dependency) => dependency.name === key);
        const defaults = deepCopy(value);
        if (defaults instanceof GoMap)
          coalesceTables(known, defaults, merge || isSubchart, log, `${path}.${key}`);
      } else if (known instanceof GoMap && value !== null && value !== undefined)
        log.info(`warning: skipped value for ${path}.${key}: Not a table.`);
    }
  }
}

/** Puts defaults under a table: a null in the table removes a default that is not null, unless `merge`. */
export function coalesceTables(
  target: GoMap,
  defaults: GoMap,
  merge: boolean,
  log = new WarningLog(),
  path = "",
): GoMap {
  for (const [key, value] of defaults) {
    const known: GoValue = target.get(key);
    const full = path === "" ? key : `${path}.${key}`;
    if (!target.has(key)) target.set(key, value);
    else if (known === null) {
      if (!merge && value !== null && value !== undefined) target.delete(key);
    } else if (value instanceof GoMap) {
      if (known instanceof GoMap) coalesceTables(known, value, merge, log, full);
      else log.info(`warning: cannot overwrite table with non table for ${full} (${printValue(value)})`);
    } else if (known instanceof GoMap && value !== null && value !== undefined)
      log.info(
        `warning: destination for ${full} is a table. Ignoring non-table value (${printValue(value)})`,
      );
  }
  return target;
}
