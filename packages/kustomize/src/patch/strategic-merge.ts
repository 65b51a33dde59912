import { KustomizeError } from "../errors.js";
import { wrongKind } from "../fieldspec/field-spec.js";
import type { MergeSchema, SchemaLookup } from "../schema/merge-schema.js";
import {
  assignNode,
  getField,
  isNull,
  newScalar,
  newSeq,
  type ScalarStyle,
  scalarText,
  TAG_NULL,
  type YamlNode,
} from "../yaml/node.js";
import { quoteIfAmbiguous, setScalar } from "../yaml/set.js";
import { takeDirective } from "./directive.js";
import { elementPrimitives, elementValues, unifyValues, usedKeys } from "./element-values.js";
import { findElement, isNullOrEmptyMap, setElement } from "./list-elements.js";

/** Elements are found by going through the list, for each element. */
const MAX_COMPARISONS = 50_000_000;

type Maybe = YamlNode | undefined;

/**
 * Merges `patch` into `target`, in place, by kustomize's own algorithm. Returns false where the patch
 * deletes the target. The patch is used up: its nodes become part of the target.
 */
export function strategicMerge(target: YamlNode, patch: YamlNode, lookup: SchemaLookup): boolean {
  return new Merge(lookup).walk(target, patch, undefined) !== undefined;
}

class Merge {
  readonly #lookup: SchemaLookup;
  /** Nulls that stay although they are null. */
  readonly #kept = new Set<YamlNode>();

  constructor(lookup: SchemaLookup) {
    this.#lookup = lookup;
  }

  walk(dest: Maybe, patch: Maybe, known: MergeSchema | undefined): Maybe {
    const schema = known ?? this.#schemaOf(dest) ?? this.#schemaOf(patch);
    const kind = isNull(dest) ? (isNull(patch) ? "map" : (patch as YamlNode).kind) : (dest as YamlNode).kind;
    if (!isNull(dest)) assertKind(dest as YamlNode, kind);
    if (!isNull(patch)) assertKind(patch as YamlNode, kind);
    switch (kind) {
      case "map":
        return this.#walkMap(dest, patch, schema);
      case "seq":
        if (schema?.merged) return this.#walkList(dest, patch, schema);
        inheritFlow(dest, patch);
        return patch ?? dest;
      default:
        return patch ?? dest;
    }
  }

  #schemaOf(node: Maybe): MergeSchema | undefined {
    if (isNull(node)) return undefined;
    const kind = scalarText(getField(node, "kind"));
    const apiVersion = scalarText(getField(node, "apiVersion"));
    return kind === "" || apiVersion === "" ? undefined : this.#lookup(apiVersion, kind);
  }

  #walkMap(dest: Maybe, patch: Maybe, schema: MergeSchema | undefined): Maybe {
    const into = this.#chooseMap(dest, patch);
    if (into === undefined) return undefined;
    const present = fieldsOf(into);
    const wanted = fieldsOf(patch);
    const removed = new Set<YamlNode>();
    for (const key of [...new Set([...present.keys(), ...wanted.keys()])].sort()) {
      const old = present.get(key)?.value;
      const style = wanted.get(key)?.style ?? "plain";
      const value = this.walk(old, wanted.get(key)?.value, schema?.field(key));
      if (this.#isSet(value)) setField(into, key, old, value, style);
      else if (old !== undefined) removed.add(old);
    }
    if (removed.size > 0) {
      into.content = into.content.filter((_, index) => !removed.has(into.content[index | 1] as YamlNode));
    }
    return into;
  }

  #chooseMap(dest: Maybe, patch: Maybe): Maybe {
    inheritFlow(dest, patch);
    if (isNull(dest)) {
      const isCollection = patch !== undefined && (patch.kind === "map" || patch.kind === "seq");
      if (isCollection && takeDirective(patch) === "delete") return undefined;
      if (patch === undefined && dest !== undefined && dest.value !== "") return this.#keepNull(dest);
      return patch;
    }
    if (patch?.tag === TAG_NULL) return undefined;
    const directive = takeDirective(patch);
    if (directive === "delete") return undefined;
    return directive === "replace" ? patch : dest;
  }

  #keepNull(dest: YamlNode): YamlNode {
    const kept = newScalar(dest.value, TAG_NULL);
    this.#kept.add(kept);
    return kept;
  }

  /** Whether a value stays: a null does only if it was written in the target. */
  #isSet(value: Maybe): value is YamlNode {
    if (value === undefined) return false;
    quoteIfAmbiguous(value);
    return value.tag !== TAG_NULL || this.#kept.has(value);
  }

  #walkList(dest: Maybe, patch: Maybe, schema: MergeSchema): Maybe {
    inheritFlow(dest, patch);
    const into = chooseList(dest, patch);
    if (into === undefined) return undefined;
    const sources = [into, patch] as const;
    const keys = schema.keys;
    const values = keys.length > 0 ? elementValues(sources, keys) : elementPrimitives(sources);
    return this.#mergeElements(into, patch, values, keys.length > 0 ? keys : [""], schema);
  }

  #mergeElements(
    dest: YamlNode,
    patch: Maybe,
    found: string[][],
    keys: readonly string[],
    schema: MergeSchema,
  ): Maybe {
    if (found.length * (dest.content.length + 1) > MAX_COMPARISONS) {
      throw new KustomizeError("limit", `merging ${found.length} list elements asks for too much`);
    }
    const items = newSeq();
    const all = keys.length > 1 ? unifyValues(found) : found;
    let lastKeys: readonly string[] = keys;
    for (const values of all) {
      const used = usedKeys(all, values, keys);
      lastKeys = used.keys;
      const own = usedKeys([used.values], used.values, used.keys);
      const merged = this.walk(
        findElement(dest, own.keys, own.values),
        patch === undefined ? undefined : findElement(patch, own.keys, own.values),
        schema.elements(),
      );
      if (merged === undefined || isNullOrEmptyMap(merged)) {
        setElement(dest, undefined, used.keys, used.values);
      } else {
        completeKeys(merged, used.keys, used.values);
        setElement(items, merged, used.keys, used.values);
      }
    }
    if (all.length === 0) return dest;
    for (const element of dest.content) appendElement(items, element, lastKeys);
    items.tag = dest.tag;
    return items;
  }
}

