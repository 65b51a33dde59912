import { FunctionError } from "../template/error.js";
import { GoInt, type GoValue } from "../value/go-value.js";

const minInt64 = -(2n ** 63n);

/** Sprig's toInt64: what is no integer is 0; text is read with its base prefix. */
export function toInt64(value: GoValue): bigint {
  if (value instanceof GoInt) return value.value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") {
    if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return minInt64;
    return BigInt(Math.trunc(value));
  }
  return typeof value === "string" ? parseInteger(value) : 0n;
}

function parseInteger(text: string): bigint {
  const match =
    /^([+-]?)(0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[oO]_?[0-7]+(?:_[0-7]+)*|0[bB]_?[01]+(?:_[01]+)*|0(?:_?[0-7]+)*|[1-9]\d*(?:_\d+)*)$/.exec(
      text,
    );
  if (match === null) return 0n;
  const digits = (match[2] ?? "0").replaceAll("_", "").toLowerCase();
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const signed = match[1] === "-" ? -value : value;
  return signed > 2n ** 63n - 1n || signed < minInt64 ? 0n : signed;
}

/** Sprig's toFloat64: what is no number is 0. */
export function toFloat64(value: GoValue): number {
  if (typeof value === "number") return value;
  if (value instanceof GoInt) return Number(value.value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string" || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return 0;
  return Number(value);
}

/** An `int` of a JavaScript integer. */
export function int(value: number | bigint): GoInt {
  return new GoInt(BigInt(value));
}

/** An `int64` that wraps around as Go's does. */
export function int64(value: bigint): GoInt {
  return new GoInt(BigInt.asIntN(64, value), "int64");
}

const maxSteps = 1_000_000;

/** The integers from start up to, or down to, stop, without it; none when the step leads away. Throws FunctionError. */
export function steps(start: bigint, stop: bigint, step: bigint): bigint[] {
  const items: bigint[] = [];
  if (stop < start ? step >= 0n : step <= 0n) return items;
  for (let at = start; step > 0n ? at < stop : at > stop; at += step) {
    if (items.length >= maxSteps) throw new FunctionError("list exceeds the maximum size");
    items.push(at);
  }
  return items;
}
