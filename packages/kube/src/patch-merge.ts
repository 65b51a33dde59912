import { PatchError } from "./patch-error.js";
import { checkDepth, getOwn, isRecord, type JsonRecord, sameJson, setOwn } from "./patch-value.js";

/**
 * Applies a JSON merge patch (RFC 7386) and returns the patched document; neither argument is
 * changed, and the result shares what the patch leaves alone. Nulls inside newly added objects are
 * dropped, as the Kubernetes API does. Throws `PatchError` (`malformed`) unless the patch is an
 * object, or an array, which replaces the document.
 */
export function applyMergePatch(doc: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return dropNulls(patch, 0);
  if (!isRecord(patch)) throw new PatchError("malformed", "Invalid JSON Patch");
  return isRecord(doc) ? mergeRecords(doc, patch, 0) : dropNulls(patch, 0);
}

function mergeRecords(doc: JsonRecord, patch: JsonRecord, depth: number): JsonRecord {
  checkDepth(depth);
  const merged = { ...doc };
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    if (change === null || change === undefined) {
      delete merged[key];
      continue;
    }
    const current = getOwn(merged, key);
    if (isRecord(current) && isRecord(change)) setOwn(merged, key, mergeRecords(current, change, depth + 1));
    else if (isRecord(current)) setOwn(merged, key, change);
    else setOwn(merged, key, dropNulls(change, depth + 1));
  }
  return merged;
}

/** Removes null members of objects at any depth; nulls in arrays are values and stay. */
function dropNulls(value: unknown, depth: number): unknown {
  checkDepth(depth);
  if (Array.isArray(value)) return value.map((item) => dropNulls(item, depth + 1));
  if (!isRecord(value)) return value;
  const kept: JsonRecord = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== null && member !== undefined) setOwn(kept, key, dropNulls(member, depth + 1));
  }
  return kept;
}

/**
 * The smallest JSON merge patch that turns `from` into `to`; `{}` where they are equal. Members of
 * `to` that are null cannot be expressed (RFC 7386, section 1): applying the patch removes them.
 */
export function createMergePatch(from: JsonRecord, to: JsonRecord): JsonRecord {
  return diffRecords(from, to, 0);
}

function diffRecords(from: JsonRecord, to: JsonRecord, depth: number): JsonRecord {
  checkDepth(depth);
  const patch: JsonRecord = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) setOwn(patch, key, null);
  for (const key of Object.keys(to)) {
    const before = getOwn(from, key);
    const after = to[key];
    if (Object.hasOwn(from, key) && sameJson(before, after)) continue;
    const both = isRecord(before) && isRecord(after);
    setOwn(patch, key, both ? diffRecords(before, after, depth + 1) : after);
  }
  return patch;
}

/**
 * The JSON merge patch that makes of `current` what `modified` declares: its members are set, those that
 * only `original` had are removed, and what others added stays. Arrays are replaced. `{}` where nothing
 * is to be done.
 */
export function createThreeWayMergePatch(
  original: JsonRecord,
  modified: JsonRecord,
  current: JsonRecord,
): JsonRecord {
  return reconcileRecords(original, modified, current, 0);
}

function reconcileRecords(
  original: JsonRecord,
  modified: JsonRecord,
  current: JsonRecord,
  depth: number,
): JsonRecord {
  checkDepth(depth);
  const patch: JsonRecord = {};
  for (const key of Object.keys(modified)) {
    const [before, wanted, live] = [getOwn(original, key), modified[key], getOwn(current, key)];
    if (isRecord(wanted) && isRecord(live)) {
      const change = reconcileRecords(isRecord(before) ? before : {}, wanted, live, depth + 1);
      if (Object.keys(change).length > 0) setOwn(patch, key, change);
    } else if (!Object.hasOwn(current, key) ? wanted !== null : !sameJson(wanted, live)) {
      setOwn(patch, key, wanted);
    }
  }
  for (const key of Object.keys(original)) {
    if (!Object.hasOwn(modified, key) && Object.hasOwn(current, key)) setOwn(patch, key, null);
  }
  return patch;
}
