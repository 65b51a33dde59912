import { KustomizeError } from "../errors.js";
import type {
  FieldOptions,
  Replacement,
  Selector,
  SourceSelector,
  TargetSelector,
} from "../kustomization/types.js";
import type { Budget } from "../loader/limits.js";
import { formatId, idSelected, type ResId } from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import { parseSelector, selectorMatches } from "../selector/label-selector.js";
import type { Note, Transformer } from "../transformers/transformer.js";
import { goQuote } from "../yaml/go-quote.js";
import { assignNode, copyNode, isNullOrEmpty, newScalar, scalarText, type YamlNode } from "../yaml/node.js";
import { sizeOf } from "../yaml/size.js";
import { lookUpPath, matchPath, splitReplacementPath } from "./path.js";

const DEFAULT_PATH = "metadata.name";

/** Copies values from one field into others. */
export function replacementTransformer(replacements: readonly Replacement[], budget: Budget): Transformer {
  return {
    kind: "ReplacementTransformer",
    transform(map, note) {
      for (const replacement of replacements) applyReplacement(map, replacement, budget, note);
      map.changed();
    },
  };
}

function failure(message: string): KustomizeError {
  return new KustomizeError("replacement", message);
}

function applyReplacement(map: ResMap, replacement: Replacement, budget: Budget, note: Note): void {
  const { source, sourceValue, targets } = replacement;
  if ((source === undefined && sourceValue === undefined) || targets === undefined) {
    throw failure("replacements must specify a source and at least one target");
  }
  const value = sourceNode(map, source, sourceValue);
  const copy = (): YamlNode => {
    budget.takeCopy(sizeOf(value));
    return copyNode(value);
  };
  for (const target of targets) applyTarget(map, target, { kind: value.kind, copy }, note);
  for (const resource of map.resources) resource.changed();
}

function sourceNode(map: ResMap, source: SourceSelector | undefined, text: string | undefined): YamlNode {
  if (source !== undefined && text !== undefined) {
    throw failure("value and resource selectors are mutually exclusive");
  }
  if (source === undefined) return newScalar(text ?? "");
  const resource = selectSource(map, source);
  const path = source.fieldPath || DEFAULT_PATH;
  let found: YamlNode | undefined;
  try {
    found = lookUpPath(resource.node, splitReplacementPath(path));
  } catch (error) {
    throw KustomizeError.from(error, "replacement").wrap("error looking up replacement source");
  }
  if (found === undefined || isNullOrEmpty(found)) {
    throw failure(`fieldPath \`${path}\` is missing for replacement source ${formatId(source)}`);
  }
  return refine(found, source.options);
}

/** All ids of a resource, taken as if every kind were namespaced. */
function allIds(resource: Resource): ResId[] {
  return [{ ...resource.id, clusterScoped: false }, ...resource.previousIds()];
}

function selectSource(map: ResMap, source: SourceSelector): Resource {
  const matches = map.resources.filter((resource) => allIds(resource).some((id) => idSelected(id, source)));
  const only = matches[0];
  if (only !== undefined && matches.length === 1) return only;
  const options = source.options;
  let shown = formatId(source);
  if (source.fieldPath) shown += `:${source.fieldPath}`;
  if (options?.delimiter || options?.create) {
    shown += `:${options.delimiter ?? ""}(${options.index ?? 0}), create=${options.create ?? false}`;
  }
  throw failure(
    only === undefined ? `nothing selected by ${shown}` : `multiple matches for selector ${shown}`,
  );
}

function refine(node: YamlNode, options: FieldOptions | undefined): YamlNode {
  if (!options?.delimiter) return node;
  if (node.kind !== "scalar") throw failure("delimiter option can only be used with scalar nodes");
  const parts = scalarText(node).split(options.delimiter);
  const index = options.index ?? 0;
  const part = parts[index];
  if (part === undefined) {
    throw failure(`options.index ${index} is out of bounds: the value has ${parts.length} parts`);
  }
  const copy = copyNode(node);
  copy.value = part;
  return copy;
}

/** A value that is counted whenever it is copied. */
interface Source {
  readonly kind: YamlNode["kind"];
  readonly copy: () => YamlNode;
}

function applyTarget(map: ResMap, target: TargetSelector, value: Source, note: Note): void {
  const { select } = target;
  if (select === undefined) throw failure("target must specify resources to select");
  const paths = target.fieldPaths?.length ? target.fieldPaths : [DEFAULT_PATH];
  for (const resource of map.resources) {
    if (!selectedByMetadata(resource, target, select)) continue;
    const ids = allIds(resource);
    if (!ids.some((id) => idSelected(id, select)) || rejected(ids, target.reject ?? [])) continue;
    note(resource);
    for (const path of paths) copyValue(resource, path, value, target.options);
  }
}

function selectedByMetadata(resource: Resource, target: TargetSelector, select: Selector): boolean {
  if (!metadataMatches(resource, select)) return false;
  for (const reject of target.reject ?? []) {
    if (!reject.annotationSelector && !reject.labelSelector) continue;
    if (metadataMatches(resource, reject)) return false;
  }
  return true;
}

function metadataMatches(resource: Resource, selector: Selector): boolean {
  const { annotationSelector, labelSelector } = selector;
  if (annotationSelector && !selectorMatches(parseSelector(annotationSelector), resource.annotations()))
    return false;
  return !labelSelector || selectorMatches(parseSelector(labelSelector), resource.labels());
}

function rejected(ids: readonly ResId[], rejects: readonly Selector[]): boolean {
  return rejects.some((reject) => {
    const named = reject.name || reject.namespace || reject.kind || reject.group || reject.version;
    return Boolean(named) && ids.some((id) => idSelected(id, reject));
  });
}

function copyValue(resource: Resource, path: string, value: Source, options: FieldOptions | undefined): void {
  const create = options?.create ? value.kind : undefined;
  const problem = `unable to find ${create ? "or create " : ""}field ${goQuote(path)} in replacement target`;
  let fields: YamlNode[];
  try {
    fields = matchPath(resource.node, splitReplacementPath(path), create);
  } catch (error) {
    throw KustomizeError.from(error, "replacement").wrap(problem, resource.file);
  }
  if (fields.length === 0) throw new KustomizeError("replacement", problem);
  for (const field of fields) setField(field, value, options);
}

function setField(field: YamlNode, value: Source, options: FieldOptions | undefined): void {
  const copy = value.copy();
  if (options?.delimiter) {
    if (field.kind !== "scalar") throw failure("delimiter option can only be used with scalar nodes");
    const parts = field.value.split(options.delimiter);
    const index = options.index ?? 0;
    const text = scalarText(copy);
    if (index < 0) parts.unshift(text);
    else if (index >= parts.length) parts.push(text);
    else parts[index] = text;
    copy.value = parts.join(options.delimiter);
  }
  if (field.kind === "scalar") field.value = copy.value;
  else assignNode(field, copy);
}
