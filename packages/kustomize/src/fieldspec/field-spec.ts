import { KustomizeError } from "../errors.js";
import { formatId, type Gvk, type GvkSelector, splitApiVersion } from "../resource/id.js";
import {
  becomeCollection,
  getField,
  isNull,
  newMap,
  newScalar,
  TAG_NULL,
  TAG_STR,
  YamlNode,
} from "../yaml/node.js";
import { setScalarField } from "../yaml/set.js";

/** Names a field of all objects of a kind: `spec/template/metadata/labels`. */
export interface FieldSpec extends GvkSelector {
  readonly path: string;
  /** Whether what is missing on the way is made. */
  readonly create: boolean;
}

/** What to make at the end of a path that may be created. */
export type LeafKind = "map" | "scalar" | "none";

/** Splits at `/`; `\/` is a slash within a part, a leading slash is nothing. */
export function splitFieldPath(path: string, separator = "/"): string[] {
  let parts = path.split(separator);
  if (parts.length > 1 && parts[0] === "") parts = parts.slice(1);
  const result: string[] = [];
  for (const part of parts) {
    const last = result[result.length - 1];
    if (last?.endsWith("\\")) result[result.length - 1] = last.slice(0, -1) + separator + part;
    else result.push(part);
  }
  return result;
}

/** Whether `spec` is for an object with these type fields, by exact text. */
export function specMatches(spec: GvkSelector, gvk: Gvk): boolean {
  return (
    (!spec.kind || spec.kind === gvk.kind) &&
    (!spec.group || spec.group === gvk.group) &&
    (!spec.version || spec.version === gvk.version)
  );
}

export function gvkOfNode(node: YamlNode): Gvk {
  const apiVersion = getField(node, "apiVersion")?.value ?? "";
  return { ...splitApiVersion(apiVersion), kind: getField(node, "kind")?.value ?? "" };
}

/**
 * Calls `set` for every field that `spec` names in the object; sequences on the way are gone through.
 * Returns how many there were.
 */
export function applyFieldSpec(
  root: YamlNode,
  spec: FieldSpec,
  leaf: LeafKind,
  set: (node: YamlNode) => void,
): number {
  const gvk = gvkOfNode(root);
  if (!specMatches(spec, gvk)) return 0;
  const walk = new Walk(splitFieldPath(spec.path), spec.create && leaf !== "none", leaf, set);
  try {
    walk.visit(root, 0);
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error;
    throw error.wrap(`considering field '${spec.path}' of object ${describe(root, gvk)}`);
  }
  return walk.count;
}

function describe(root: YamlNode, gvk: Gvk): string {
  const metadata = getField(root, "metadata");
  return formatId({
    ...gvk,
    name: getField(metadata, "name")?.value ?? "",
    namespace: getField(metadata, "namespace")?.value ?? "",
  });
}

class Walk {
  count = 0;
  readonly #path: readonly string[];
  readonly #create: boolean;
  readonly #leaf: LeafKind;
  readonly #set: (node: YamlNode) => void;

  constructor(path: readonly string[], create: boolean, leaf: LeafKind, set: (node: YamlNode) => void) {
    this.#path = path;
    this.#create = create;
    this.#leaf = leaf;
    this.#set = set;
  }

  visit(node: YamlNode, at: number): void {
    if (at === this.#path.length) {
      this.count++;
      this.#set(node);
      return;
    }
    if (isNull(node)) return;
    if (node.kind === "seq") this.#sequence(node, at);
    else if (node.kind === "map") this.#map(node, at);
    else throw new KustomizeError("transformer", "expected sequence or mapping node");
  }

  #sequence(node: YamlNode, at: number): void {
    try {
      for (const item of node.content) this.visit(item, at);
    } catch (error) {
      if (!(error instanceof KustomizeError)) throw error;
      throw error.wrap(`visit traversal on path: [${this.#path.slice(at).join(" ")}]`);
    }
  }

  #map(node: YamlNode, at: number): void {
    const part = this.#path[at] as string;
    const sequence = part.endsWith("[]");
    const name = sequence ? part.slice(0, -2) : part;
    if (name === "") {
      throw new KustomizeError("transformer", "cannot set or create an empty field name");
    }
    const last = at === this.#path.length - 1;
    let field = getField(node, name);
    if (sequence || !this.#create) {
      if (field === undefined) return;
      if (sequence && field.tag === TAG_NULL) becomeCollection(field, "seq");
    } else {
      const kind = last && this.#leaf === "scalar" ? "scalar" : "map";
      if (field === undefined) field = createField(node, name, kind);
      else if (field.tag === TAG_NULL) revive(field, kind);
    }
    this.visit(field, at + 1);
  }
}

function createField(node: YamlNode, name: string, kind: "map" | "scalar"): YamlNode {
  const made = kind === "map" ? newMap() : newScalar("");
  node.content.push(newScalar(name), made);
  return made;
}

function revive(field: YamlNode, kind: "map" | "scalar"): void {
  if (kind === "map") {
    becomeCollection(field, "map");
  } else {
    field.kind = "scalar";
    field.tag = TAG_STR;
  }
}

/** A setter that puts one shared value node into maps under `key`, as kustomize shares it. */
export function entrySetter(key: string, value: string, tag: string): (node: YamlNode) => void {
  const shared = new YamlNode("scalar", tag, value, "plain", 0);
  return (node) => {
    if (isNull(node)) return;
    if (node.kind !== "map") throw wrongKind("MappingNode", node);
    setScalarField(node, key, shared);
  };
}

const KIND_NAMES = {
  map: "MappingNode",
  seq: "SequenceNode",
  scalar: "ScalarNode",
  alias: "AliasNode",
} as const;

/** A field that is a map where a scalar should be, and the like. */
export function wrongKind(expected: string, node: YamlNode): KustomizeError {
  const contents = node.kind === "scalar" ? `${node.value}\n` : "";
  return new KustomizeError(
    "transformer",
    `wrong node kind: expected ${expected} but got ${KIND_NAMES[node.kind]}: node contents:\n${contents}`,
  );
}
