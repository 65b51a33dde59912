import { KustomizeError } from "../errors.js";
import type { Patch, Selector } from "../kustomization/types.js";
import type { Budget } from "../loader/limits.js";
import { applyJsonPatch, type JsonPatch, parseJsonPatch } from "../patch/json-patch.js";
import { strategicMerge } from "../patch/strategic-merge.js";
import { formatId, idKey } from "../resource/id.js";
import { readResources } from "../resource/read.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import type { SchemaLookup } from "../schema/merge-schema.js";
import type { Scopes } from "../schema/scopes.js";
import { selectResources } from "../selector/select.js";
import { valueToNode } from "../yaml/from-value.js";
import { goQuote } from "../yaml/go-quote.js";
import { getField, isNull, isNullOrEmpty, newMap, newScalar, removeField } from "../yaml/node.js";
import { sizeOf } from "../yaml/size.js";
import { nodeToValue, type YamlValue } from "../yaml/value.js";
import type { Note, Transformer } from "./transformer.js";

/** What patches need to know of types. */
export interface PatchTypes {
  readonly scopes: Scopes;
  readonly lookup: SchemaLookup;
  readonly budget: Budget;
}

/** A patch with its text at hand. */
export interface LoadedPatch {
  readonly patch: Patch;
  readonly text: string;
  /** The file that the text is from. */
  readonly file: string;
}

/** A `patches` entry: a strategic merge or a JSON patch, which its text tells. */
export function patchTransformer({ patch, text, file }: LoadedPatch, types: PatchTypes): Transformer {
  const source = patch.path ? `[path: ${goQuote(patch.path)}]` : `[patch: ${goQuote(text)}]`;
  const merges = attempt(() => readResources(text, file, types.scopes));
  const operations = attempt(() => {
    if (text === "") throw new KustomizeError("patch", "empty json patch operations");
    return parseJsonPatch(text);
  });
  if (merges.value?.length && operations.value?.length) {
    throw new KustomizeError("patch", `illegally qualifies as both an SM and JSON patch: ${source}`, {
      file,
    });
  }
  if (merges.value === undefined && operations.value === undefined)
    throw unreadable(source, file, merges.error);
  const merging = merges.value ?? [];
  for (const merge of merging) {
    merge.allowNameChange = patch.options?.get("allowNameChange") ?? false;
    merge.allowKindChange = patch.options?.get("allowKindChange") ?? false;
    // kustomize notes the permission among the annotations, all of which become texts by that.
    if (merge.allowNameChange || merge.allowKindChange) merge.setAnnotations(merge.annotations());
  }
  return {
    kind: "PatchTransformer",
    transform(map, note) {
      if (merging.length === 0) {
        const spend = (): void => types.budget.takeCopy(text.length);
        transformJson(map, patch.target, { operations: operations.value ?? [], source, spend }, note);
      }
      if (merging.length > 0 && patch.target === undefined) mergeEach(map, merging, types, note);
      if (merging.length > 0 && patch.target !== undefined)
        mergeSelected(map, patch.target, merging, source, types, note);
      map.changed();
    },
  };
}

function unreadable(source: string, file: string, error: unknown): KustomizeError {
  const line = error instanceof KustomizeError && error.file === file ? error.line : undefined;
  return new KustomizeError("patch", `unable to parse SM or JSON patch from ${source}`, {
    file,
    line,
    cause: error,
  });
}

function attempt<T>(read: () => T): { value?: T; error?: unknown } {
  try {
    return { value: read() };
  } catch (error) {
    // Both readings are tried; only if neither succeeds does an error count.
    if (error instanceof KustomizeError && error.code === "limit") throw error;
    return { error };
  }
}

function mergeEach(map: ResMap, patches: readonly Resource[], types: PatchTypes, note: Note): void {
  for (const patch of patches) {
    let target: Resource;
    try {
      target = map.getById(patch.originalId());
    } catch (error) {
      const prefix = `no resource matches strategic merge patch "${formatId(patch.originalId())}"`;
      throw KustomizeError.from(error, "patch").wrap(prefix, patch.file);
    }
    note(target);
    mergeInto(target, patch, types);
  }
}

