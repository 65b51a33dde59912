import { type Draft, defaultDraft, draftOf } from "./draft.js";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A schema that cannot be used at all. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

/** A schema inside a document, with what its references are relative to. */
export interface SchemaNode {
  readonly json: JsonObject | boolean;
  readonly draft: Draft;
  readonly base: string;
  /** The identifier shown in errors. */
  readonly location: string;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that the object itself has. */
export function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

const root = "file:///values.schema.json";
/** Keywords whose members are schemas by name, which are no keywords themselves. */
const maps = new Set([
  "properties",
  "patternProperties",
  "definitions",
  "$defs",
  "dependentSchemas",
  "dependencies",
]);
const plainData = new Set(["enum", "const", "default", "examples"]);
const maxDepth = 400;

/** A schema with every schema in it that has an identifier or an anchor. */
export class SchemaDocument {
  readonly root: SchemaNode;
  readonly unresolvedNames = new Set<string>();
  private readonly resources = new Map<string, SchemaNode>();
  private readonly anchors = new Map<string, SchemaNode>();
  private readonly dynamicAnchors = new Map<string, SchemaNode>();
  private readonly nodes = new WeakMap<JsonObject, SchemaNode>();

  constructor(json: Json) {
    const draft = this.declaredDraft(json) ?? defaultDraft;
    const top: SchemaNode = {
      json: isObject(json) || typeof json === "boolean" ? json : {},
      draft,
      base: root,
      location: `${root}#`,
    };
    this.root = this.index(top, 0) ?? top;
    this.resources.set(root, this.root);
  }

  private declaredDraft(json: Json): Draft | undefined {
    const uri = isObject(json) ? member(json, "$schema") : undefined;
    if (typeof uri !== "string") return undefined;
    const draft = draftOf(uri);
    if (draft === undefined)
      throw new SchemaError(`failing loading "${uri}": schemas elsewhere are not read`);
    return draft;
  }

  /** Notes a schema and all below it; the node with its own base. */
  private index(node: SchemaNode, depth: number): SchemaNode | undefined {
    const { json } = node;
    if (!isObject(json)) return undefined;
    if (depth > maxDepth) throw new SchemaError("the schema is nested too deeply");
    const draft = depth === 0 ? node.draft : (this.declaredDraft(json) ?? node.draft);
    const id = member(json, draft === 4 ? "id" : "$id");
    const isReference = draft < 2019 && typeof member(json, "$ref") === "string";
    let { base, location } = node;
    if (typeof id === "string" && !isReference && !id.startsWith("#")) {
      base = resolve(base, id).replace(/#.*$/, "");
      location = `${base}#`;
    }
    const own: SchemaNode = { json, draft, base, location };
    this.nodes.set(json, own);
    if (base !== node.base) this.resources.set(base, own);
    this.indexAnchors(own, id);
    for (const [key, value] of Object.entries(json)) this.indexBelow(own, key, value, depth);
    return own;
  }

  private indexAnchors(node: SchemaNode, id: Json | undefined): void {
    if (!isObject(node.json)) return;
    if (typeof id === "string" && id.startsWith("#") && id.length > 1 && node.draft < 2019)
      this.anchors.set(node.base + id, node);
    for (const keyword of ["$anchor", "$dynamicAnchor"]) {
      const name = member(node.json, keyword);
      if (typeof name !== "string") continue;
      this.anchors.set(`${node.base}#${name}`, node);
      if (keyword === "$dynamicAnchor") this.dynamicAnchors.set(`${node.base}#${name}`, node);
    }
    if (member(node.json, "$recursiveAnchor") === true) this.dynamicAnchors.set(`${node.base}#`, node);
  }

  private indexBelow(parent: SchemaNode, key: string, value: Json, depth: number): void {
    if (plainData.has(key)) return;
    const below = (json: Json, path: string): void => {
      if (isObject(json)) this.index({ ...parent, json, location: `${parent.location}${path}` }, depth + 1);
    };
    if (Array.isArray(value))
      for (const [at, item] of (value as readonly Json[]).entries()) below(item, `/${key}/${at}`);
    else if (isObject(value) && maps.has(key))
      for (const [name, item] of Object.entries(value)) below(item, `/${key}/${name}`);
    else below(value, `/${key}`);
  }

  /** The node of a schema below another. */
  node(json: JsonObject | boolean, parent: SchemaNode): SchemaNode {
    return (typeof json === "object" ? this.nodes.get(json) : undefined) ?? { ...parent, json };
  }

  /** What a reference points to; undefined for a `urn:` that is not here, which accepts everything. Throws SchemaError. */
  resolve(node: SchemaNode, reference: string): SchemaNode | undefined {
    const uri = resolve(node.base, reference);
    const hash = uri.indexOf("#");
    const resource = hash < 0 ? uri : uri.slice(0, hash);
    const fragment = hash < 0 ? "" : decodeFragment(uri.slice(hash + 1));
    const target = this.resources.get(resource);
    if (target === undefined) {
      if (!resource.startsWith("urn:"))
        throw new SchemaError(`failing loading "${resource}": schemas elsewhere are not read`);
      this.unresolvedNames.add(resource);
      return undefined;
    }
    if (fragment === "") return target;
    if (fragment.startsWith("/")) return this.walk(target, fragment);
    const anchored = this.anchors.get(`${resource}#${fragment}`);
    if (anchored === undefined) throw new SchemaError(`anchor "${fragment}" in "${resource}" not found`);
    return anchored;
  }

  /** The schema with a dynamic anchor in a resource, if it has one. */
  dynamic(base: string, anchor: string): SchemaNode | undefined {
    return this.dynamicAnchors.get(`${base}#${anchor}`);
  }

  private walk(target: SchemaNode, path: string): SchemaNode {
    let current: Json | undefined = target.json;
    let node = target;
    for (const part of path.slice(1).split("/")) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (Array.isArray(current))
        current = /^\d+$/.test(key) ? (current as readonly Json[])[Number(key)] : undefined;
      else current = isObject(current) ? member(current, key) : undefined;
      if (isObject(current)) node = this.node(current, node);
    }
    if (!isObject(current) && typeof current !== "boolean")
      throw new SchemaError(`json-pointer in "${target.base}#${path}" not found`);
    return this.node(current, { ...node, location: `${target.base}#${path}` });
  }
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch (error) {
    // A stray percent sign stands for itself.
    if (error instanceof URIError) return fragment;
    throw error;
  }
}

function resolve(base: string, reference: string): string {
  if (reference.startsWith("#")) return base + reference;
  if (reference.startsWith("urn:")) return reference;
  return URL.canParse(reference, base) ? new URL(reference, base).href : reference;
}
