import { KustomizeError } from "../errors.js";
import { formatId, type Gvk, type GvkSelector, gvkSelected } from "../resource/id.js";
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

/** Makes specs ready for use. */
export function fieldWalks(specs: readonly FieldSpec[], leaf: LeafKind): FieldWalk[] {
  return specs.map((spec) => new FieldWalk(spec, leaf));
}

function describe(root: YamlNode, gvk: Gvk): string {
  const metadata = getField(root, "metadata");
  return formatId({
    ...gvk,
    name: getField(metadata, "name")?.value ?? "",
    namespace: getField(metadata, "namespace")?.value ?? "",
  });
}

/** A field spec made ready to be applied to many objects. */
export class FieldWalk {
  readonly spec: FieldSpec;
  readonly #path: readonly string[];
  readonly #create: boolean;
  readonly #leaf: LeafKind;
  #count = 0;
  #set: (node: YamlNode) => void = () => undefined;

  constructor(spec: FieldSpec, leaf: LeafKind) {
    this.spec = spec;
    this.#path = splitFieldPath(spec.path);
    this.#create = spec.create && leaf !== "none";
    this.#leaf = leaf;
  }

  /**
   * Calls `set` for every field that the spec names in an object of the given kind; sequences on the way
   * are gone through. Returns how many there were.
   */
  apply(root: YamlNode, gvk: Gvk, set: (node: YamlNode) => void): number {
    if (!gvkSelected(gvk, this.spec)) return 0;
    this.#count = 0;
    this.#set = set;
    try {
      this.#visit(root, 0);
    } catch (error) {
      if (!(error instanceof KustomizeError)) throw error;
      throw error.wrap(`considering field '${this.spec.path}' of object ${describe(root, gvk)}`);
    }
    return this.#count;
  }

  #visit(node: YamlNode, at: number): void {
    if (at === this.#path.length) {
      this.#count++;
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
      for (const item of node.content) this.#visit(item, at);
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
    this.#visit(field, at + 1);
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

/** A field that is a map where a scalar should be, and the like. What it holds may be secret. */
export function wrongKind(expected: string, node: YamlNode): KustomizeError {
  const actual = KIND_NAMES[node.kind];
  return new KustomizeError("transformer", `wrong node kind: expected ${expected} but got ${actual}`);
}