function mergeSelected(
  map: ResMap,
  target: Selector,
  patches: readonly Resource[],
  source: string,
  types: PatchTypes,
  note: Note,
): void {
  const only = patches[0] as Resource;
  if (patches.length > 1) {
    throw new KustomizeError(
      "patch",
      `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
    );
  }
  mergeCopies(map, selectResources(map, target), only, types, note);
}

/** Merges a copy of `patch` into each of `targets`; those left empty are dropped. */
export function mergeCopies(
  map: ResMap,
  targets: readonly Resource[],
  patch: Resource,
  types: PatchTypes,
  note: Note,
): void {
  const wanted = new Set(targets.map((target) => idKey(target.id)));
  const kept: Resource[] = [];
  for (const resource of map.resources) {
    if (wanted.has(idKey(resource.id))) {
      note(resource);
      types.budget.takeCopy(sizeOf(patch.node));
      mergeInto(resource, copyFor(resource, patch), types);
    }
    if (!isNullOrEmpty(resource.node)) kept.push(resource);
  }
  map.reset([]);
  map.appendAll(kept);
}

/** The patch as it suits the target; its labels and annotations become texts, nulls among them too. */
function copyFor(target: Resource, patch: Resource): Resource {
  const copy = patch.copy();
  const { name, namespace, kind } = copy;
  copy.setLabels(copy.labels());
  copy.setAnnotations(copy.annotations());
  copy.setName(name);
  copy.setNamespace(namespace);
  copy.setKind(target.kind);
  copy.setApiVersion(target.apiVersion);
  copy.setKind(kind);
  return copy;
}

function mergeInto(target: Resource, patch: Resource, types: PatchTypes): void {
  const { name, namespace, kind } = target;
  if (patch.allowNameChange || patch.allowKindChange) target.storePreviousId();
  if (clearsAnnotations(patch)) target.forgetHistory();
  const stays = merged(target, patch, types);
  if (!stays) target.node = newMap();
  target.changed();
  if (isNullOrEmpty(target.node)) return;
  if (!patch.allowKindChange) target.setKind(kind);
  if (!patch.allowNameChange) target.setName(name);
  target.setNamespace(namespace);
}

function merged(target: Resource, patch: Resource, types: PatchTypes): boolean {
  try {
    return strategicMerge(target.node, patch.node, types.lookup);
  } catch (error) {
    throw KustomizeError.from(error, "patch", patch.file);
  }
}

/** kustomize keeps its notes among the annotations: who removes all of those removes them. */
function clearsAnnotations(patch: Resource): boolean {
  const annotations = getField(getField(patch.node, "metadata"), "annotations");
  if (annotations === undefined) return false;
  if (isNull(annotations)) return true;
  const directive = getField(annotations, "$patch")?.value;
  return directive === "replace" || directive === "delete";
}

/** A JSON patch; `spend` counts it for each object that it is applied to. */
interface JsonStep {
  readonly operations: JsonPatch;
  readonly source: string;
  readonly spend: () => void;
}

function transformJson(
  map: ResMap,
  target: Selector | undefined,
  { operations, source, spend }: JsonStep,
  note: Note,
): void {
  if (target === undefined) {
    throw new KustomizeError("patch", `must specify a target for JSON patch ${source}`);
  }
  for (const resource of selectResources(map, target)) {
    resource.storePreviousId();
    note(resource);
    spend();
    patchJson(resource, operations);
  }
}

/** Applies a JSON patch to one resource, which goes through JSON: every number becomes a float. */
export function patchJson(resource: Resource, patch: JsonPatch): void {
  if (hasHistory(resource)) ensureAnnotations(resource);
  let value: YamlValue;
  try {
    value = applyJsonPatch(floats(nodeToValue(resource.node)), patch);
  } catch (error) {
    throw KustomizeError.from(error, "patch");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new KustomizeError(
      "patch",
      "json: cannot unmarshal value into Go value of type map[string]interface {}",
    );
  }
  resource.node = valueToNode(floats(value));
  resource.changed();
  resource.setAnnotations(resource.annotations());
}

function hasHistory(resource: Resource): boolean {
  return (
    resource.previous.length > 0 ||
    resource.prefixes.length > 0 ||
    resource.suffixes.length > 0 ||
    resource.needsHash ||
    resource.generated
  );
}

/** kustomize's notes are annotations, so that a patch can add one to objects that have none. */
function ensureAnnotations(resource: Resource): void {
  const metadata = resource.metadata();
  if (metadata === undefined || getField(metadata, "annotations")?.kind === "map") return;
  removeField(metadata, "annotations");
  metadata.content.push(newScalar("annotations"), newMap());
}

function floats(value: YamlValue): YamlValue {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(floats);
  if (typeof value === "object" && value !== null) {
    for (const key of Object.keys(value)) {
      const inner = value[key] as YamlValue;
      const converted = floats(inner);
      if (converted !== inner && key !== "__proto__") value[key] = converted;
    }
  }
  return value;
}