function chooseList(dest: Maybe, patch: Maybe): Maybe {
  if (isNull(dest)) return patch;
  if (patch?.tag === TAG_NULL) return undefined;
  const directive = takeDirective(patch);
  if (directive === "delete") return undefined;
  return directive === "replace" ? patch : dest;
}

function completeKeys(element: YamlNode, keys: readonly string[], values: readonly string[]): void {
  for (const [index, key] of keys.entries()) {
    const value = values[index] ?? "";
    if (value === "" || getField(element, key) !== undefined) continue;
    const node = newScalar(value);
    if (key === "") {
      setScalar(element, node);
    } else {
      quoteIfAmbiguous(node);
      element.content.push(newScalar(key), node);
    }
  }
}

/** Adds an element of the target behind those of the patch, or in the place of its equal. */
function appendElement(items: YamlNode, element: YamlNode, keys: readonly string[]): void {
  if (keys[0] === "") {
    setElement(items, element, [""], [element.value]);
    return;
  }
  const values: string[] = [];
  for (const key of keys) {
    if (!isNull(element) && element.kind !== "map") throw wrongKind("MappingNode", element);
    const value = isNull(element) ? undefined : getField(element, key);
    if (value === undefined) items.content.push(element);
    else values.push(value.value);
  }
  if (keys.length > 1) setElement(items, undefined, keys, values);
  setElement(items, element, keys, values);
}

interface Field {
  readonly value: YamlNode;
  /** How the key is written. */
  readonly style: ScalarStyle;
}

/** The fields of a map by name, the first where one is there twice. */
function fieldsOf(node: Maybe): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  if (node === undefined || node.kind !== "map") return fields;
  for (let i = 0; i < node.content.length; i += 2) {
    const key = node.content[i] as YamlNode;
    if (!fields.has(key.value)) {
      fields.set(key.value, { value: node.content[i + 1] as YamlNode, style: key.style });
    }
  }
  return fields;
}

function setField(into: YamlNode, key: string, old: Maybe, value: YamlNode, style: ScalarStyle): void {
  if (old === undefined) {
    const name = newScalar(key);
    name.style = style;
    into.content.push(name, value);
  } else if (old !== value) {
    value.style = old.style;
    value.flow = old.flow;
    assignNode(old, value);
  }
}

function inheritFlow(dest: Maybe, patch: Maybe): void {
  if (dest === undefined || patch === undefined || dest.kind === "scalar" || dest.content.length > 0) return;
  dest.flow = patch.flow;
}

const EXPECTED = {
  map: "MappingNode",
  seq: "SequenceNode",
  scalar: "ScalarNode",
  alias: "AliasNode",
} as const;

function assertKind(node: YamlNode, kind: YamlNode["kind"]): void {
  if (node.kind !== kind) throw wrongKind(EXPECTED[kind], node);
}
