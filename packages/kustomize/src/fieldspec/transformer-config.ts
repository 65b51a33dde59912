import { KustomizeError } from "../errors.js";
import { type GvkSelector, gvkSelected, kindRanks, sortableGvk } from "../resource/id.js";
import { compareText } from "../yaml/compare-text.js";
import { DEFAULT_CONFIG } from "./defaults.js";
import type { FieldSpec } from "./field-spec.js";

/** Fields that hold the name of an object of the given kind. */
export interface NameReference extends GvkSelector {
  readonly fieldSpecs: readonly FieldSpec[];
}

/** Which fields each built-in transformer goes for. Values are never changed, only replaced. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[];
  readonly nameSuffix: readonly FieldSpec[];
  readonly namespace: readonly FieldSpec[];
  readonly commonLabels: readonly FieldSpec[];
  readonly labels: readonly FieldSpec[];
  readonly templateLabels: readonly FieldSpec[];
  readonly commonAnnotations: readonly FieldSpec[];
  readonly nameReference: readonly NameReference[];
  readonly varReference: readonly FieldSpec[];
  readonly images: readonly FieldSpec[];
  readonly replicas: readonly FieldSpec[];
}

/** No field specs at all. */
export const EMPTY_CONFIG: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  commonAnnotations: [],
  nameReference: [],
  varReference: [],
  images: [],
  replicas: [],
};

/**
 * Adds a spec to a list unless one with its path is there that its kind selects.
 * @throws KustomizeError where that one differs in `create`
 */
export function mergeFieldSpec(specs: readonly FieldSpec[], spec: FieldSpec): readonly FieldSpec[] {
  return mergeFieldSpecs(specs, [spec]);
}

/** Adds specs one by one, as `mergeFieldSpec` does. */
export function mergeFieldSpecs(
  specs: readonly FieldSpec[],
  more: readonly FieldSpec[],
): readonly FieldSpec[] {
  const merged = specs.slice();
  for (const spec of more) {
    const known = merged.find((other) => other.path === spec.path && gvkSelected(asGvk(other), spec));
    if (known === undefined) merged.push(spec);
    else if (known.create !== spec.create) throw new KustomizeError("transformer", "conflicting fieldspecs");
  }
  return merged;
}

function asGvk(selector: GvkSelector): { group: string; version: string; kind: string } {
  return { group: selector.group ?? "", version: selector.version ?? "", kind: selector.kind ?? "" };
}

function mergeReferences(
  known: readonly NameReference[],
  more: readonly NameReference[],
): readonly NameReference[] {
  let merged = known;
  for (const reference of more) merged = mergeReference(merged, reference);
  return merged;
}

function mergeReference(known: readonly NameReference[], more: NameReference): readonly NameReference[] {
  const wanted = sortableGvk(more);
  let found = false;
  const merged = known.map((reference) => {
    if (sortableGvk(reference) !== wanted) return reference;
    found = true;
    return { ...reference, fieldSpecs: mergeFieldSpecs(reference.fieldSpecs, more.fieldSpecs) };
  });
  return found ? merged : [...merged, more];
}

const RANKS = kindRanks();

function compareGvk(a: GvkSelector, b: GvkSelector): number {
  const rank = (RANKS.get(a.kind ?? "") ?? 0) - (RANKS.get(b.kind ?? "") ?? 0);
  return rank !== 0 ? rank : compareText(sortableGvk(a), sortableGvk(b));
}

const LABELS: readonly (readonly [Exclude<keyof TransformerConfig, "nameReference">, string])[] = [
  ["namePrefix", "NamePrefix"],
  ["nameSuffix", "NameSuffix"],
  ["namespace", "NameSpace"],
  ["commonAnnotations", "CommonAnnotations"],
  ["commonLabels", "CommonLabels"],
  ["labels", "Labels"],
  ["templateLabels", "TemplateLabels"],
  ["varReference", "VarReference"],
  ["images", "Images"],
  ["replicas", "Replicas"],
];

/** Adds `more` to `config`, sorted by kind. */
export function mergeConfig(config: TransformerConfig, more: TransformerConfig): TransformerConfig {
  if (config === more || more === EMPTY_CONFIG) return config;
  if (config === EMPTY_CONFIG && more === DEFAULT_CONFIG) return MERGED_DEFAULTS;
  if (config === MERGED_DEFAULTS && more === DEFAULT_CONFIG) return config;
  return mergeAll(config, more);
}

function mergeAll(config: TransformerConfig, more: TransformerConfig): TransformerConfig {
  const merged: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...config };
  for (const [key, label] of LABELS) {
    merged[key] = named(label, () => [...mergeFieldSpecs(config[key], more[key])].sort(compareGvk));
  }
  merged.nameReference = named("NameReference", () =>
    [...mergeReferences(config.nameReference, more.nameReference)].sort(compareGvk),
  );
  return merged;
}

function named<T>(label: string, merge: () => T): T {
  try {
    return merge();
  } catch (error) {
    throw KustomizeError.from(error, "transformer").wrap(`failed to merge ${label} fieldSpec`);
  }
}

/** In the order of their kinds, each looked at once. */
function sorted<T extends GvkSelector>(specs: readonly T[]): readonly T[] {
  return specs
    .map((spec) => ({ spec, rank: RANKS.get(spec.kind ?? "") ?? 0, gvk: sortableGvk(spec) }))
    .sort((a, b) => a.rank - b.rank || compareText(a.gvk, b.gvk))
    .map(({ spec }) => spec);
}

/** The defaults merged with nothing; there is nothing among them to put together. */
function mergedDefaults(): TransformerConfig {
  const merged: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...DEFAULT_CONFIG };
  for (const [key] of LABELS) merged[key] = sorted(DEFAULT_CONFIG[key]);
  merged.nameReference = sorted(DEFAULT_CONFIG.nameReference);
  return merged;
}

const MERGED_DEFAULTS: TransformerConfig = mergedDefaults();
