import { PatchError } from "./patch-error.js";
import {
  type MergeList,
  mergeList,
  orderList,
  partitionByOrder,
  standingOrder,
  validateOrder,
} from "./patch-strategic-list.js";
import { checkDepth, formatGo, getOwn, isRecord, type JsonRecord, setOwn } from "./patch-value.js";
import type { Schema } from "./schema.js";

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_PREFIX = "$deleteFromPrimitiveList";
const ORDER_PREFIX = "$setElementOrder";

/**
 * Applies a strategic merge patch and returns the patched document; neither argument is changed.
 * `schema` says per list whether it merges (`patchStrategy`) and by which key (`patchMergeKey`); what
 * it does not describe is merged as plain JSON, lists replaced. Understands the directives `$patch`,
 * `$retainKeys`, `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>`.
 *
 * Throws `PatchError`: `malformed` for a patch of the wrong shape, `not-applicable` for lists of
 * lists, `internal` where the API server answers 500 (a list item without its merge key, an unknown
 * directive, an order that contradicts the list).
 */
export function applyStrategicMergePatch(doc: unknown, patch: unknown, schema: Schema): unknown {
  if (!isRecord(patch) || !isRecord(doc)) throw new PatchError("malformed", "invalid JSON document");
  return mergeRecord(doc, patch, schema, 0);
}

function mergeRecord(
  original: JsonRecord,
  patch: JsonRecord,
  schema: Schema | undefined,
  depth: number,
): JsonRecord {
  checkDepth(depth);
  if (Object.hasOwn(patch, DIRECTIVE)) return applyDirective(patch);
  const rest = { ...patch };
  const result = retainKeys(original, rest);
  applyElementOrders(result, rest, schema, depth);
  for (const key of Object.keys(rest)) mergeMember(result, key, rest[key], schema, depth);
  return result;
}

function applyDirective(patch: JsonRecord): JsonRecord {
  const directive = patch[DIRECTIVE];
  if (directive === "replace") {
    const { [DIRECTIVE]: _, ...content } = patch;
    return content;
  }
  if (directive === "delete") return {};
  throw new PatchError("internal", `unknown patch type: ${formatGo(directive)} in map: ${formatGo(patch)}`);
}

/** Takes `$retainKeys` out of `patch`; the copy of `original` keeps only the keys it lists. */
function retainKeys(original: JsonRecord, patch: JsonRecord): JsonRecord {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return { ...original };
  const listed = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(listed)) throw new PatchError("malformed", "invalid patch format of retainKeys");
  const names = new Set<unknown>(listed);
  for (const key of Object.keys(patch)) {
    const exempt = patch[key] === null || key.startsWith(DELETE_PREFIX) || key.startsWith(ORDER_PREFIX);
    if (!exempt && !names.has(key)) throw new PatchError("malformed", "invalid patch format of retainKeys");
  }
  const kept: JsonRecord = {};
  for (const key of Object.keys(original)) if (names.has(key)) setOwn(kept, key, original[key]);
  return kept;
}

/** Handles the lists that `$setElementOrder/<list>` names; takes them and the directives out of `patch`. */
function applyElementOrders(
  result: JsonRecord,
  patch: JsonRecord,
  schema: Schema | undefined,
  depth: number,
): void {
  for (const directive of Object.keys(patch)) {
    if (!directive.startsWith(ORDER_PREFIX)) continue;
    const order = patch[directive];
    delete patch[directive];
    if (!Array.isArray(order)) throw wrongType("[]interface {}", order);
    const key = directiveTarget(directive, ORDER_PREFIX);
    const live = listMember(result, key);
    const changes = listMember(patch, key);
    const list = describeList(schema, key, depth);
    validateOrder(changes ?? [], order, list.mergeKey);
    if (live === undefined && changes === undefined) continue;
    const merged = mergeOrdered(live, changes, list);
    const { listed, others } = partitionByOrder(merged, order, list.mergeKey);
    const standing = standingOrder(live ?? [], changes ?? [], list.mergeKey);
    const lists = [live ?? [], changes ?? []];
    setOwn(result, key, orderList(listed, others, order, standing, lists, list.mergeKey));
    delete patch[key];
  }
}

