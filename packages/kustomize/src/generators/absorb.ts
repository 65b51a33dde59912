import { KustomizeError } from "../errors.js";
import { formatId, sameId } from "../resource/id.js";
import { ORIGIN_ANNOTATION } from "../resource/origin.js";
import type { ResMap } from "../resource/res-map.js";
import { type Resource, textMap } from "../resource/resource.js";
import { compareText } from "../yaml/compare-text.js";
import { getField, isNull, newMap, newScalar, newString, removeField, type YamlNode } from "../yaml/node.js";
import { setScalarField } from "../yaml/set.js";

/** Adds what a generator made, merging or replacing where it says so. */
export function absorb(map: ResMap, made: Resource): void {
  const { id } = made;
  const matches = map.matchingAnyId((other) => sameId(id, other));
  const old = matches[0];
  if (matches.length > 1) {
    throw failure(
      made,
      `found multiple objects [${matches.map((match) => formatId(match.id)).join(" ")}] that could accept merge of ${formatId(id)}`,
    );
  }
  if (old === undefined) {
    if (made.behavior !== "create") {
      throw failure(made, `id ${formatId(id)} does not exist; cannot merge or replace`);
    }
    map.append(made);
    return;
  }
  if (made.behavior === "create") {
    throw failure(made, `id ${formatId(id)} exists; behavior must be merge or replace`);
  }
  const merge = made.behavior === "merge";
  const origin = old.annotation(ORIGIN_ANNOTATION);
  takeMetadata(made, old);
  if (merge) {
    mergeData(made.node, old.node, "data");
    mergeData(made.node, old.node, "binaryData");
    if (origin !== undefined) made.setAnnotations(made.annotations().set(ORIGIN_ANNOTATION, origin));
  }
  map.replace(old, made);
}

function failure(made: Resource, message: string): KustomizeError {
  return new KustomizeError("generator", message, { file: made.file });
}

/** What stays of the old object: its name and its history, and its labels where not set anew. */
function takeMetadata(made: Resource, old: Resource): void {
  made.setLabels(new Map([...old.labels(), ...made.labels()]));
  made.setAnnotations(new Map([...old.annotations(), ...made.annotations()]));
  made.setName(old.name);
  made.setNamespace(old.namespace);
  made.previous = old.previous.slice();
  made.prefixes = old.prefixes.slice();
  made.suffixes = old.suffixes.slice();
  made.needsHash = made.needsHash && old.needsHash;
  made.generated = old.generated;
  made.behavior = old.behavior;
  made.varNames = old.varNames.slice();
  made.touches = [...old.touches, ...made.touches];
}

function mergeData(into: YamlNode, from: YamlNode, field: "data" | "binaryData"): void {
  const merged = new Map([...dataOf(from, field), ...dataOf(into, field)]);
  removeField(into, field);
  if (merged.size === 0) return;
  const entries = newMap();
  for (const key of [...merged.keys()].sort(compareText)) {
    setScalarField(entries, key, newString(merged.get(key) as string));
  }
  into.content.push(newScalar(field), entries);
}

function dataOf(node: YamlNode, field: string): Map<string, string> {
  const map = getField(node, field);
  const entries = textMap(map);
  for (const key of entries.keys()) if (isNull(getField(map, key))) entries.set(key, "");
  return entries;
}
