import type { JsonPatchOperation } from "./patch-json.js";
import { checkDepth, isRecord, type JsonRecord, sameJson } from "./patch-value.js";

/**
 * A JSON patch (RFC 6902) that turns `from` into `to`: additions, removals and replacements only,
 * objects member by member in the order of their names, arrays by position. Empty when they are equal.
 */
export function createJsonPatch(from: unknown, to: unknown): JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  diff(from, to, "", operations, 0);
  return operations;
}

function diff(from: unknown, to: unknown, path: string, out: JsonPatchOperation[], depth: number): void {
  checkDepth(depth);
  if (isRecord(from) && isRecord(to)) diffRecords(from, to, path, out, depth);
  else if (Array.isArray(from) && Array.isArray(to)) diffArrays(from, to, path, out, depth);
  else if (!sameJson(from, to)) out.push({ op: "replace", path, value: to });
}

function diffRecords(
  from: JsonRecord,
  to: JsonRecord,
  path: string,
  out: JsonPatchOperation[],
  depth: number,
): void {
  for (const key of Object.keys(from).sort()) {
    if (!Object.hasOwn(to, key)) out.push({ op: "remove", path: `${path}/${escapeStep(key)}` });
  }
  for (const key of Object.keys(to).sort()) {
    const step = `${path}/${escapeStep(key)}`;
    if (Object.hasOwn(from, key)) diff(from[key], to[key], step, out, depth + 1);
    else out.push({ op: "add", path: step, value: to[key] });
  }
}

/** Skips what both ends share, so that one inserted or removed item costs one operation. */
function diffArrays(
  from: readonly unknown[],
  to: readonly unknown[],
  path: string,
  out: JsonPatchOperation[],
  depth: number,
): void {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && sameJson(from[start], to[start])) start++;
  let tail = 0;
  while (tail < shorter - start && sameJson(from[from.length - 1 - tail], to[to.length - 1 - tail])) tail++;
  const fromEnd = from.length - tail;
  const toEnd = to.length - tail;
  const shared = Math.min(fromEnd, toEnd);
  for (let i = start; i < shared; i++) diff(from[i], to[i], `${path}/${i}`, out, depth + 1);
  for (let i = fromEnd - 1; i >= shared; i--) out.push({ op: "remove", path: `${path}/${i}` });
  for (let i = shared; i < toEnd; i++) out.push({ op: "add", path: `${path}/${i}`, value: to[i] });
}

function escapeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
