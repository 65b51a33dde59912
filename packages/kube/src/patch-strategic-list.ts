import { PatchError } from "./patch-error.js";
import { formatGo, getOwn, isRecord, type JsonRecord } from "./patch-value.js";

/** How one list takes part in a strategic merge. */
export interface MergeList {
  /** Whether the list merges at all; else the patch replaces it. */
  readonly merges: boolean;
  /** The member that identifies items; empty for lists of scalars. */
  readonly mergeKey: string;
  readonly mergeItem: (original: JsonRecord, patch: JsonRecord) => JsonRecord;
}

/** Merges a patch's list into the live one: objects by key, scalars as a set. */
export function mergeList(live: readonly unknown[], patch: readonly unknown[], list: MergeList): unknown[] {
  if (live.length === 0 && patch.length === 0) return [];
  if (!holdsObjects(live, patch)) {
    const merged = [...new Set([...live, ...patch])];
    const { listed, others } = partitionByOrder(merged, patch, "");
    return orderList(listed, others, patch, live, [live, patch], "");
  }
  if (list.mergeKey === "") throw new PatchError("internal", "cannot merge lists without merge key for map");
  const { kept, changes } = takeDirectives(live, patch as JsonRecord[], list.mergeKey);
  const merged = mergeItems(kept, changes, list);
  const { listed, others } = partitionByOrder(merged, changes, list.mergeKey);
  return orderList(listed, others, changes, kept, [live, patch], list.mergeKey);
}

/** Carries out `$patch` items: deletions from the live list, or replacement of the whole list. */
function takeDirectives(
  live: readonly unknown[],
  patch: readonly JsonRecord[],
  mergeKey: string,
): { kept: readonly unknown[]; changes: readonly JsonRecord[] } {
  const changes: JsonRecord[] = [];
  const deleted = new Set<unknown>();
  let replace = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, "$patch")) changes.push(item);
    else if (item["$patch"] === "delete") deleted.add(keyOf(item, mergeKey));
    else if (item["$patch"] === "replace") replace = true;
    else if (item["$patch"] === "merge") {
      throw new PatchError("internal", "merging lists cannot yet be specified in the patch");
    } else {
      throw new PatchError(
        "internal",
        `unknown patch type: ${formatGo(item["$patch"])} in map: ${formatGo(item)}`,
      );
    }
  }
  if (replace) return { kept: changes, changes: [] };
  if (deleted.size === 0) return { kept: live, changes };
  return { kept: live.filter((item) => !isRecord(item) || !deleted.has(getOwn(item, mergeKey))), changes };
}

function mergeItems(live: readonly unknown[], changes: readonly JsonRecord[], list: MergeList): unknown[] {
  const merged = [...live];
  const positions = new Map<unknown, number>();
  live.forEach((item, index) => {
    const key = getOwn(item as JsonRecord, list.mergeKey);
    if (key !== undefined && !positions.has(key)) positions.set(key, index);
  });
  for (const change of changes) {
    const key = keyOf(change, list.mergeKey);
    const position = positions.get(key);
    if (position === undefined) {
      positions.set(key, merged.length);
      merged.push(change);
    } else {
      merged[position] = list.mergeItem(merged[position] as JsonRecord, change);
    }
  }
  return merged;
}

/** Splits `items` into those that `order` names and the rest. */
export function partitionByOrder(
  items: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string,
): { listed: unknown[]; others: unknown[] } {
  const named = new Set<unknown>(order.map((item) => (mergeKey === "" ? item : orderKey(item, mergeKey))));
  const listed: unknown[] = [];
  const others: unknown[] = [];
  for (const item of items) {
    const key = mergeKey === "" ? item : keyOf(item, mergeKey);
    (named.has(key) ? listed : others).push(item);
  }
  return { listed, others };
}

/**
 * Puts `listed` in the order of `order` and `others` in the order of `live`, then interleaves them: an
 * item that only the server has stays before the first listed item that follows it in `live`.
 */
