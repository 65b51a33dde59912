import { CelType } from "../types.js";
import { CelList, CelMap, CelObject } from "./container.js";
import { CelDouble, CelUint, compareNumbers } from "./number.js";
import { Duration, Timestamp } from "./time.js";
import { Opaque, Optional, type Value } from "./value.js";

/** The number in an int, uint or double; undefined for anything else. */
export function numeric(value: Value): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  return value instanceof CelDouble || value instanceof CelUint ? value.value : undefined;
}

/** CEL equality: numbers by value across types, containers element by element, different types unequal. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return !(a instanceof CelDouble && Number.isNaN(a.value));
  if (a === null || b === null) return false;
  if (typeof a !== "object" && typeof b !== "object") return false;
  const left = numeric(a);
  if (left !== undefined) {
    const right = numeric(b);
    return right !== undefined && compareNumbers(left, right) === 0;
  }
  if (typeof a !== "object" || typeof b !== "object") return false;
  return equalObjects(a, b);
}

type ObjectValue = Extract<Value, object>;

function equalObjects(a: ObjectValue, b: ObjectValue): boolean {
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b);
  if (a instanceof CelObject) return b instanceof CelObject && a.equals(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof CelType) return b instanceof CelType && a.name === b.name;
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b);
  return a instanceof Opaque && b instanceof Opaque && a.equals(b);
}

/** A list that compares in its own way, such as one whose order does not matter. */
export interface ListEquality {
  equalTo(other: CelList): boolean;
}

function hasOwnEquality(list: CelList): list is CelList & ListEquality {
  return "equalTo" in list;
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.size !== b.size) return false;
  if (hasOwnEquality(a)) return a.equalTo(b);
  for (let index = 0; index < a.size; index += 1) {
    if (!equal(a.at(index), b.at(index))) return false;
  }
  return true;
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const left = a.find(key);
    const right = b.find(key);
    if (left === undefined || right === undefined || !equal(left, right)) return false;
  }
  return true;
}

function equalOptionals(a: Optional, b: Optional): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value);
}

/**
 * Orders two values: negative, 0 or positive; "unordered" when NaN takes part; undefined when the
 * types have no order between them. Text is ordered by code point.
 */
export function order(a: Value, b: Value): number | "unordered" | undefined {
  const left = numeric(a);
  if (left !== undefined) {
    const right = numeric(b);
    return right === undefined ? undefined : (compareNumbers(left, right) ?? "unordered");
  }
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : undefined;
  if (typeof a === "boolean") return typeof b === "boolean" ? Number(a) - Number(b) : undefined;
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : undefined;
  if (a instanceof Timestamp) return b instanceof Timestamp ? compareBig(a.nanos, b.nanos) : undefined;
  if (a instanceof Duration) return b instanceof Duration ? compareBig(a.nanos, b.nanos) : undefined;
  return undefined;
}

function compareBig(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares text by code point, which UTF-16 order is not once surrogates take part. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
