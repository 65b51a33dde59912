import { textSize } from "../eval/text.js";
import { CelList, CelMap } from "../value/container.js";
import { Opaque, Optional, type Result, type Value } from "../value/value.js";

/** What a call costs: a number of units, or a function of its arguments and result. */
export type CallCost = number | ((args: readonly Value[], result: Result) => number);

/** Units per code point or byte that an operation walks over. */
export const traversalFactor = 0.1;
/** Units per code point of a regular expression, per unit of the text. */
export const regexFactor = 0.25;

/** The size of text, bytes, lists and maps; 1 for anything else. */
export function actualSize(value: Result): number {
  if (typeof value === "string") return textSize(value);
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Optional && value.value !== undefined) return actualSize(value.value);
  if (value instanceof Opaque && "size" in value) return Number(value.size);
  return 1;
}

/** The size of an argument; 1 when it is not there. */
export const sizeOf = (args: readonly Value[], index: number): number => actualSize(args[index] ?? null);

/** Units for walking over the first argument. */
export const traversal: CallCost = (args) => Math.ceil(sizeOf(args, 0) * traversalFactor);

/** Units for matching a regular expression (second argument) against a text (first). */
export const regexMatch: CallCost = (args) => {
  const text = Math.ceil((1 + sizeOf(args, 0)) * traversalFactor);
  return text * Math.ceil(sizeOf(args, 1) * regexFactor);
};
