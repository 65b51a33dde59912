/** How a quantity's suffix is written. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** An exact amount of a resource: `nano` units of 10^-9, and the family of suffixes it is written in. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** Why a text is no quantity, in Kubernetes' words. */
export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const pattern = /^([-+]?)(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)?$/;
const one = 1_000_000_000n;
const maxNano = (2n ** 63n - 1n) * one;

/**
 * Reads a quantity (`100m`, `1.5Gi`, `1e3`, a number from JSON too), exactly down to 10^-9; what is finer is
 * rounded away from zero. Amounts past 2^63-1 are capped there, as Kubernetes does.
 *
 * @throws {QuantityError} in Kubernetes' words
 */
export function parseQuantity(text: string | number): Quantity {
  const source = typeof text === "number" ? String(text) : text;
  const match = source.length > 100 ? null : pattern.exec(source);
  if (match === null) {
    throw new QuantityError(
      `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    );
  }
  const [, sign, digits = "0", suffix = ""] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const { format, numerator, tens } = scaleOf(suffix);
  const scaled = scale(BigInt(whole + fraction) * numerator, tens + 9 - fraction.length);
  const nano = scaled > maxNano ? maxNano : scaled;
  return { nano: sign === "-" ? -nano : nano, format };
}

function scaleOf(suffix: string): { format: QuantityFormat; numerator: bigint; tens: number } {
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { format: "BinarySI", numerator: 1024n ** BigInt(binary), tens: 0 };
  const decimal = decimalSuffixes.indexOf(suffix);
  if (decimal >= 0) return { format: "DecimalSI", numerator: 1n, tens: (decimal - 3) * 3 };
  const exponent = Number(suffix.slice(1));
  return { format: "DecimalExponent", numerator: 1n, tens: Math.max(Math.min(exponent, 100), -200) };
}

/** `value` times 10^`tens`, rounded up. */
function scale(value: bigint, tens: number): bigint {
  if (tens >= 0) return value * 10n ** BigInt(tens);
  const divisor = 10n ** BigInt(-tens);
  return value / divisor + (value % divisor === 0n ? 0n : 1n);
}

/** Below zero where `a` is less than `b`, zero where they are the same amount, above otherwise. */
export function compareQuantity(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** The sum, written as the first summand that is not zero is. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** The difference, written as `a` is. */
export function subtractQuantity(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** The amount in units of 10^-3, rounded up: CPUs in millicores. */
export function quantityMilli(quantity: Quantity): number {
  return Number(divideUp(quantity.nano, 1_000_000n));
}

/** The amount in whole units, rounded up: bytes, pods. */
export function quantityValue(quantity: Quantity): number {
  return Number(divideUp(quantity.nano, one));
}

function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value > 0n ? quotient + 1n : quotient - 1n;
}

/**
 * The canonical text: no fraction, and the largest suffix of the quantity's family that needs none.
 */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return "0";
  const sign = nano < 0n ? "-" : "";
  const magnitude = nano < 0n ? -nano : nano;
  // Binary suffixes exist only for whole numbers of at least 1024.
  const binary = format === "BinarySI" && magnitude % one === 0n && magnitude >= 1024n * one;
  if (binary) return sign + formatBinary(magnitude / one);
  return sign + formatDecimal(magnitude, format === "DecimalExponent");
}

function formatBinary(whole: bigint): string {
  let value = whole;
  let step = 0;
  while (step < binarySuffixes.length - 1 && value % 1024n === 0n) {
    value /= 1024n;
    step++;
  }
  return `${value}${binarySuffixes[step]}`;
}

function formatDecimal(nano: bigint, exponent: boolean): string {
  let value = nano;
  let step = 0;
  while (step < decimalSuffixes.length - 1 && value % 1000n === 0n) {
    value /= 1000n;
    step++;
  }
  if (!exponent) return `${value}${decimalSuffixes[step]}`;
  return step === 3 ? String(value) : `${value}e${(step - 3) * 3}`;
}
