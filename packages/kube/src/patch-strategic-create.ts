import { PatchError } from "./patch-error.js";
import { checkDepth, formatGo, getOwn, isRecord, type JsonRecord, sameJson, setOwn } from "./patch-value.js";
import type { Schema } from "./schema.js";

/** The three documents of a merge at one place; `original` and `current` lack what was not there. */
interface Sides<T> {
  readonly original: T;
  readonly modified: T;
  readonly current: T;
}

/**
 * The strategic merge patch that makes of `current` what `modified` declares: what it says is so, what
 * `original` said and it says no longer goes, what others added stays. `schema` says per list whether it
 * merges and by which key, as for `applyStrategicMergePatch`; other lists are replaced. `{}` where
 * nothing is to be done. None of the arguments is changed.
 *
 * Throws `PatchError` `internal` for an item of a merged list without its key.
 */
export function createStrategicMergePatch(
  original: JsonRecord,
  modified: JsonRecord,
  current: JsonRecord,
  schema: Schema,
): JsonRecord {
  return diffRecords({ original, modified, current }, schema, 0);
}

function diffRecords(sides: Sides<JsonRecord>, schema: Schema | undefined, depth: number): JsonRecord {
  checkDepth(depth);
  const { original, modified, current } = sides;
  const patch: JsonRecord = {};
  for (const key of Object.keys(modified)) {
    const wanted = modified[key];
    const live = getOwn(current, key);
    if (isRecord(wanted) && isRecord(live)) {
      const before = getOwn(original, key);
      const inner = { original: isRecord(before) ? before : {}, modified: wanted, current: live };
      const change = diffMember(inner, memberSchema(schema, key), depth + 1);
      if (change !== undefined) setOwn(patch, key, change);
    } else if (Array.isArray(wanted) && Array.isArray(live)) {
      const before = getOwn(original, key);
      const inner = { original: Array.isArray(before) ? before : [], modified: wanted, current: live };
      diffList(patch, key, inner, memberSchema(schema, key), depth + 1);
    } else if (Object.hasOwn(current, key) ? wanted !== live : wanted !== null) {
      setOwn(patch, key, wanted);
    }
  }
  for (const key of Object.keys(original)) {
    if (!Object.hasOwn(modified, key) && Object.hasOwn(current, key)) setOwn(patch, key, null);
  }
  return patch;
}

function diffMember(
  sides: Sides<JsonRecord>,
  schema: Schema | undefined,
  depth: number,
): JsonRecord | undefined {
  const strategies = schema?.patchStrategy ?? [];
  if (strategies.includes("replace")) {
    return sameJson(sides.modified, sides.current) ? undefined : sides.modified;
  }
  const patch = diffRecords(sides, schema, depth);
  if (strategies.includes("retainKeys")) retainKeys(patch, sides);
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Has the server drop what the live object has beside the declared keys, e.g. another kind of volume. */
function retainKeys(patch: JsonRecord, { modified, current }: Sides<JsonRecord>): void {
  const kept = Object.keys(modified).filter((key) => modified[key] !== null);
  const surplus = Object.keys(current).some((key) => !Object.hasOwn(modified, key));
  if (kept.length > 0 && (surplus || Object.keys(patch).length > 0)) patch["$retainKeys"] = kept.sort();
}

function diffList(
  patch: JsonRecord,
  key: string,
  sides: Sides<readonly unknown[]>,
  schema: Schema | undefined,
  depth: number,
): void {
  if (!schema?.patchStrategy?.includes("merge")) {
    if (!sameJson(sides.modified, sides.current)) setOwn(patch, key, sides.modified);
    return;
  }
  if ([...sides.modified, ...sides.current, ...sides.original].some(isRecord)) {
    diffObjects(patch, key, sides, schema, depth);
  } else {
    diffScalars(patch, key, sides);
  }
}

function diffScalars(patch: JsonRecord, key: string, sides: Sides<readonly unknown[]>): void {
  const { original, modified, current } = sides;
  const added = modified.filter((item) => !current.includes(item));
  const gone = new Set(original.filter((item) => !modified.includes(item) && current.includes(item)));
  if (added.length > 0) setOwn(patch, key, added);
  if (gone.size > 0) setOwn(patch, `$deleteFromPrimitiveList/${key}`, [...gone]);
  const known = current.filter((item) => modified.includes(item));
  if (added.length > 0 || gone.size > 0 || !sameJson(known, modified)) {
    setOwn(patch, `$setElementOrder/${key}`, modified);
  }
}

function diffObjects(
  patch: JsonRecord,
  key: string,
  sides: Sides<readonly unknown[]>,
  schema: Schema,
  depth: number,
): void {
  const mergeKey = schema.patchMergeKey ?? "";
  const original = byKey(sides.original, mergeKey);
  const current = byKey(sides.current, mergeKey);
  const modified = byKey(sides.modified, mergeKey);
  const changes: JsonRecord[] = [];
  for (const [id, items] of modified) {
    items.forEach((wanted, at) => {
      const live = current.get(id)?.[at];
      if (live === undefined) {
        changes.push(wanted);
        return;
      }
      const inner = { original: original.get(id)?.[at] ?? {}, modified: wanted, current: live };
      const change = diffItem(inner, schema, depth);
      if (Object.keys(change).length > 0) changes.push({ ...change, [mergeKey]: wanted[mergeKey] });
    });
  }
  const deletions = [...original]
    .filter(([id]) => !modified.has(id) && current.has(id))
    .map(([, [item]]) => ({ $patch: "delete", [mergeKey]: item?.[mergeKey] }));
  if (changes.length + deletions.length > 0) setOwn(patch, key, [...changes, ...deletions]);
  const order = sides.modified.map((item) => keyOf(item, mergeKey));
  const known = sides.current.map((item) => keyOf(item, mergeKey)).filter((id) => modified.has(id));
  if (changes.length + deletions.length > 0 || !sameJson(known, order)) {
    const wanted = order.map((id) => ({ [mergeKey]: id }));
    setOwn(patch, `$setElementOrder/${key}`, wanted);
  }
}

function diffItem(sides: Sides<JsonRecord>, schema: Schema, depth: number): JsonRecord {
  const patch = diffRecords(sides, schema.items, depth);
  if (schema.patchStrategy?.includes("retainKeys")) retainKeys(patch, sides);
  return patch;
}

/** Items by their key, in order; several of one key (a port for TCP and for UDP) pair up by their turn. */
function byKey(items: readonly unknown[], mergeKey: string): ReadonlyMap<unknown, readonly JsonRecord[]> {
  const found = new Map<unknown, JsonRecord[]>();
  for (const item of items) {
    const id = keyOf(item, mergeKey);
    // An item that has the key is an object.
    found.set(id, [...(found.get(id) ?? []), item as JsonRecord]);
  }
  return found;
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (isRecord(item) && Object.hasOwn(item, mergeKey)) return item[mergeKey];
  throw new PatchError("internal", `${formatGo(item)} does not contain declared merge key: ${mergeKey}`);
}

function memberSchema(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema ?? {};
  if (properties && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
