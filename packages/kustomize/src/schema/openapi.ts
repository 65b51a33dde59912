import { KustomizeError } from "../errors.js";
import { isObject } from "../kustomization/decode.js";
import { readYaml11 } from "../yaml/read.js";
import { builtinDefinition, builtinSchema } from "./builtin.js";
import type { MergeSchema, SchemaLookup } from "./merge-schema.js";
import type { Scopes } from "./scopes.js";

type Json = Record<string, unknown>;

const GVK = "x-kubernetes-group-version-kind";
const BUILTIN_VERSION = "v1.21.2";
/** References that lead on and on end here. */
const MAX_REFS = 50;

/**
 * Schemas of an OpenAPI document that a kustomization brings, in the place of the built-in ones or,
 * where `beside`, with those for what it lacks.
 */
export function customSchemas(text: string, file: string, scopes: Scopes, beside: boolean): SchemaLookup {
  const document = readYaml11(text, "kustomization", file);
  if (!isObject(document)) {
    throw new KustomizeError("kustomization", `invalid schema file: '${file}' is no OpenAPI document`, {
      file,
    });
  }
  const definitions = new Map<string, Json>();
  const kinds = new Map<string, Json>();
  for (const [name, definition] of entriesOf(document["definitions"])) {
    definitions.set(name, definition);
    const gvks = definition[GVK];
    for (const gvk of Array.isArray(gvks) ? gvks : []) {
      const key = kindKey(gvk);
      if (key !== undefined) kinds.set(`${key.apiVersion} ${key.kind}`, definition);
    }
  }
  learnScopes(document["paths"], scopes);
  return (apiVersion, kind) => {
    const found = kinds.get(`${apiVersion} ${kind}`);
    if (found === undefined) return beside ? builtinSchema(apiVersion, kind) : undefined;
    return new DocumentSchema(found, { own: definitions, beside });
  };
}

/** Checks what `openapi` names beside a file: only one version is built in. */
export function versionedSchemas(version: string | undefined): SchemaLookup {
  if (version && version !== BUILTIN_VERSION) {
    throw new KustomizeError("kustomization", "the specified OpenAPI version is not built in");
  }
  return builtinSchema;
}

function entriesOf(value: unknown): [string, Json][] {
  if (!isObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, Json] => isObject(entry[1]));
}

function kindKey(gvk: unknown): { apiVersion: string; kind: string } | undefined {
  if (!isObject(gvk)) return undefined;
  const { group, version, kind } = gvk;
  if (typeof version !== "string" || typeof kind !== "string") return undefined;
  const apiVersion = typeof group === "string" && group !== "" ? `${group}/${version}` : version;
  return { apiVersion, kind };
}

function learnScopes(paths: unknown, scopes: Scopes): void {
  const namespaced = new Map<string, { apiVersion: string; kind: string; namespaced: boolean }>();
  for (const [path, item] of entriesOf(paths)) {
    const get = item["get"];
    const key = isObject(get) ? kindKey(get[GVK]) : undefined;
    if (key === undefined) continue;
    const id = `${key.apiVersion} ${key.kind}`;
    const inNamespace = path.includes("namespaces/{namespace}") || (namespaced.get(id)?.namespaced ?? false);
    namespaced.set(id, { ...key, namespaced: inNamespace });
  }
  for (const kind of namespaced.values()) scopes.learn(kind.apiVersion, kind.kind, !kind.namespaced);
}

/** The definitions that references may name. */
interface Definitions {
  readonly own: ReadonlyMap<string, Json>;
  readonly beside: boolean;
}

class DocumentSchema implements MergeSchema {
  readonly #schema: Json;
  readonly #definitions: Definitions;

  constructor(schema: Json, definitions: Definitions) {
    this.#schema = schema;
    this.#definitions = definitions;
  }

  field(name: string): MergeSchema | undefined {
    const properties = this.#schema["properties"];
    if (isObject(properties) && Object.hasOwn(properties, name)) return this.#resolve(properties[name]);
    return this.#resolve(this.#schema["additionalProperties"]);
  }

  elements(): MergeSchema | undefined {
    return this.#schema["type"] === "array" ? this.#resolve(this.#schema["items"]) : undefined;
  }

  get merged(): boolean {
    return String(this.#schema["x-kubernetes-patch-strategy"] ?? "")
      .split(",")
      .includes("merge");
  }

  get keys(): readonly string[] {
    const listKeys = this.#schema["x-kubernetes-list-map-keys"];
    if (Array.isArray(listKeys)) return listKeys.map(String);
    const key = this.#schema["x-kubernetes-patch-merge-key"];
    return typeof key === "string" ? [key] : [];
  }

  #resolve(value: unknown): MergeSchema | undefined {
    let at = value;
    for (let i = 0; i < MAX_REFS && isObject(at); i++) {
      const ref = at["$ref"];
      if (typeof ref !== "string") return new DocumentSchema(at, this.#definitions);
      const name = ref.replace(/^#\/definitions\//, "");
      at = this.#definitions.own.get(name);
      if (at === undefined && this.#definitions.beside) return builtinDefinition(name);
    }
    return undefined;
  }
}
