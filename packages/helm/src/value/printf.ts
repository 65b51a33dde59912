import { bytesOf, textOfBytes } from "./bytes.js";
import { GoComplex, GoInt, GoMap, GoStruct, type GoValue, sortedKeys, typeName } from "./go-value.js";
import { binaryFloat, formatFloat, hexFloat, toExponent, toFixedExact } from "./number.js";
import { printValue } from "./print.js";
import { quote, quoteRune } from "./quote.js";
import { NodeCount } from "./size.js";

interface Verb {
  readonly letter: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly count: NodeCount;
}

const maxWidth = 1_000_000;

/** Go's `fmt.Sprintf`. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  return new Formatter(format, args).run();
}

class Formatter {
  private readonly format: string;
  private readonly args: readonly GoValue[];
  private at = 0;
  private next = 0;
  private reordered = false;

  constructor(format: string, args: readonly GoValue[]) {
    this.format = format;
    this.args = args;
  }

  run(): string {
    let result = "";
    while (this.at < this.format.length) {
      const percent = this.format.indexOf("%", this.at);
      if (percent < 0) {
        result += this.format.slice(this.at);
        break;
      }
      result += this.format.slice(this.at, percent);
      this.at = percent + 1;
      result += this.verb();
    }
    if (!this.reordered && this.next < this.args.length) result += this.extra();
    return result;
  }

  private extra(): string {
    const rest = this.args
      .slice(this.next)
      .map((arg) => (arg === null || arg === undefined ? "<nil>" : `${typeName(arg)}=${printValue(arg)}`));
    return `%!(EXTRA ${rest.join(", ")})`;
  }

  private flags(): Set<string> {
    const flags = new Set<string>();
    while ("+-# 0".includes(this.format[this.at] ?? "x")) {
      flags.add(this.format[this.at] ?? "");
      this.at += 1;
    }
    return flags;
  }

  private digits(): number | undefined {
    const match = /^\d+/.exec(this.format.slice(this.at, this.at + 10));
    if (match === null) return undefined;
    this.at += match[0].length;
    return Math.min(Number(match[0]), maxWidth);
  }

  /** `[n]`: true when it names an operand that is not there. */
  private index(): boolean {
    if (this.format[this.at] !== "[") return false;
    this.reordered = true;
    const match = /^\[(\d+)\]/.exec(this.format.slice(this.at));
    if (match === null) {
      this.at += 1;
      return true;
    }
    this.at += match[0].length;
    const index = Number(match[1]) - 1;
    if (index < 0 || index >= this.args.length) return true;
    this.next = index;
    return false;
  }

  private star(): number | "bad" {
    const value = this.args[this.next];
    this.next += 1;
    if (!(value instanceof GoInt) || value.value > BigInt(maxWidth) || value.value < -BigInt(maxWidth))
      return "bad";
    return Number(value.value);
  }

  private verb(): string {
    let before = "";
    const flags = this.flags();
    let badIndex = this.index();
    let width: number | undefined;
    if (this.format[this.at] === "*") {
      this.at += 1;
      const star = this.star();
      if (star === "bad") before += "%!(BADWIDTH)";
      else width = star;
      if (width !== undefined && width < 0) {
        width = -width;
        flags.add("-");
      }
    } else width = this.digits();
    let precision: number | undefined;
    if (this.format[this.at] === ".") {
      this.at += 1;
      badIndex = this.index() || badIndex;
      if (this.format[this.at] === "*") {
        this.at += 1;
        const star = this.star();
        if (star === "bad" || star < 0) before += "%!(BADPREC)";
        else precision = star;
      } else precision = this.digits() ?? 0;
    }
    badIndex = this.index() || badIndex;
    const letter = [...this.format.slice(this.at, this.at + 2)][0];
    if (letter === undefined) return `${before}%!(NOVERB)`;
    this.at += letter.length;
    if (letter === "%") return `${before}%`;
    if (badIndex) return `${before}%!${letter}(BADINDEX)`;
    if (this.next >= this.args.length) return `${before}%!${letter}(MISSING)`;
    const value = this.args[this.next];
    this.next += 1;
    const verb: Verb = {
      letter,
      width,
      precision,
      minus: flags.has("-"),
      // In `%+v` the sign asks for field names, which none of these values have.
      plus: flags.has("+") && letter !== "v",
      sharp: flags.has("#"),
      space: flags.has(" "),
      zero: flags.has("0") && !flags.has("-"),
      count: new NodeCount(),
    };
    return before + formatOne(value, verb);
  }
}

function bad(value: GoValue, verb: Verb): string {
  if (value === null || value === undefined) return `%!${verb.letter}(<nil>)`;
  return `%!${verb.letter}(${typeName(value)}=${formatOne(value, { ...verb, letter: "v" })})`;
}

