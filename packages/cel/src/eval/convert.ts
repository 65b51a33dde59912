import { numeric } from "../value/compare.js";
import { CelDouble, CelUint, makeUint, normalizeInt } from "../value/number.js";
import { Duration, parseDuration, parseTimestamp, Timestamp } from "../value/time.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { formatGoDouble, parseGoDouble } from "./go-number.js";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

function rangeError(): EvalFailure {
  return new EvalFailure("range error: value out of range");
}

/** `int(x)`. */
export function toInt(value: Value): Result {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof CelUint) return normalizeInt(value.value) ?? new EvalFailure("integer overflow");
  if (value instanceof CelDouble) {
    const inside = value.value > -(2 ** 63) && value.value < 2 ** 63;
    return (
      (inside ? normalizeInt(BigInt(Math.trunc(value.value))) : undefined) ??
      new EvalFailure("integer overflow")
    );
  }
  if (typeof value === "string") {
    if (!/^[+-]?\d+$/.test(value) || value.length > 100) return parseError(value, "int");
    return normalizeInt(BigInt(value.replace(/^\+/, ""))) ?? parseError(value, "int");
  }
  if (value instanceof Timestamp) return normalizeInt(value.seconds) ?? rangeError();
  if (value instanceof Duration) return normalizeInt(value.nanos) ?? rangeError();
  return noSuchOverload();
}

function parseError(text: string, type: string): EvalFailure {
  return new EvalFailure(`type conversion error from 'string' to '${type}': ${JSON.stringify(text)}`);
}

/** `uint(x)`. */
export function toUint(value: Value): Result {
  if (value instanceof CelUint) return value;
  const overflow = () => new EvalFailure("unsigned integer overflow");
  if (typeof value === "number" || typeof value === "bigint") return makeUint(BigInt(value)) ?? overflow();
  if (value instanceof CelDouble) {
    const inside = value.value >= 0 && value.value < 2 ** 64;
    return inside ? new CelUint(BigInt(Math.trunc(value.value))) : overflow();
  }
  if (typeof value === "string") {
    if (!/^\d+$/.test(value) || value.length > 100) return parseError(value, "uint");
    return makeUint(BigInt(value)) ?? parseError(value, "uint");
  }
  return noSuchOverload();
}

/** `double(x)`. */
export function toDouble(value: Value): Result {
  if (typeof value === "string") {
    const parsed = parseGoDouble(value);
    return parsed === undefined ? parseError(value, "double") : new CelDouble(parsed);
  }
  const number = numeric(value);
  return number === undefined ? noSuchOverload() : new CelDouble(Number(number));
}

const trueWords = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const falseWords = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** `bool(x)`. */
export function toBool(value: Value): Result {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return noSuchOverload();
  if (trueWords.has(value)) return true;
  return falseWords.has(value) ? false : parseError(value, "bool");
}

/** `string(x)`. */
export function toText(value: Value): Result {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value instanceof CelUint) return String(value.value);
      if (value instanceof CelDouble) return formatGoDouble(value.value, 6);
      if (value instanceof Timestamp || value instanceof Duration) return value.toString();
      if (value instanceof Uint8Array) return decodeUtf8(value);
      return noSuchOverload();
  }
}

function decodeUtf8(bytes: Uint8Array): Result {
  try {
    return strictUtf8.decode(bytes);
  } catch (error) {
    // A fatal decoder reports malformed input by throwing a TypeError.
    if (error instanceof TypeError)
      return new EvalFailure("invalid UTF-8 in bytes, cannot convert to string");
    throw error;
  }
}

/** `bytes(x)`. */
export function toBytes(value: Value): Result {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? encoder.encode(value) : noSuchOverload();
}

/** `timestamp(x)`: RFC 3339 text, or seconds since 1970. */
export function toTimestamp(value: Value): Result {
  if (value instanceof Timestamp) return value;
  if (typeof value === "string") return parseTimestamp(value);
  if (typeof value === "number" || typeof value === "bigint")
    return Timestamp.of(BigInt(value) * 1_000_000_000n);
  return noSuchOverload();
}

/** `duration(x)`: text as Go writes durations, or nanoseconds. */
export function toDuration(value: Value): Result {
  if (value instanceof Duration) return value;
  if (typeof value === "string") return parseDuration(value);
  if (typeof value === "number" || typeof value === "bigint") return Duration.of(BigInt(value));
  return noSuchOverload();
}
