import { KustomizeError } from "../errors.js";
import { type Decoder, decodeAs, isObject, listOf, struct, text } from "../kustomization/decode.js";
import { fieldSpecOf, fieldSpecsDecoder, type PartialFieldSpec } from "../kustomization/types.js";
import { type Loader, textOf } from "../loader/loader.js";
import { readYaml11 } from "../yaml/read.js";
import { DEFAULT_CONFIG } from "./defaults.js";
import {
  EMPTY_CONFIG,
  mergeConfig,
  type NameReference,
  type TransformerConfig,
} from "./transformer-config.js";

interface WrittenReference {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly fieldSpecs?: readonly PartialFieldSpec[];
}

type Written = {
  readonly [K in keyof TransformerConfig]?: K extends "nameReference"
    ? readonly WrittenReference[]
    : readonly PartialFieldSpec[];
};

const referencesDecoder: Decoder<WrittenReference[]> = listOf(
  struct<WrittenReference>("NameBackReferences", {
    group: text,
    version: text,
    kind: text,
    fieldSpecs: fieldSpecsDecoder,
  }),
  () => ({}),
);

const configDecoder: Decoder<Written> = struct<Written>("TransformerConfig", {
  namePrefix: fieldSpecsDecoder,
  nameSuffix: fieldSpecsDecoder,
  namespace: fieldSpecsDecoder,
  commonLabels: fieldSpecsDecoder,
  labels: fieldSpecsDecoder,
  templateLabels: fieldSpecsDecoder,
  commonAnnotations: fieldSpecsDecoder,
  nameReference: referencesDecoder,
  varReference: fieldSpecsDecoder,
  images: fieldSpecsDecoder,
  replicas: fieldSpecsDecoder,
});

/** The built-in field specs with those of the files that `configurations` lists. */
export async function loadConfigurations(
  loader: Loader,
  paths: readonly string[],
): Promise<TransformerConfig> {
  if (paths.length === 0) return DEFAULT_CONFIG;
  let own = EMPTY_CONFIG;
  for (const path of paths) {
    const loaded = await loader.load(path);
    own = mergeConfig(own, parseConfig(textOf(loaded), loaded.path));
  }
  return mergeConfig(DEFAULT_CONFIG, own);
}

function parseConfig(content: string, file: string): TransformerConfig {
  const value = convert(content, file);
  if (value === null) return EMPTY_CONFIG;
  let written: Written;
  try {
    written = decodeAs(configDecoder, value, "TransformerConfig", { strict: true, coerce: true });
  } catch (error) {
    throw KustomizeError.from(error, "kustomization", file).wrap(
      "error unmarshaling JSON: while decoding JSON",
    );
  }
  const result: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...EMPTY_CONFIG };
  for (const [key, specs] of Object.entries(written)) {
    if (key === "nameReference") result.nameReference = (specs as WrittenReference[]).map(referenceOf);
    else
      result[key as Exclude<keyof TransformerConfig, "nameReference">] = (specs as PartialFieldSpec[]).map(
        fieldSpecOf,
      );
  }
  return result;
}

function convert(content: string, file: string): unknown {
  try {
    return readYaml11(content, "kustomization", file);
  } catch (error) {
    throw KustomizeError.from(error, "kustomization", file).wrap("error converting YAML to JSON");
  }
}

function referenceOf(written: WrittenReference): NameReference {
  const { group = "", version = "", kind = "", fieldSpecs = [] } = written;
  return { group, version, kind, fieldSpecs: fieldSpecs.map(fieldSpecOf) };
}

/** The field specs that CRD schemas ask for with their `x-kubernetes-…` extensions. */
export async function loadCrds(loader: Loader, paths: readonly string[]): Promise<TransformerConfig> {
  let config = EMPTY_CONFIG;
  for (const path of paths) {
    const loaded = await loader.load(path);
    const value = readYaml11(textOf(loaded), "kustomization", loaded.path);
    if (isObject(value)) config = mergeConfig(config, configOfCrds(value));
  }
  return config;
}

function propertiesOf(definition: unknown): Record<string, unknown> {
  const schema = isObject(definition) ? fieldOf(definition, "schema") : undefined;
  const properties = isObject(schema) ? fieldOf(schema, "properties") : undefined;
  return isObject(properties) ? properties : {};
}

function fieldOf(value: Record<string, unknown>, name: string): unknown {
  const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : value[key];
}

function configOfCrds(definitions: Record<string, unknown>): TransformerConfig {
  let config = EMPTY_CONFIG;
  for (const name of Object.keys(definitions).sort()) {
    const properties = propertiesOf(definitions[name]);
    if (!["kind", "apiVersion", "metadata"].every((field) => Object.hasOwn(properties, field))) continue;
    const kind = name.slice(name.lastIndexOf(".") + 1);
    config = new CrdWalk(definitions, kind, config).walk(name, [], new Set());
  }
  return config;
}

class CrdWalk {
  readonly #definitions: Record<string, unknown>;
  readonly #kind: string;
  #config: TransformerConfig;

  constructor(definitions: Record<string, unknown>, kind: string, config: TransformerConfig) {
    this.#definitions = definitions;
    this.#kind = kind;
    this.#config = config;
  }

  walk(name: string, path: readonly string[], open: ReadonlySet<string>): TransformerConfig {
    if (open.has(name) || !Object.hasOwn(this.#definitions, name)) return this.#config;
    for (const [field, property] of Object.entries(propertiesOf(this.#definitions[name]))) {
      if (!isObject(property)) continue;
      this.#property(property, [...path, field]);
      const ref = property["$ref"];
      if (typeof ref === "string") this.walk(ref, [...path, field], new Set([...open, name]));
    }
    return this.#config;
  }

  #property(property: Record<string, unknown>, path: readonly string[]): void {
    const says = (name: string): string | undefined => {
      const value = property[`x-kubernetes-${name}`];
      return typeof value === "string" ? value : undefined;
    };
    const spec = fieldSpecOf({ kind: this.#kind, path: path.join("/") });
    if (says("annotation") !== undefined) this.#add({ commonAnnotations: [spec] });
    if (says("label-selector") !== undefined) this.#add({ commonLabels: [spec] });
    if (says("identity") !== undefined) this.#add({ namePrefix: [spec] });
    const version = says("object-ref-api-version");
    const kind = says("object-ref-kind");
    if (version === undefined || kind === undefined) return;
    const key = says("object-ref-name-key") ?? "name";
    const named = fieldSpecOf({ kind: this.#kind, path: [...path, key].join("/") });
    this.#add({ nameReference: [{ group: "", version, kind, fieldSpecs: [named] }] });
  }

  #add(more: Partial<TransformerConfig>): void {
    this.#config = mergeConfig(this.#config, { ...EMPTY_CONFIG, ...more });
  }
}