function pad(text: string, verb: Verb, zero = false): string {
  const size = [...text].length;
  if (verb.width === undefined || size >= verb.width) return text;
  const fill = verb.width - size;
  if (verb.minus) return text + " ".repeat(fill);
  if (!zero) return " ".repeat(fill) + text;
  const sign = /^[+\- ]/.exec(text)?.[0] ?? "";
  return sign + "0".repeat(fill) + text.slice(sign.length);
}

function formatOne(value: GoValue, verb: Verb): string {
  verb.count.next();
  if (verb.letter === "T") return pad(typeName(value), verb);
  if (value === null || value === undefined)
    return verb.letter === "v" ? pad("<nil>", verb) : bad(value, verb);
  if (Array.isArray(value)) return formatList(value, verb);
  if (value instanceof GoMap) return formatMap(value, verb);
  switch (typeof value) {
    case "boolean":
      return "tv".includes(verb.letter) ? pad(String(value), verb, verb.zero) : bad(value, verb);
    case "string":
      return formatText(value, verb) ?? bad(value, verb);
    case "number":
      return formatDouble(value, verb) ?? bad(value, verb);
    default:
      if (value instanceof GoInt) return formatInt(value, verb) ?? bad(value, verb);
      if (value instanceof Uint8Array) return formatBytes(value, verb);
      if (value instanceof GoComplex)
        return "veEfFgG".includes(verb.letter) ? pad(printValue(value), verb) : bad(value, verb);
      return value instanceof GoStruct ? formatStruct(value, verb) : "";
  }
}

/** What a list or map holds: nil there is `<nil>` whatever the verb. */
function formatInner(value: GoValue, verb: Verb): string {
  if (value !== null && value !== undefined) return formatOne(value, verb);
  return verb.letter === "v" && verb.sharp ? "interface {}(nil)" : "<nil>";
}

function formatStruct(value: GoStruct, verb: Verb): string {
  const number = value.number();
  if (number !== undefined && !"vs".includes(verb.letter)) return formatOne(number, verb);
  return formatText(value.formatted(), verb) ?? bad(value, verb);
}

function formatList(items: readonly GoValue[], verb: Verb): string {
  if (verb.letter === "v" && verb.sharp)
    return `${typeName(items as GoValue[])}{${items.map((item) => formatInner(item, verb)).join(", ")}}`;
  return `[${items.map((item) => formatInner(item, verb)).join(" ")}]`;
}

function formatMap(map: GoMap, verb: Verb): string {
  const sharp = verb.letter === "v" && verb.sharp;
  const entries = sortedKeys(map).map((key) => `${formatOne(key, verb)}:${formatInner(map.get(key), verb)}`);
  return sharp ? `${map.typeName}{${entries.join(", ")}}` : `map[${entries.join(" ")}]`;
}

function truncate(text: string, verb: Verb): string {
  return verb.precision === undefined ? text : [...text].slice(0, verb.precision).join("");
}

