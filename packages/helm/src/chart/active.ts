import { satisfies, VersionError } from "@capstan/kube";
import { fromPlain, GoMap, type GoValue } from "../value/go-value.js";
import { type Chart, ChartError, type ChartMetadata, type Dependency } from "./chart.js";
import { coalesceTables, coalesceValues, mergeChartValues } from "./coalesce.js";
import { WarningLog } from "./warning.js";

/** A chart while it is prepared and rendered: dependencies enabled, aliased, values imported. */
export class ActiveChart {
  readonly chart: Chart;
  name: string;
  values: GoMap;
  listed: Dependency[];
  dependencies: ActiveChart[];

  constructor(chart: Chart) {
    this.chart = chart;
    this.name = chart.metadata.name;
    const values = fromPlain(chart.values);
    this.values = values instanceof GoMap ? values : new GoMap();
    this.listed = [...chart.metadata.dependencies];
    this.dependencies = chart.dependencies.map((dependency) => new ActiveChart(dependency));
  }

  get metadata(): ChartMetadata {
    return this.chart.metadata;
  }
}

/** Every dependency that Chart.yaml lists must be in charts/. Throws ChartError. */
export function checkDependencies(chart: Chart): void {
  const present = new Set(chart.dependencies.map((dependency) => dependency.metadata.name));
  const missing = chart.metadata.dependencies
    .filter((dependency) => !present.has(dependency.name))
    .map((dependency) => dependency.name);
  if (missing.length === 0) return;
  throw new ChartError(
    `an error occurred while checking for chart dependencies. You may need to run \`helm dependency build\` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(", ")}`,
  );
}

/** Enables, disables and renames dependencies, then imports their values, as Helm does before rendering. */
export function activate(chart: Chart, values: GoMap, log = new WarningLog()): ActiveChart {
  const active = new ActiveChart(chart);
  enable(active, values, "", log);
  importValues(active, log);
  return active;
}

function matchesVersion(chart: Chart, constraint: string): boolean {
  try {
    return satisfies(chart.metadata.version, constraint);
  } catch (error) {
    // A constraint that cannot be read matches no chart.
    if (error instanceof VersionError) return false;
    throw error;
  }
}

const isFor = (active: ActiveChart, dependency: Dependency): boolean =>
  active.chart.metadata.name === dependency.name && matchesVersion(active.chart, dependency.version);

function enable(active: ActiveChart, values: GoMap, path: string, log: WarningLog): void {
  if (active.listed.length === 0) return;
  const found = active.dependencies;
  const kept = found.filter((candidate) => !active.listed.some((dependency) => isFor(candidate, dependency)));
  const names = new Map<Dependency, string>();
  for (const dependency of active.listed) {
    const match = found.find((candidate) => isFor(candidate, dependency));
    const name = dependency.alias === "" ? dependency.name : dependency.alias;
    names.set(dependency, name);
    if (match === undefined) continue;
    const copy = new ActiveChart(match.chart);
    copy.name = name;
    kept.push(copy);
  }
  active.dependencies = kept;
  const coalesced = coalesceValues(active, values, log);
  const disabled = new Set<string>();
  for (const dependency of active.listed) {
    const byTags = enabledByTags(dependency, coalesced, log);
    if (!(enabledByCondition(dependency, coalesced, path, log) ?? byTags))
      disabled.add(names.get(dependency) ?? dependency.name);
  }
  active.dependencies = active.dependencies.filter((dependency) => !disabled.has(dependency.name));
  active.listed = active.listed
    .filter((dependency) => !disabled.has(names.get(dependency) ?? dependency.name))
    .map((dependency) => ({ ...dependency, name: names.get(dependency) ?? dependency.name }));
  for (const dependency of active.dependencies)
    enable(dependency, coalesced, `${path}${dependency.name}.`, log);
}

function enabledByTags(dependency: Dependency, values: GoMap, log: WarningLog): boolean {
  const tags = values.get("tags");
  if (!(tags instanceof GoMap)) return true;
  for (const tag of dependency.tags)
    if (tags.has(tag) && typeof tags.get(tag) !== "boolean")
      log.warn(`returned non-bool value tag=${tag} chart=${dependency.name}`);
  const flags = dependency.tags.map((tag) => tags.get(tag)).filter((flag) => typeof flag === "boolean");
  return flags.length === 0 || flags.includes(true);
}

function enabledByCondition(
  dependency: Dependency,
  values: GoMap,
  path: string,
  log: WarningLog,
): boolean | undefined {
  for (const condition of dependency.condition.split(",")) {
    if (condition === "") continue;
    const value = pathValue(values, `${path}${condition}`);
    if (typeof value === "boolean") return value;
    if (value !== undefined)
      log.warn(`returned non-bool value path=${path}${condition} chart=${dependency.name}`);
  }
  return undefined;
}

function pathValue(values: GoMap, path: string): GoValue {
  let current: GoValue = values;
  for (const part of path.split(".")) {
    if (!(current instanceof GoMap)) return undefined;
    current = current.get(part);
  }
  return current;
}

/** The table at a dotted path; `.` is the whole. */
function tableAt(values: GoMap, path: string): GoMap | undefined {
  const found = path === "." || path === "" ? values : pathValue(values, path);
  return found instanceof GoMap ? found : undefined;
}

function importValues(active: ActiveChart, log: WarningLog): void {
  for (const dependency of active.dependencies) importValues(dependency, log);
  if (active.listed.length === 0) return;
  const defaults = mergeChartValues(active, new GoMap());
  const imported = new GoMap();
  for (const dependency of active.listed) {
    for (const item of dependency.importValues) {
      const { child, parent } = importPaths(item);
      const source = tableAt(defaults, `${dependency.name}.${child}`.replace(/\.$/, ""));
      if (source === undefined)
        log.warn(
          `ImportValues missing table${typeof item === "string" ? "" : " from chart"} chart=${dependency.name} table=${child}`,
        );
      else coalesceTables(imported, nestedUnder(parent, source), true);
    }
  }
  if (imported.size === 0) return;
  const own = fromPlain(active.chart.values);
  active.values = own instanceof GoMap ? coalesceTables(own, imported, true) : imported;
}

function importPaths(item: unknown): { child: string; parent: string } {
  if (typeof item === "string") return { child: `exports.${item}`, parent: "." };
  if (typeof item === "object" && item !== null && "child" in item && "parent" in item) {
    return { child: String(item.child), parent: String(item.parent) };
  }
  return { child: "\0", parent: "." };
}

function nestedUnder(path: string, table: GoMap): GoMap {
  const copy = new GoMap(table);
  if (path === "." || path === "") return copy;
  return path.split(".").reduceRight<GoMap>((inner, part) => new GoMap([[part, inner]]), copy);
}