export function orderList(
  listed: readonly unknown[],
  others: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  lists: readonly (readonly unknown[])[],
  mergeKey: string,
): unknown[] {
  if (lists.every((list) => list.length === 0)) {
    throw new PatchError("internal", "no elements in any of the given slices");
  }
  const identify = (item: unknown): unknown =>
    mergeKey !== "" && isRecord(item) ? getOwn(item, mergeKey) : item;
  const wanted = ranks(order, identify);
  const stood = ranks(live, identify);
  const left = sortBy(others, (item) => stood.get(identify(item)));
  const right = sortBy(listed, (item) => wanted.get(identify(item)));
  const result: unknown[] = [];
  let i = 0;
  for (const item of right) {
    const place = stood.get(identify(item));
    for (; i < left.length && place !== undefined; i++) {
      const other = stood.get(identify(left[i]));
      if (other === undefined || other >= place) break;
      result.push(left[i]);
    }
    result.push(item);
  }
  return result.concat(left.slice(i));
}

/**
 * The order of the live list that interleaving goes by. The API server takes the places that deleted
 * items leave for items that the patch adds, so that these count as standing at the end of the list.
 */
export function standingOrder(
  live: readonly unknown[],
  changes: readonly unknown[],
  mergeKey: string,
): readonly unknown[] {
  const identify = (item: unknown): unknown => (isRecord(item) ? getOwn(item, mergeKey) : undefined);
  const deletes = (item: unknown): boolean => isRecord(item) && item["$patch"] === "delete";
  const gone = new Set(changes.filter(deletes).map(identify));
  const kept = live.filter((item) => !gone.has(identify(item)));
  if (kept.length === live.length) return live;
  const known = new Set(kept.map(identify));
  const added = changes.filter((item) => !deletes(item) && !known.has(identify(item)));
  return [...kept, ...added].slice(0, live.length);
}

/** Refuses a patch list whose items are missing from, or ordered otherwise than, its order list. */
export function validateOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  const identify = (item: unknown): unknown => (mergeKey === "" ? item : keyOf(item, mergeKey));
  const listed = patch.filter((item) => mergeKey === "" || !isRecord(item) || item["$patch"] !== "delete");
  let at = 0;
  let next = 0;
  while (at < listed.length && next < order.length) {
    const item = listed[at];
    const special = isRecord(item) && Object.hasOwn(item, "$patch");
    const found = special || identify(item) === identify(order[next]);
    if (found) at++;
    if (!special) next++;
  }
  if (at < listed.length) {
    throw new PatchError(
      "internal",
      `The order in patch list:\n${formatGo(patch)}\n doesn't match $setElementOrder list:\n${formatGo(order)}\n`,
    );
  }
}

function holdsObjects(...lists: readonly (readonly unknown[])[]): boolean {
  const kinds = new Set<string>();
  for (const list of lists) {
    for (const item of list) {
      if (Array.isArray(item)) throw new PatchError("not-applicable", "lists of lists are not supported");
      kinds.add(item === null ? "null" : typeof item);
    }
  }
  if (kinds.size > 1) {
    throw new PatchError("internal", `list element types are not identical: ${formatGo(lists)}`);
  }
  return kinds.has("object");
}

function orderKey(item: unknown, mergeKey: string): unknown {
  if (!isRecord(item)) throw new PatchError("internal", "value for key 0 is not a map");
  return getOwn(item, mergeKey);
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (!isRecord(item)) {
    throw new PatchError("internal", `expected a map[string]interface {}, but received a ${typeof item}`);
  }
  if (Object.hasOwn(item, mergeKey)) return item[mergeKey];
  throw new PatchError("internal", `map: ${formatGo(item)} does not contain declared merge key: ${mergeKey}`);
}

function ranks(items: readonly unknown[], identify: (item: unknown) => unknown): Map<unknown, number> {
  const found = new Map<unknown, number>();
  items.forEach((item, index) => {
    const key = identify(item);
    if (!found.has(key)) found.set(key, index);
  });
  return found;
}

function sortBy(items: readonly unknown[], rank: (item: unknown) => number | undefined): unknown[] {
  return [...items].sort((a, b) => (rank(a) ?? 0) - (rank(b) ?? 0));
}
