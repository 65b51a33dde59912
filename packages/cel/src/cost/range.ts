/** A lower and an upper bound, of a cost in units or of a size in elements. */
export interface CostRange {
  readonly min: number;
  readonly max: number;
}

/** The bound that stands for "no bound": the largest uint64. */
export const unbounded = 2 ** 64;

const clamp = (value: number): number => Math.min(value, unbounded);

/** A range of one number. */
export function exactly(value: number): CostRange {
  return { min: value, max: value };
}

export const unknownSize: CostRange = { min: 0, max: unbounded };
export const nothing: CostRange = exactly(0);

/** The sums of the bounds. */
export function addRanges(...ranges: readonly CostRange[]): CostRange {
  return ranges.reduce(
    (sum, range) => ({ min: clamp(sum.min + range.min), max: clamp(sum.max + range.max) }),
    nothing,
  );
}

function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : clamp(a * b);
}

/** The products of the bounds. */
export function multiplyRanges(a: CostRange, b: CostRange): CostRange {
  return { min: product(a.min, b.min), max: product(a.max, b.max) };
}

/** The bounds times a factor, rounded up. */
export function scaleRange(range: CostRange, factor: number): CostRange {
  return { min: clamp(Math.ceil(range.min * factor)), max: clamp(Math.ceil(range.max * factor)) };
}

/** The smallest range around both. */
export function spanRanges(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
