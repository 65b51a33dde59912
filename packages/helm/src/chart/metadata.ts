import { parseYaml, tryParseVersion, YamlError } from "@capstan/kube";
import { formatFloat } from "../value/number.js";
import { yamlProblem } from "../value/yaml-problem.js";
import { ChartError, type ChartMetadata, type Dependency, type Maintainer } from "./chart.js";

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number")
    return formatFloat(Math.fround(value) === value ? value : Number(value.toPrecision(8)));
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "bigint")
    return clean(String(value));
  return "";
}

/** Unicode spaces become plain ones, what cannot be printed is dropped. */
function clean(value: string): string {
  return value.replace(/\s/gu, " ").replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "");
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const texts = (value: unknown): string[] => list(value).map(text);

function maintainerOf(value: unknown): Maintainer {
  if (!isPlain(value)) throw new ChartError("validation: maintainers must not contain empty or null nodes");
  return { name: text(value["name"]), email: text(value["email"]), url: text(value["url"]) };
}

/** A dependency of Chart.yaml or requirements.yaml. Throws ChartError. */
export function dependencyOf(value: unknown): Dependency {
  if (!isPlain(value)) throw new ChartError("validation: dependencies must not contain empty or null nodes");
  const dependency: Dependency = {
    name: text(value["name"]),
    version: text(value["version"]),
    repository: text(value["repository"]),
    condition: text(value["condition"]),
    tags: texts(value["tags"]),
    importValues: list(value["import-values"]),
    alias: text(value["alias"]),
  };
  if (dependency.alias !== "" && !/^[a-zA-Z0-9_-]+$/.test(dependency.alias)) {
    throw new ChartError(
      `validation: dependency ${JSON.stringify(dependency.name)} has disallowed characters in the alias`,
    );
  }
  return dependency;
}

/** Reads Chart.yaml. Throws ChartError. */
export function parseMetadata(source: string): ChartMetadata {
  const raw = load(source);
  const annotations = raw["annotations"];
  const metadata: ChartMetadata = {
    apiVersion: text(raw["apiVersion"]) || "v1",
    name: text(raw["name"]),
    version: text(raw["version"]),
    appVersion: text(raw["appVersion"]),
    description: text(raw["description"]),
    type: text(raw["type"]),
    kubeVersion: text(raw["kubeVersion"]),
    home: text(raw["home"]),
    icon: text(raw["icon"]),
    condition: text(raw["condition"]),
    tags: text(raw["tags"]),
    deprecated: raw["deprecated"] === true,
    keywords: texts(raw["keywords"]),
    sources: texts(raw["sources"]),
    maintainers: list(raw["maintainers"]).map(maintainerOf),
    annotations: isPlain(annotations)
      ? Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, text(value)]))
      : undefined,
    dependencies: list(raw["dependencies"]).map(dependencyOf),
  };
  validate(metadata);
  return metadata;
}

function load(source: string): Plain {
  try {
    const raw = parseYaml(source, { dialect: "helm" });
    if (isPlain(raw)) return raw;
    throw new ChartError(
      "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal value into Go value of type Metadata",
    );
  } catch (error) {
    if (error instanceof YamlError) throw new ChartError(`cannot load Chart.yaml: ${yamlProblem(error)}`);
    throw error;
  }
}

function validate(metadata: ChartMetadata): void {
  const bad = (message: string) => new ChartError(`validation: ${message}`);
  if (!["v1", "v2", "v3"].includes(metadata.apiVersion)) throw new ChartError("unsupported chart version");
  if (metadata.name === "") throw bad("chart.metadata.name is required");
  if (metadata.name === "." || metadata.name === "..")
    throw bad(`chart.metadata.name ${JSON.stringify(metadata.name)} is not allowed`);
  if (metadata.name.includes("/") || metadata.name.includes("\\"))
    throw bad(`chart.metadata.name ${JSON.stringify(metadata.name)} is invalid`);
  if (metadata.version === "") throw bad("chart.metadata.version is required");
  if (tryParseVersion(metadata.version) === undefined)
    throw bad(`chart.metadata.version ${JSON.stringify(metadata.version)} is invalid`);
  if (!["", "application", "library"].includes(metadata.type))
    throw bad("chart.metadata.type must be application or library");
  const names = new Set<string>();
  for (const dependency of metadata.dependencies) {
    const key = dependency.alias === "" ? dependency.name : dependency.alias;
    if (names.has(key)) throw bad(`more than one dependency with name or alias ${JSON.stringify(key)}`);
    names.add(key);
  }
  if (metadata.apiVersion === "v3") throw new ChartError("invalid chart apiVersion");
}
