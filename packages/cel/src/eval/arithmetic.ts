import { ArrayList, CelList, maxListSize } from "../value/container.js";
import { CelDouble, type CelInt, CelUint, makeUint, normalizeInt } from "../value/number.js";
import { Duration, Timestamp } from "../value/time.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";

/** The longest text or byte string an operation may build, in UTF-16 units or bytes. */
export const maxTextSize = 16 * 1024 * 1024;

const intOverflow = () => new EvalFailure("integer overflow");
const uintOverflow = () => new EvalFailure("unsigned integer overflow");

function intResult(value: bigint): Result {
  return normalizeInt(value) ?? intOverflow();
}

function uintResult(value: bigint): Result {
  return makeUint(value) ?? uintOverflow();
}

/** Whether a value is an int. */
export function isInt(value: Value): value is CelInt {
  return typeof value === "number" || typeof value === "bigint";
}

/** `a + b` for numbers, text, bytes, lists, times and durations. */
export function add(a: Value, b: Value): Result {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    return Number.isSafeInteger(sum) ? sum : intResult(BigInt(a) + BigInt(b));
  }
  if (typeof a === "string") return typeof b === "string" ? concatText(a, b) : noSuchOverload();
  if (a instanceof CelList) return b instanceof CelList ? concatLists(a, b) : noSuchOverload();
  if (isInt(a)) return isInt(b) ? intResult(BigInt(a) + BigInt(b)) : noSuchOverload();
  if (a instanceof CelDouble)
    return b instanceof CelDouble ? new CelDouble(a.value + b.value) : noSuchOverload();
  if (a instanceof CelUint) return b instanceof CelUint ? uintResult(a.value + b.value) : noSuchOverload();
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? concatBytes(a, b) : noSuchOverload();
  return addTime(a, b);
}

function addTime(a: Value, b: Value): Result {
  if (a instanceof Duration) {
    if (b instanceof Duration) return Duration.of(a.nanos + b.nanos);
    if (b instanceof Timestamp) return Timestamp.of(a.nanos + b.nanos);
  }
  if (a instanceof Timestamp && b instanceof Duration) return Timestamp.of(a.nanos + b.nanos);
  return noSuchOverload();
}

function concatText(a: string, b: string): Result {
  return a.length + b.length > maxTextSize ? new EvalFailure("string exceeds the maximum size") : a + b;
}

function concatBytes(a: Uint8Array, b: Uint8Array): Result {
  if (a.length + b.length > maxTextSize) return new EvalFailure("bytes exceed the maximum size");
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** A list that compares or joins in its own way, such as one whose elements have keys. */
export interface JoiningList {
  concat(other: CelList): CelList;
}

function joins(list: CelList): list is CelList & JoiningList {
  return "concat" in list;
}

function concatLists(a: CelList, b: CelList): Result {
  if (a.size + b.size > maxListSize) return new EvalFailure("list exceeds the maximum size");
  if (a instanceof ArrayList && a.growing) {
    for (const item of b) a.items.push(item);
    return a;
  }
  if (joins(a)) return a.concat(b);
  return new ArrayList([...a, ...b]);
}

/** `a - b` for numbers, times and durations. */
export function subtract(a: Value, b: Value): Result {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    return Number.isSafeInteger(difference) ? difference : intResult(BigInt(a) - BigInt(b));
  }
  if (isInt(a)) return isInt(b) ? intResult(BigInt(a) - BigInt(b)) : noSuchOverload();
  if (a instanceof CelDouble)
    return b instanceof CelDouble ? new CelDouble(a.value - b.value) : noSuchOverload();
  if (a instanceof CelUint) return b instanceof CelUint ? uintResult(a.value - b.value) : noSuchOverload();
  if (a instanceof Duration && b instanceof Duration) return Duration.of(a.nanos - b.nanos);
  if (a instanceof Timestamp && b instanceof Timestamp) return Duration.of(a.nanos - b.nanos);
  if (a instanceof Timestamp && b instanceof Duration) return Timestamp.of(a.nanos - b.nanos);
  return noSuchOverload();
}

/** `a * b` for numbers. */
export function multiply(a: Value, b: Value): Result {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    // Adding 0 turns the -0 of `0 * -1` into 0.
    return Number.isSafeInteger(product) ? product + 0 : intResult(BigInt(a) * BigInt(b));
  }
  if (isInt(a)) return isInt(b) ? intResult(BigInt(a) * BigInt(b)) : noSuchOverload();
  if (a instanceof CelDouble)
    return b instanceof CelDouble ? new CelDouble(a.value * b.value) : noSuchOverload();
  if (a instanceof CelUint) return b instanceof CelUint ? uintResult(a.value * b.value) : noSuchOverload();
  return noSuchOverload();
}

/** `a / b` for numbers; integers round toward zero. */
export function divide(a: Value, b: Value): Result {
  if (isInt(a)) {
    if (!isInt(b)) return noSuchOverload();
    if (b === 0) return new EvalFailure("division by zero");
    if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0;
    return intResult(BigInt(a) / BigInt(b));
  }
  if (a instanceof CelDouble)
    return b instanceof CelDouble ? new CelDouble(a.value / b.value) : noSuchOverload();
  if (!(a instanceof CelUint && b instanceof CelUint)) return noSuchOverload();
  return b.value === 0n ? new EvalFailure("division by zero") : uintResult(a.value / b.value);
}

/** `a % b` for integers; the sign is that of `a`. */
export function modulo(a: Value, b: Value): Result {
  if (isInt(a)) {
    if (!isInt(b)) return noSuchOverload();
    if (b === 0) return new EvalFailure("modulus by zero");
    if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
    return intResult(BigInt(a) % BigInt(b));
  }
  if (!(a instanceof CelUint && b instanceof CelUint)) return noSuchOverload();
  return b.value === 0n ? new EvalFailure("modulus by zero") : uintResult(a.value % b.value);
}

/** `-a` for ints and doubles. */
export function negate(a: Value): Result {
  if (typeof a === "number") return a === 0 ? 0 : -a;
  if (typeof a === "bigint") return intResult(-a);
  return a instanceof CelDouble ? new CelDouble(-a.value) : noSuchOverload();
}