function mergeOrdered(
  live: readonly unknown[] | undefined,
  changes: readonly unknown[] | undefined,
  list: MergeList,
): readonly unknown[] {
  if (changes === undefined) return live ?? [];
  if (live === undefined) return changes.filter((item) => !hasDirective(item)).map(withoutDirectives);
  return list.merges ? mergeList(live, changes, list) : changes;
}

function mergeMember(
  result: JsonRecord,
  name: string,
  change: unknown,
  schema: Schema | undefined,
  depth: number,
): void {
  const deletes = name.startsWith(DELETE_PREFIX);
  const key = deletes ? directiveTarget(name, DELETE_PREFIX) : name;
  if (change === null || change === undefined) {
    delete result[key];
    return;
  }
  const current = getOwn(result, key);
  if (deletes) {
    if (Array.isArray(current) && Array.isArray(change)) {
      const gone = new Set<unknown>(change);
      setOwn(
        result,
        key,
        current.filter((item) => !gone.has(item)),
      );
    }
    return;
  }
  if (isRecord(current) && isRecord(change)) {
    const member = memberSchema(schema, key);
    const replaces = strategyOf(member) === "replace";
    setOwn(result, key, replaces ? change : mergeRecord(current, change, member, depth + 1));
  } else if (Array.isArray(current) && Array.isArray(change)) {
    const list = describeList(schema, key, depth);
    setOwn(result, key, list.merges ? mergeList(current, change, list) : change);
  } else if (hasDirective(change)) {
    delete result[key];
  } else {
    setOwn(result, key, withoutDirectives(withoutNulls(change, depth)));
  }
}

function describeList(schema: Schema | undefined, key: string, depth: number): MergeList {
  const member = memberSchema(schema, key);
  return {
    merges: strategyOf(member) === "merge",
    mergeKey: member?.patchMergeKey ?? "",
    mergeItem: (original, patch) => mergeRecord(original, patch, member?.items, depth + 1),
  };
}

function memberSchema(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema ?? {};
  if (properties && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

/** The strategy beside `retainKeys`, which only says that `$retainKeys` makes sense. */
function strategyOf(schema: Schema | undefined): "merge" | "replace" | undefined {
  for (const strategy of schema?.patchStrategy ?? []) if (strategy !== "retainKeys") return strategy;
  return undefined;
}

function directiveTarget(directive: string, prefix: string): string {
  if (directive.startsWith(`${prefix}/`)) return directive.slice(prefix.length + 1);
  const what = prefix === DELETE_PREFIX ? "primitive list" : "setElementOrder list";
  throw new PatchError("malformed", `invalid patch format of ${what}`);
}

function listMember(record: JsonRecord, key: string): readonly unknown[] | undefined {
  const value = getOwn(record, key);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType("[]interface {}", value);
  return value;
}

function hasDirective(value: unknown): boolean {
  return isRecord(value) && Object.hasOwn(value, DIRECTIVE);
}

/** Drops every object that carries `$patch` from a value that is taken over as a whole. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !hasDirective(item)).map(withoutDirectives);
  if (!isRecord(value)) return value;
  const kept: JsonRecord = {};
  for (const key of Object.keys(value)) {
    if (!hasDirective(value[key])) setOwn(kept, key, withoutDirectives(value[key]));
  }
  return kept;
}

function withoutNulls(value: unknown, depth: number): unknown {
  checkDepth(depth);
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  if (!isRecord(value)) return value;
  const kept: JsonRecord = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== null) setOwn(kept, key, withoutNulls(value[key], depth + 1));
  }
  return kept;
}

function wrongType(expected: string, actual: unknown): PatchError {
  return new PatchError("internal", `expected a ${expected}, but received a ${goType(actual)}`);
}

function goType(value: unknown): string {
  if (value === null || value === undefined) return "%!s(<nil>)";
  if (isRecord(value)) return "map[string]interface {}";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value;
}
