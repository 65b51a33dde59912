import { type FieldSpec, type FieldWalk, fieldWalks, wrongKind } from "../fieldspec/field-spec.js";
import { type GvkSelector, gvkSelected, type ResId } from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import { isNull, newScalar, type YamlNode } from "../yaml/node.js";
import { setScalar } from "../yaml/set.js";
import type { Note, Transformer } from "./transformer.js";

const SKIPPED: readonly GvkSelector[] = [
  { kind: "CustomResourceDefinition" },
  { group: "apiregistration.k8s.io", kind: "APIService" },
  { kind: "Namespace" },
];

type Side = "prefix" | "suffix";

/** Puts a text before or behind names. */
class AffixTransformer implements Transformer {
  readonly kind: string;
  readonly #side: Side;
  readonly #affix: string;
  readonly #walks: readonly FieldWalk[];

  constructor(side: Side, affix: string, specs: readonly FieldSpec[]) {
    this.kind = side === "prefix" ? "PrefixTransformer" : "SuffixTransformer";
    this.#side = side;
    this.#affix = affix;
    this.#walks = fieldWalks(specs, "scalar");
  }

  transform(map: ResMap, note: Note): void {
    for (const resource of map.resources) {
      const id = resource.originalId();
      if (SKIPPED.some((skipped) => gvkSelected(id, skipped))) continue;
      if (this.#apply(resource, id) > 0) note(resource);
    }
    map.changed();
  }

  #apply(resource: Resource, id: ResId): number {
    let count = 0;
    for (const walk of this.#walks) {
      const { spec } = walk;
      if (!gvkSelected(id, spec)) continue;
      if (spec.path === "metadata/name" && this.#affix !== "") {
        (this.#side === "prefix" ? resource.prefixes : resource.suffixes).push(this.#affix);
        resource.storePreviousId();
      }
      count += walk.apply(resource.node, resource.id, (node) => this.#set(node));
      resource.changed();
    }
    return count;
  }

  #set(node: YamlNode): void {
    if (!isNull(node) && node.kind !== "scalar") throw wrongKind("ScalarNode", node);
    const text = this.#side === "prefix" ? this.#affix + node.value : node.value + this.#affix;
    setScalar(node, newScalar(text));
  }
}

/** Puts `prefix` before names. */
export function prefixTransformer(prefix: string, specs: readonly FieldSpec[]): Transformer {
  return new AffixTransformer("prefix", prefix, specs);
}

/** Puts `suffix` behind names. */
export function suffixTransformer(suffix: string, specs: readonly FieldSpec[]): Transformer {
  return new AffixTransformer("suffix", suffix, specs);
}
