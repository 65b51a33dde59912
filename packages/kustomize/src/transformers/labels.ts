import { entrySetter, type FieldSpec, type FieldWalk, fieldWalks } from "../fieldspec/field-spec.js";
import type { ResMap } from "../resource/res-map.js";
import { compareText } from "../yaml/compare-text.js";
import { TAG_STR } from "../yaml/node.js";
import type { Note, Transformer } from "./transformer.js";

/** Sets labels or annotations in all fields that the specs name. */
class EntryTransformer implements Transformer {
  readonly kind: string;
  readonly #entries: readonly (readonly [string, string])[];
  readonly #walks: readonly FieldWalk[];

  constructor(kind: string, entries: ReadonlyMap<string, string>, specs: readonly FieldSpec[]) {
    this.kind = kind;
    this.#entries = [...entries].sort(([a], [b]) => compareText(a, b));
    this.#walks = fieldWalks(specs, "map");
  }

  transform(map: ResMap, note: Note): void {
    for (const resource of map.resources) {
      let count = 0;
      for (const [key, value] of this.#entries) {
        const set = entrySetter(key, value, TAG_STR);
        for (const walk of this.#walks) count += walk.apply(resource.node, resource.id, set);
      }
      if (count > 0) note(resource);
    }
    map.changed();
  }
}

/** Sets labels. */
export function labelTransformer(
  labels: ReadonlyMap<string, string>,
  specs: readonly FieldSpec[],
): Transformer {
  return new EntryTransformer("LabelTransformer", labels, specs);
}

/** Sets annotations. */
export function annotationsTransformer(
  annotations: ReadonlyMap<string, string>,
  specs: readonly FieldSpec[],
): Transformer {
  return new EntryTransformer("AnnotationsTransformer", annotations, specs);
}
