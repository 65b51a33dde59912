/**
 * Numbers as CEL has them. An `int` is a JavaScript number while it is a safe integer, which nearly
 * all are, and a bigint beyond; `normalizeInt` keeps that form canonical, so that equal ints are
 * `===`. `double` and `uint` are boxed, because a JavaScript number alone could not be told from an int.
 */
export type CelInt = number | bigint;

/** An IEEE 754 double. */
export class CelDouble {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** An unsigned 64-bit integer. */
export class CelUint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

export const minInt64 = -(2n ** 63n);
export const maxInt64 = 2n ** 63n - 1n;
export const maxUint64 = 2n ** 64n - 1n;

/** The canonical form of an int64; undefined when it does not fit. */
export function normalizeInt(value: bigint): CelInt | undefined {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  return value >= minInt64 && value <= maxInt64 ? value : undefined;
}

/** A uint; undefined when the value does not fit 64 bits. */
export function makeUint(value: bigint): CelUint | undefined {
  return value >= 0n && value <= maxUint64 ? new CelUint(value) : undefined;
}

/**
 * -1, 0, 1, or undefined when either is NaN. A 64-bit integer and a double compare as doubles, as in
 * cel-go; two integers compare exactly.
 */
export function compareNumbers(a: number | bigint, b: number | bigint): number | undefined {
  const left = typeof a === typeof b ? a : Number(a);
  const right = typeof a === typeof b ? b : Number(b);
  if (left < right) return -1;
  if (left > right) return 1;
  return left === right ? 0 : undefined;
}
