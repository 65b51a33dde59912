import { PatchError } from "./patch-error.js";

/** A JSON object while it is being patched. */
export type JsonRecord = Record<string, unknown>;

/** Deeper documents and patches than this are refused rather than recursed into. */
const MAX_DEPTH = 1_000;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads an own member; inherited names such as `constructor` count as absent. */
export function getOwn(record: Readonly<JsonRecord>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Writes an own member, also under the name `__proto__`, where assignment would change the prototype. */
export function setOwn(record: JsonRecord, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    record[key] = value;
  }
}

/** Equality of JSON values; the order of object members does not count. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let i = 0; i < left.length; i++) if (!sameJson(left[i], right[i])) return false;
    return true;
  }
  if (Array.isArray(right)) return false;
  const a = left as JsonRecord;
  const b = right as JsonRecord;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) if (!Object.hasOwn(b, key) || !sameJson(a[key], b[key])) return false;
  return true;
}

/** Copies a JSON value; `null` members stay. Refuses values nested too deeply. */
export function copyJson(value: unknown, depth = 0): unknown {
  checkDepth(depth);
  if (Array.isArray(value)) return value.map((item) => copyJson(item, depth + 1));
  if (!isRecord(value)) return value;
  const copy: JsonRecord = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyJson(value[key], depth + 1));
  return copy;
}

export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new PatchError("malformed", `exceeded max depth of ${MAX_DEPTH}`);
}

/** Prints a JSON value as Go's `%v` does, the way library errors of the API carry values. */
export function formatGo(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(formatGo).join(" ")}]`;
  if (!isRecord(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${formatGo(value[key])}`).join(" ")}]`;
}
