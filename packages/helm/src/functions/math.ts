import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import type { GoInt, GoValue } from "../value/go-value.js";
import { printValue } from "../value/print.js";
import { int, int64, steps, toFloat64, toInt64 } from "./cast.js";

function divide(a: GoValue, b: GoValue, run: (x: bigint, y: bigint) => bigint): GoInt {
  const divisor = toInt64(b);
  if (divisor === 0n) throw new FunctionError("runtime error: integer divide by zero");
  return int64(run(toInt64(a), divisor));
}

function extreme(pick: (a: bigint, b: bigint) => boolean): TemplateFunction {
  return fn("any ...any", (first: GoValue, ...rest: GoValue[]) =>
    int64([first, ...rest].map(toInt64).reduce((best, value) => (pick(value, best) ? value : best))),
  );
}

/** An exact decimal: digits and how many of them are behind the point. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new FunctionError(`Cannot create a Decimal from ${value}`);
  const [mantissa = "0", power = "0"] = value.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(power);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function numberOf({ digits, scale }: Decimal): number {
  return Number(`${digits}e-${scale}`);
}

function align(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale), scale];
}

function add(a: Decimal, b: Decimal, sign: bigint): Decimal {
  const [x, y, scale] = align(a, b);
  return { digits: x + sign * y, scale };
}

function quotient(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new FunctionError("decimal division by 0");
  const [x, y] = align(a, b);
  const scaled = (x * 10n ** 17n) / y;
  const magnitude = scaled < 0n ? -scaled : scaled;
  const up = magnitude % 10n >= 5n ? 1n : 0n;
  const rounded = magnitude / 10n + up;
  return { digits: scaled < 0n ? -rounded : rounded, scale: 16 };
}

function folded(run: (a: Decimal, b: Decimal) => Decimal, start?: number): TemplateFunction {
  return fn(start === undefined ? "any ...any" : "...any", (...values: GoValue[]) => {
    const numbers = values.map((value) => decimalOf(toFloat64(value)));
    if (start !== undefined) return numberOf(numbers.reduce(run, decimalOf(start)));
    const [first = decimalOf(0), ...rest] = numbers;
    return numberOf(rest.reduce(run, first));
  });
}

function round(value: GoValue, places: GoInt, ...on: number[]): number {
  const threshold = on[0] ?? 0.5;
  const power = 10 ** Number(places.value);
  const digit = power * toFloat64(value);
  const fraction = digit % 1;
  return (fraction >= threshold ? Math.ceil(digit) : Math.floor(digit)) / power;
}

function seq(...bounds: GoInt[]): string {
  const [a = 0n, b = 0n, c = 0n] = bounds.map((bound) => bound.value);
  const towards = (start: bigint, end: bigint): bigint => (end < start ? -1n : 1n);
  switch (bounds.length) {
    case 1:
      return steps(1n, a + towards(1n, a), towards(1n, a)).join(" ");
    case 2:
      return steps(a, b + towards(a, b), towards(a, b)).join(" ");
    case 3:
      return c < a && b > 0n ? "" : steps(a, c + towards(a, c), b).join(" ");
    default:
      return "";
  }
}

function atoi(text: string): GoInt {
  if (!/^[+-]?\d+$/.test(text)) return int(0);
  const value = BigInt(text.replace(/^\+/, ""));
  if (value > 2n ** 63n - 1n) return int(2n ** 63n - 1n);
  return int(value < -(2n ** 63n) ? -(2n ** 63n) : value);
}

function toDecimal(value: GoValue): GoInt {
  const text = printValue(value);
  return int64(
    /^[+-]?[0-7]+$/.test(text)
      ? BigInt(`0o${text.replace(/^[+-]/, "")}`) * (text.startsWith("-") ? -1n : 1n)
      : 0n,
  );
}

const sum = (values: GoValue[]): GoInt => int64(values.map(toInt64).reduce((a, b) => a + b, 0n));
const max = extreme((a, b) => a > b);

/** Sprig's functions on numbers. */
export const mathFunctions: Readonly<Record<string, TemplateFunction>> = {
  add: fn("...any", (...values: GoValue[]) => sum(values)),
  add1: fn("any", (value: GoValue) => int64(toInt64(value) + 1n)),
  sub: fn("any any", (a: GoValue, b: GoValue) => int64(toInt64(a) - toInt64(b))),
  mul: fn("any ...any", (first: GoValue, ...rest: GoValue[]) =>
    int64([first, ...rest].map(toInt64).reduce((a, b) => a * b)),
  ),
  div: fn("any any", (a: GoValue, b: GoValue) => divide(a, b, (x, y) => x / y)),
  mod: fn("any any", (a: GoValue, b: GoValue) => divide(a, b, (x, y) => x % y)),
  max,
  biggest: max,
  min: extreme((a, b) => a < b),
  maxf: fn("any ...any", (...values: GoValue[]) => Math.max(...values.map(toFloat64))),
  minf: fn("any ...any", (...values: GoValue[]) => Math.min(...values.map(toFloat64))),
  addf: folded((a, b) => add(a, b, 1n), 0),
  add1f: fn("any", (value: GoValue) => numberOf(add(decimalOf(toFloat64(value)), decimalOf(1), 1n))),
  subf: folded((a, b) => add(a, b, -1n)),
  mulf: folded((a, b) => ({ digits: a.digits * b.digits, scale: a.scale + b.scale })),
  divf: folded(quotient),
  ceil: fn("any", (value: GoValue) => Math.ceil(toFloat64(value))),
  floor: fn("any", (value: GoValue) => Math.floor(toFloat64(value))),
  round: fn("any int ...float64", round),
  int: fn("any", (value: GoValue) => int(toInt64(value))),
  int64: fn("any", (value: GoValue) => int64(toInt64(value))),
  float64: fn("any", toFloat64),
  atoi: fn("string", atoi),
  toDecimal: fn("any", toDecimal),
  seq: fn("...int", seq),
};
