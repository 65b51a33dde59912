import { canonicalJson } from "@capstan/kube";
import type { Json } from "./schema-document.js";

/** Whether two values are equal as JSON Schema sees them. */
export function sameJson(a: Json, b: Json): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

/** The first two elements that are equal. */
export function firstDuplicate(items: readonly Json[]): readonly [number, number] | undefined {
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const key = canonicalJson(item);
    const known = seen.get(key);
    if (known !== undefined) return [known, index];
    seen.set(key, index);
  }
  return undefined;
}

function decimal(value: number): [bigint, number] {
  const [mantissa = "0", power = "0"] = value.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return [BigInt(whole + fraction), Number(power) - fraction.length];
}

/** Whether a number is a multiple of another, in decimal. */
export function isMultiple(value: number, of: number): boolean {
  if (of === 0 || !Number.isFinite(value) || !Number.isFinite(of)) return false;
  const [digits, power] = decimal(value);
  const [divisor, divisorPower] = decimal(of);
  const shift = power - divisorPower;
  return shift >= 0
    ? (digits * 10n ** BigInt(shift)) % divisor === 0n
    : digits % (divisor * 10n ** BigInt(-shift)) === 0n;
}
