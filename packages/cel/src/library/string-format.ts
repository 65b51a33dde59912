import { toText } from "../eval/convert.js";
import { formatGoDecimal } from "../eval/go-number.js";
import { CelType } from "../types.js";
import { compareText, numeric } from "../value/compare.js";
import { CelList, CelMap } from "../value/container.js";
import { CelDouble, CelUint } from "../value/number.js";
import { Duration, Timestamp } from "../value/time.js";
import { typeOf } from "../value/type-of.js";
import { EvalFailure, type Value } from "../value/value.js";

const maxPrecision = 1000;

function bad(clause: string, allowed: string, value: Value): EvalFailure {
  return new EvalFailure(
    `error during formatting: ${clause} clause can only be used on ${allowed}, was given ${typeOf(value).name}`,
  );
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? "Infinity" : "-Infinity";
}

/** `%s`: any value that has a text form; lists and maps element by element, map keys in order. */
function asText(value: Value): string | EvalFailure {
  if (value === null) return "null";
  if (value instanceof CelDouble) return special(value.value) ?? formatGoDecimal(value.value);
  if (value instanceof CelType) return value.name;
  if (value instanceof Timestamp || value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof CelList) {
    const parts = [...value].map(asText);
    return parts.find((part) => part instanceof EvalFailure) ?? `[${parts.join(", ")}]`;
  }
  if (value instanceof CelMap) return mapText(value);
  const text = toText(value);
  return typeof text === "string"
    ? text
    : bad(
        "string",
        "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
        value,
      );
}

function mapText(map: CelMap): string | EvalFailure {
  const entries: [string, string][] = [];
  for (const key of map.keys()) {
    const name = asText(key);
    const value = asText(map.find(key) ?? null);
    if (name instanceof EvalFailure) return name;
    if (value instanceof EvalFailure) return value;
    entries.push([name, value]);
  }
  entries.sort(([a], [b]) => compareText(a, b));
  return `{${entries.map(([name, value]) => `${name}: ${value}`).join(", ")}}`;
}

function decimal(value: Value): string | EvalFailure {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelDouble) return special(value.value) ?? formatGoDecimal(value.value);
  return bad("decimal", "integers and doubles", value);
}

function fixed(value: Value, precision: number): string | EvalFailure {
  const number = numeric(value);
  if (number === undefined) return bad("fixed-point", "integers and doubles", value);
  return special(Number(number)) ?? exactFixed(Number(number), precision);
}

/** `toFixed` for any precision and size; JavaScript's own stops at 100 digits and 1e21. */
export function exactFixed(value: number, precision: number): string {
  if (precision <= 100 && Math.abs(value) < 1e21) return roundHalfEven(value, precision);
  const sign = value < 0 ? "-" : "";
  const whole = BigInt(Math.trunc(Math.abs(value)));
  const digits = roundHalfEven(Math.abs(value) % 1, Math.min(precision, 100)).slice(2);
  return `${sign}${whole}${precision === 0 ? "" : `.${digits.padEnd(precision, "0")}`}`;
}

/** JavaScript rounds exact ties up, Go to even: `0.5` at no digits is `0`. */
function roundHalfEven(value: number, precision: number): string {
  const text = value.toFixed(precision);
  if (
    precision > 20 ||
    !Number.isInteger(value * 2 * 10 ** precision) ||
    Number.isInteger(value * 10 ** precision)
  )
    return text;
  const below = Math.trunc(value * 10 ** precision);
  return below % 2 === 0 && precision < 16 ? (below / 10 ** precision).toFixed(precision) : text;
}

function scientific(value: Value, precision: number): string | EvalFailure {
  const number = numeric(value);
  if (number === undefined) return bad("scientific", "integers and doubles", value);
  const plain = Number(number);
  const text = special(plain);
  if (text !== undefined) return text;
  const [mantissa = "", power = "0"] = plain.toExponential(Math.min(precision, 100)).split("e");
  const exponent = Number(power);
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent).toString().padStart(2, "0")}`;
}

function inBase(value: Value, base: 2 | 8, clause: string): string | EvalFailure {
  if (base === 2 && typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number" || typeof value === "bigint") return value.toString(base);
  if (value instanceof CelUint) return value.value.toString(base);
  return bad(clause, base === 2 ? "integers and bools" : "integers", value);
}

function hex(value: Value): string | EvalFailure {
  if (typeof value === "number" || typeof value === "bigint") return value.toString(16);
  if (value instanceof CelUint) return value.value.toString(16);
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  return value instanceof Uint8Array
    ? Buffer.from(value).toString("hex")
    : bad("hex", "integers, byte buffers, and strings", value);
}

function formatOne(value: Value, verb: string, precision: number): string | EvalFailure {
  switch (verb) {
    case "s":
      return asText(value);
    case "d":
      return decimal(value);
    case "f":
      return fixed(value, precision);
    case "e":
      return scientific(value, precision);
    case "b":
      return inBase(value, 2, "binary");
    case "o":
      return inBase(value, 8, "octal");
    case "x":
      return hex(value);
    case "X": {
      const text = hex(value);
      return typeof text === "string" ? text.toUpperCase() : text;
    }
    default:
      return new EvalFailure(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

/** `text.format(args)`: clauses `%s %d %f %e %b %o %x %X`, with a precision for `%f` and `%e` (6 unless given). */
export function formatText(text: string, args: CelList): string | EvalFailure {
  let result = "";
  let next = 0;
  let at = 0;
  for (const match of text.matchAll(/%(%|(?:\.(\d+))?([\s\S]))?/gu)) {
    result += text.slice(at, match.index);
    at = match.index + match[0].length;
    if (match[1] === "%") {
      result += "%";
      continue;
    }
    const verb = match[3];
    if (verb === undefined) return new EvalFailure("unexpected end of string");
    const precision = match[2] === undefined ? 6 : Number(match[2]);
    if (precision > maxPrecision)
      return new EvalFailure(`precision ${precision} exceeds maximum ${maxPrecision}`);
    if (next >= args.size) return new EvalFailure(`index ${next} out of range`);
    const piece = formatOne(args.at(next), verb, precision);
    if (typeof piece !== "string") return piece;
    next += 1;
    result += piece;
    if (result.length > 16 * 1024 * 1024) return new EvalFailure("string exceeds the maximum size");
  }
  return result + text.slice(at);
}
