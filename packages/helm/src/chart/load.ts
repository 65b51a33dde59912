import { parseYaml, parseYamlDocuments, YamlError } from "@capstan/kube";
import { compareBytes } from "../value/go-value.js";
import { yamlProblem } from "../value/yaml-problem.js";
import { maxFileSize, unpackChart } from "./archive.js";
import { type Chart, ChartError, type ChartFile, type Dependency } from "./chart.js";
import { parseIgnore } from "./ignore.js";
import { mergeValues } from "./merge.js";
import { dependencyOf, parseMetadata } from "./metadata.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: false });

/** A file's text without a leading byte order mark. */
export function fileText(file: ChartFile): string {
  return utf8.decode(file.data);
}

/** Of a chart directory's files those that its `.helmignore` leaves. Throws ChartError. */
export function chartFiles(files: readonly ChartFile[]): ChartFile[] {
  const ignore = files.find((file) => file.name === ".helmignore");
  const ignored = parseIgnore(ignore === undefined ? "" : fileText(ignore));
  const folders = new Map<string, boolean>([["", false]]);
  const isIgnored = (folder: string): boolean => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const found = isIgnored(folderOf(folder)) || ignored(folder, true);
    folders.set(folder, found);
    return found;
  };
  return files.filter((file) => !isIgnored(folderOf(file.name)) && !ignored(file.name, false));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Loads a chart from a directory's files; `.helmignore` applies. Throws ChartError. */
export function loadChart(files: readonly ChartFile[]): Chart {
  const kept = chartFiles(files);
  for (const file of kept) {
    if (file.data.length > maxFileSize)
      throw new ChartError(
        `chart file ${JSON.stringify(file.name)} is larger than the maximum file size ${maxFileSize}`,
      );
  }
  return assemble(
    [...kept].sort((a, b) => compareBytes(a.name, b.name)),
    0,
  );
}

/** Loads a chart from a packed archive. Throws ChartError. */
export function loadArchive(bytes: Uint8Array): Chart {
  return assemble(unpackChart(bytes), 0);
}

const maxNesting = 50;

function assemble(files: readonly ChartFile[], depth: number): Chart {
  if (depth > maxNesting) throw new ChartError("charts are nested too deeply");
  const byName = new Map(files.map((file) => [file.name, file]));
  const chartYaml = byName.get("Chart.yaml");
  if (chartYaml === undefined) throw new ChartError("Chart.yaml file is missing");
  const metadata = parseMetadata(fileText(chartYaml));
  const requirements = byName.get("requirements.yaml");
  const listed = requirements === undefined ? metadata.dependencies : requirementsOf(requirements);
  const schema = byName.get("values.schema.json");
  const templates: ChartFile[] = [];
  const others: ChartFile[] = [];
  const nested = new Map<string, ChartFile[]>();
  for (const file of files) {
    if (["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"].includes(file.name)) continue;
    if (
      (file.name === "requirements.yaml" || file.name === "requirements.lock") &&
      metadata.apiVersion !== "v1"
    )
      continue;
    if (file.name.startsWith("templates/")) templates.push(file);
    else if (!file.name.startsWith("charts/")) others.push(file);
    else if (file.name.endsWith(".prov")) others.push(file);
    else place(file, nested);
  }
  const dependencies = [...nested].map(([name, inner]) => subchart(name, inner, metadata.name, depth));
  return {
    metadata: { ...metadata, dependencies: listed },
    values: valuesOf(byName.get("values.yaml")),
    schema: schema === undefined ? undefined : fileText(schema),
    templates,
    files: others,
    dependencies,
  };
}

function place(file: ChartFile, nested: Map<string, ChartFile[]>): void {
  const [top = "", ...rest] = file.name.slice("charts/".length).split("/");
  if (top.startsWith("_") || top.startsWith(".")) return;
  const inner = { name: rest.join("/"), data: file.data };
  const known = nested.get(top);
  if (known === undefined) nested.set(top, [inner]);
  else known.push(inner);
}

function subchart(name: string, files: readonly ChartFile[], parent: string, depth: number): Chart {
  const [only] = files;
  try {
    if (only !== undefined && only.name === "") {
      if (name.endsWith(".tgz")) return assemble(unpackChart(only.data), depth + 1);
      throw new ChartError("Chart.yaml file is missing");
    }
    return assemble(files, depth + 1);
  } catch (error) {
    if (error instanceof ChartError)
      throw new ChartError(`error unpacking subchart ${name} in ${parent}: ${error.message}`);
    throw error;
  }
}

function requirementsOf(file: ChartFile): Dependency[] {
  const raw = parseYaml(fileText(file), { dialect: "helm" });
  const list = typeof raw === "object" && raw !== null && "dependencies" in raw ? raw.dependencies : [];
  return Array.isArray(list) ? list.map(dependencyOf) : [];
}

function valuesOf(file: ChartFile | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  return parseValues(fileText(file), "cannot load values.yaml: ");
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const VALUES = { dialect: "helm", bigIntegers: "float" } as const;

function asValues(value: unknown, prefix: string): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (isPlain(value)) return value;
  const kind = Array.isArray(value) ? "array" : typeof value;
  throw new ChartError(
    `${prefix}cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
  );
}

/**
 * Reads a values file; several documents are merged left to right. Helm reads it line by line, so that its
 * last line counts as ended. Throws ChartError starting with `prefix`.
 */
export function parseValues(text: string, prefix: string): Record<string, unknown> {
  return readingValues(prefix, () => {
    let merged: Record<string, unknown> = {};
    for (const { value } of parseYamlDocuments(`${text}\n`, VALUES)) {
      merged = mergeValues(merged, asValues(value, prefix));
    }
    return merged;
  });
}

/** Reads values that a program hands over: the first document of a text, taken as it is. Throws ChartError. */
export function readValues(text: string): Record<string, unknown> {
  return readingValues("", () => asValues(parseYaml(text, VALUES), ""));
}

function readingValues(prefix: string, read: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return read();
  } catch (error) {
    if (error instanceof YamlError)
      throw new ChartError(`${prefix}cannot unmarshal yaml document: ${yamlProblem(error)}`);
    throw error;
  }
}
