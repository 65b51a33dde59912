import { stringifyYaml } from "@capstan/kube";
import type { ActiveChart } from "../chart/active.js";
import type { ChartFile } from "../chart/chart.js";
import { FunctionError } from "../template/error.js";
import { MethodMap } from "../template/method-map.js";
import { fromPlain, GoMap, type GoMethod, type GoValue, toPlain } from "../value/go-value.js";
import { FilesValue } from "./files.js";

/** `.Values`: a map with methods. */
export class ValuesMap extends MethodMap {
  constructor(entries?: Iterable<readonly [string, GoValue]>) {
    super(entries, "common.Values");
  }

  method(name: string): GoMethod | undefined {
    switch (name) {
      case "AsMap":
        return { params: [], run: () => new GoMap(this) };
      case "YAML":
        return { params: [], run: () => stringifyYaml(toPlain(this)) };
      case "Table":
        return { params: ["string"], run: (path) => this.at(String(path), "is not a table", true) };
      case "PathValue":
        return { params: ["string"], run: (path) => this.at(String(path), "is not a value", false) };
      default:
        return undefined;
    }
  }

  private at(path: string, problem: string, table: boolean): GoValue {
    let current: GoValue = this;
    for (const part of path.split(".")) current = current instanceof GoMap ? current.get(part) : undefined;
    if (current === undefined || (table && !(current instanceof GoMap)))
      throw new FunctionError(`${JSON.stringify(path)} ${problem}`);
    return current;
  }
}

/** A template file and the data it is rendered with. */
export interface Renderable {
  readonly path: string;
  readonly file: ChartFile;
  readonly data: GoMap;
  readonly basePath: string;
}

/** What all charts of a rendering share. */
export interface SharedContext {
  readonly release: GoMap;
  readonly capabilities: GoValue;
}

/** Collects the templates of a chart and its dependencies with their data. */
export function collectTemplates(root: ActiveChart, values: GoMap, shared: SharedContext): Renderable[] {
  const found: Renderable[] = [];
  contextOf(root, new ValuesMap(values), root.name, true, shared, found);
  return found;
}

function contextOf(
  active: ActiveChart,
  values: ValuesMap,
  path: string,
  isRoot: boolean,
  shared: SharedContext,
  found: Renderable[],
): GoMap {
  const subcharts = new GoMap(undefined, "map[string]interface {}");
  const data = new GoMap([
    ["Chart", chartData(active, isRoot)],
    ["Files", new FilesValue(active.chart.files)],
    ["Release", shared.release],
    ["Capabilities", shared.capabilities],
    ["Values", values],
    ["Subcharts", subcharts],
  ]);
  for (const dependency of active.dependencies) {
    const section = values.get(dependency.name);
    const scoped = shareSection(values, dependency.name, section);
    subcharts.set(
      dependency.name,
      contextOf(dependency, scoped, `${path}/charts/${dependency.name}`, false, shared, found),
    );
  }
  const isLibrary = active.metadata.type === "library";
  for (const file of active.chart.templates) {
    if (isLibrary && !(file.name.split("/").at(-1) ?? "").startsWith("_")) continue;
    found.push({ path: `${path}/${file.name}`, file, data, basePath: `${path}/templates` });
  }
  return data;
}

/** The section of a dependency as its values; the parent keeps seeing what templates change in it. */
function shareSection(parent: GoMap, name: string, section: GoValue): ValuesMap {
  if (section instanceof ValuesMap) return section;
  const scoped = new ValuesMap(section instanceof GoMap ? section : undefined);
  if (section instanceof GoMap) parent.set(name, new SharedSection(scoped));
  return scoped;
}

/** The parent's view of a dependency's values: an ordinary map over the same entries. */
class SharedSection extends GoMap {
  private readonly target: ValuesMap | undefined;

  constructor(target: ValuesMap) {
    super();
    this.target = target;
  }

  override get size(): number {
    return this.target?.size ?? 0;
  }
  override get(key: string): GoValue {
    return this.target?.get(key);
  }
  override has(key: string): boolean {
    return this.target?.has(key) === true;
  }
  override set(key: string, value: GoValue): this {
    this.target?.set(key, value);
    return this;
  }
  override delete(key: string): boolean {
    return this.target?.delete(key) === true;
  }
  override keys(): MapIterator<string> {
    return this.target?.keys() ?? super.keys();
  }
  override values(): MapIterator<GoValue> {
    return this.target?.values() ?? super.values();
  }
  override entries(): MapIterator<[string, GoValue]> {
    return this.target?.entries() ?? super.entries();
  }
  override [Symbol.iterator](): MapIterator<[string, GoValue]> {
    return this.entries();
  }
}

function chartData(active: ActiveChart, isRoot: boolean): GoMap {
  const { metadata } = active;
  const plain = {
    APIVersion: metadata.apiVersion,
    Annotations: metadata.annotations ?? null,
    AppVersion: metadata.appVersion,
    Condition: metadata.condition,
    Dependencies: active.listed.map((dependency) => ({
      Alias: dependency.alias,
      Condition: dependency.condition,
      Enabled: true,
      ImportValues: dependency.importValues,
      Name: dependency.name,
      Repository: dependency.repository,
      Tags: dependency.tags,
      Version: dependency.version,
    })),
    Deprecated: metadata.deprecated,
    Description: metadata.description,
    Home: metadata.home,
    Icon: metadata.icon,
    IsRoot: isRoot,
    Keywords: metadata.keywords,
    KubeVersion: metadata.kubeVersion,
    Maintainers: metadata.maintainers.map(({ name, email, url }) => ({ Email: email, Name: name, URL: url })),
    Name: active.name,
    Sources: metadata.sources,
    Tags: metadata.tags,
    Type: metadata.type,
    Version: metadata.version,
  };
  const data = fromPlain(plain);
  return data instanceof GoMap ? data : new GoMap();
}