function formatText(text: string, verb: Verb): string | undefined {
  switch (verb.letter) {
    case "v":
      return pad(verb.sharp ? quote(text) : truncate(text, verb), verb, verb.zero);
    case "s":
      return pad(truncate(text, verb), verb, verb.zero);
    case "q": {
      const cut = truncate(text, verb);
      if (verb.sharp && !/[`\x00-\x08\x0a-\x1f\x7f\ufeff]/.test(cut)) return pad(`\`${cut}\``, verb);
      return pad(quote(cut, verb.plus), verb);
    }
    case "x":
    case "X":
      return pad(hexBytes(bytesOf(text), verb), verb);
    default:
      return undefined;
  }
}

function hexBytes(bytes: Uint8Array, verb: Verb): string {
  const shown = verb.precision === undefined ? bytes : bytes.subarray(0, verb.precision);
  const pairs = [...shown].map((byte) => byte.toString(16).padStart(2, "0"));
  const prefix = verb.sharp ? "0x" : "";
  const text = verb.space
    ? pairs.map((pair) => prefix + pair).join(" ")
    : (pairs.length > 0 ? prefix : "") + pairs.join("");
  return verb.letter === "X" ? text.toUpperCase() : text;
}

function formatBytes(bytes: Uint8Array, verb: Verb): string {
  if ("sqxX".includes(verb.letter)) return formatText(textOfBytes(bytes), verb) ?? "";
  return `[${[...bytes].map((byte) => formatOne(new GoInt(BigInt(byte), "uint8"), verb)).join(" ")}]`;
}

function signed(magnitude: string, negative: boolean, verb: Verb): string {
  return (negative ? "-" : verb.plus ? "+" : verb.space ? " " : "") + magnitude;
}

const bases = new Map([
  ["d", 10],
  ["v", 10],
  ["b", 2],
  ["o", 8],
  ["O", 8],
  ["x", 16],
  ["X", 16],
]);

function formatInt({ value }: GoInt, verb: Verb): string | undefined {
  const { letter } = verb;
  if (letter === "c") return pad(rune(value), verb, verb.zero);
  if (letter === "q") return pad(`'${quoteRune(validRune(value), "'", verb.plus)}'`, verb);
  if (letter === "U") {
    const code = `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
    return pad(verb.sharp ? `${code} '${rune(value)}'` : code, verb);
  }
  const base = bases.get(letter);
  if (base === undefined) return undefined;
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(base);
  if (letter === "X") digits = digits.toUpperCase();
  if (verb.precision !== undefined)
    digits = verb.precision === 0 && value === 0n ? "" : digits.padStart(verb.precision, "0");
  else if (verb.zero && verb.width !== undefined) {
    digits = digits.padStart(verb.width - (negative || verb.plus || verb.space ? 1 : 0), "0");
  }
  if (verb.sharp)
    digits =
      (letter === "x"
        ? "0x"
        : letter === "X"
          ? "0X"
          : letter === "b"
            ? "0b"
            : letter === "o" && !digits.startsWith("0")
              ? "0"
              : "") + digits;
  if (letter === "O") digits = `0o${digits}`;
  return pad(signed(digits, negative, verb), verb);
}

function validRune(value: bigint): number {
  return value < 0n || value > 0x10ffffn || (value >= 0xd800n && value <= 0xdfffn) ? 0xfffd : Number(value);
}

function rune(value: bigint): string {
  return String.fromCodePoint(validRune(value));
}

function formatDouble(value: number, verb: Verb): string | undefined {
  const digits = doubleText(value, verb);
  if (digits === undefined) return undefined;
  const text =
    verb.sharp && !"bv".includes(verb.letter) && Number.isFinite(value) ? alternate(digits, verb) : digits;
  const negative = text.startsWith("-");
  const magnitude = text.replace(/^[+-]/, "");
  const infinite = !Number.isFinite(value);
  const plus = infinite && text.startsWith("+") && verb.letter === "v" ? "+" : "";
  const result = plus === "" ? signed(magnitude, negative, verb) : plus + magnitude;
  return pad(
    infinite && !negative && plus === "" && !verb.space ? `+${magnitude}` : result,
    verb,
    verb.zero && !infinite,
  );
}

/** The `#` flag: always a decimal point, and for `%g` and `%x` no trailing zeros removed. */
function alternate(text: string, { letter, precision }: Verb): string {
  const isHex = letter === "x" || letter === "X";
  const [, mantissa = "", tail = ""] = (isHex ? /^(.*?)(p.*)?$/i : /^(.*?)(e.*)?$/i).exec(text) ?? [];
  let missing = ["g", "G", "x"].includes(letter) ? (precision ?? 6) : 0;
  let counting = false;
  const unsigned = mantissa.replace("-", "");
  for (const char of unsigned.replace(".", "")) {
    counting ||= char !== "0";
    if (counting) missing -= 1;
  }
  const hasPoint = mantissa.includes(".");
  if (!hasPoint && unsigned === "0") missing -= 1;
  return `${mantissa}${hasPoint ? "" : "."}${"0".repeat(Math.max(0, missing))}${tail}`;
}

function doubleText(value: number, verb: Verb): string | undefined {
  switch (verb.letter) {
    case "v":
      return formatGeneral(value, verb);
    case "g":
      return formatGeneral(value, verb);
    case "G":
      return formatGeneral(value, verb).toUpperCase();
    case "f":
    case "F":
      return toFixedExact(value, Math.min(verb.precision ?? 6, 1000));
    case "x":
    case "X": {
      const hex = hexFloat(value, verb.precision);
      return verb.letter === "X" ? hex.toUpperCase() : hex;
    }
    case "b":
      return binaryFloat(value);
    case "e":
      return toExponent(value, verb.precision ?? 6);
    case "E":
      return toExponent(value, verb.precision ?? 6, true);
    default:
      return undefined;
  }
}

function formatGeneral(value: number, verb: Verb): string {
  if (verb.precision === undefined || !Number.isFinite(value)) return formatFloat(value);
  const precision = Math.max(1, Math.min(verb.precision, 100));
  const exponent = Number(value.toExponential(precision - 1).split("e")[1] ?? "0");
  const text =
    exponent < -4 || exponent >= precision
      ? toExponent(value, precision - 1)
      : toFixedExact(value, precision - 1 - exponent);
  if (!text.includes(".")) return text;
  return text.replace(/\.?0+(e|$)/, "$1");
}
