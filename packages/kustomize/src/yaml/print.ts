import { compareKeys } from "./natural-order.js";
import { plainNeedsQuotes, readsAsOther, SPECIAL } from "./quoting.js";
import type { YamlValue } from "./value.js";

/** Past this column a space in a value becomes a line break. */
const FOLD_COLUMN = 80;

/** Pieces of text, and the column past which lines are folded. */
type Output = string[] & { foldColumn: number };

export interface PrintOptions {
  /** Whether long lines are folded (the default); kyaml's own writer does not. */
  readonly fold?: boolean;
}
/** A longer key is written with `?`. */
const MAX_SIMPLE_KEY = 128;

/**
 * Prints a value as kustomize prints a resource: keys in natural order, sequences at their key's
 * column, long lines folded unless told otherwise. Ends with a line break.
 */
export function printYaml(value: YamlValue, { fold = true }: PrintOptions = {}): string {
  const out: Output = Object.assign([], { foldColumn: fold ? FOLD_COLUMN : Number.POSITIVE_INFINITY });
  if (Array.isArray(value) && value.length > 0) {
    printSequence(out, value, 0, true);
  } else if (isMap(value) && Object.keys(value).length > 0) {
    printMap(out, value, 0, true);
  } else {
    printScalar(out, value, 0, 0);
    out.push("\n");
  }
  return out.join("");
}

function isMap(value: YamlValue): value is { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Prints entries at `indent`; the first stays on the line that is already begun where `inline`. */
function printMap(out: Output, map: { [key: string]: YamlValue }, indent: number, inline: boolean): void {
  const pad = " ".repeat(indent);
  let first = inline;
  for (const key of Object.keys(map).sort(compareKeys)) {
    if (!first) out.push(pad);
    first = false;
    const text = formatKey(key);
    const long = utf8Length(key) > MAX_SIMPLE_KEY || text.includes("\n") || key.includes("\n");
    if (long) {
      out.push("? ", text, "\n", pad, ":");
      printEntryValue(out, map[key] as YamlValue, indent, indent + 1, true);
    } else {
      out.push(text, ":");
      printEntryValue(out, map[key] as YamlValue, indent, indent + text.length + 1, false);
    }
  }
}

function utf8Length(text: string): number {
  if (text.length * 3 <= MAX_SIMPLE_KEY) return text.length;
  return new TextEncoder().encode(text).length;
}

function printEntryValue(out: Output, value: YamlValue, indent: number, column: number, long: boolean): void {
  if (Array.isArray(value) && value.length > 0) {
    if (long) out.push(" ");
    else out.push("\n");
    printSequence(out, value, long ? indent + 2 : indent, long);
  } else if (isMap(value) && Object.keys(value).length > 0) {
    if (long) out.push(" ");
    else out.push("\n");
    printMap(out, value, indent + 2, long);
  } else {
    out.push(" ");
    printScalar(out, value, indent + 2, column + 1);
    out.push("\n");
  }
}

function printSequence(out: Output, items: readonly YamlValue[], indent: number, inline: boolean): void {
  const pad = " ".repeat(indent);
  let first = inline;
  for (const item of items) {
    if (!first) out.push(pad);
    first = false;
    out.push("- ");
    if (Array.isArray(item) && item.length > 0) {
      printSequence(out, item, indent + 2, true);
    } else if (isMap(item) && Object.keys(item).length > 0) {
      printMap(out, item, indent + 2, true);
    } else {
      printScalar(out, item, indent + 2, indent + 2);
      out.push("\n");
    }
  }
}

function printScalar(out: Output, value: YamlValue, indent: number, column: number): void {
  if (typeof value === "string") printString(out, value, indent, column);
  else if (typeof value === "number") out.push(formatNumber(value));
  else if (value === null) out.push("null");
  else if (Array.isArray(value)) out.push("[]");
  else if (typeof value === "object") out.push("{}");
  else out.push(String(value));
}

/** A float as Go's shortest `%g` writes it; integers as they are unless they count as floats. */
export function formatNumber(value: number, asFloat = false): string {
  if (!asFloat && Number.isSafeInteger(value)) return String(value);
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return plainDecimal(value);
  const sign = power < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

function plainDecimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text;
}

function printString(out: Output, text: string, indent: number, column: number): void {
  if (text.includes("\n")) {
    if (literalAllowed(text)) printLiteral(out, text, indent);
    else printDouble(out, text, indent, column, true);
    return;
  }
  if (text === "" || readsAsOther(text) || SPECIAL.test(text)) printDouble(out, text, indent, column, true);
  else if (plainNeedsQuotes(text) || LINE_SEPARATOR.test(text)) printSingle(out, text, indent, column);
  else printPlain(out, text, indent, column);
}

function literalAllowed(text: string): boolean {
  return !text.endsWith(" ") && !text.includes(" \n") && !SPECIAL.test(text);
}

function printLiteral(out: Output, text: string, indent: number): void {
  const hint = text.startsWith(" ") || text.startsWith("\n") ? "2" : "";
  let chomp = "-";
  if (text.endsWith("\n")) chomp = text.length === 1 || text.endsWith("\n\n") ? "+" : "";
  out.push("|", hint, chomp);
  const pad = " ".repeat(indent);
  const lines = text.split("\n");
  const last = text.endsWith("\n") ? lines.length - 1 : lines.length;
  for (let i = 0; i < last; i++) {
    const line = lines[i] as string;
    if (line === "") out.push("\n");
    else out.push("\n", pad, line);
  }
}

/** Splits at single spaces that stand beyond the fold column. */
function printPlain(out: Output, text: string, indent: number, column: number): void {
  if (column + text.length <= out.foldColumn) {
    out.push(text);
    return;
  }
  let at = column;
  let spaces = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 32) {
      if (!spaces && at > out.foldColumn && text.charCodeAt(i + 1) !== 32) {
        at = breakLine(out, indent);
      } else {
        out.push(" ");
        at++;
      }
      spaces = true;
    } else {
      const next = nextSpace(text, i);
      out.push(text.slice(i, next));
      at += next - i;
      i = next - 1;
      spaces = false;
    }
  }
}

function nextSpace(text: string, from: number): number {
  const at = text.indexOf(" ", from);
  return at < 0 ? text.length : at;
}

function breakLine(out: Output, indent: number): number {
  out.push("\n", " ".repeat(indent));
  return indent;
}

/** Line breaks to YAML 1.1 beside those that strings are split at; readers keep them as they are. */
const LINE_SEPARATOR = /[\u2028\u2029]/;

function printSingle(out: Output, text: string, indent: number, column: number): void {
  out.push("'");
  let at = column + 1;
  let spaces = false;
  let separated = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (LINE_SEPARATOR.test(char)) {
      out.push(char);
      separated = true;
      continue;
    }
    if (separated) {
      out.push(" ".repeat(indent));
      at = indent;
      separated = false;
    }
    if (char === " ") {
      const inside = i > 0 && i < text.length - 1;
      if (!spaces && at > out.foldColumn && inside && text.charAt(i + 1) !== " ") {
        at = breakLine(out, indent);
      } else {
        out.push(" ");
        at++;
      }
      spaces = true;
    } else {
      out.push(char === "'" ? "''" : char);
      at += char === "'" ? 2 : 1;
      spaces = false;
    }
  }
  out.push("'");
}

const NAMED_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0, "\\0"],
  [7, "\\a"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
  [0x1b, "\\e"],
  [34, '\\"'],
  [92, "\\\\"],
  [0x85, "\\N"],
  [0xa0, "\\_"],
  [0x2028, "\\L"],
  [0x2029, "\\P"],
]);

function printDouble(out: Output, text: string, indent: number, column: number, fold: boolean): void {
  out.push('"');
  let at = column + 1;
  let spaces = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) as number;
    if (code === 32) {
      if (fold && !spaces && at > out.foldColumn && i > 0 && i < text.length - 1) {
        at = breakLine(out, indent);
        if (text.charCodeAt(i + 1) === 32) {
          out.push("\\");
          at++;
        }
      } else {
        out.push(" ");
        at++;
      }
      spaces = true;
      continue;
    }
    const piece = escaped(code);
    out.push(piece);
    at += piece.length;
    spaces = false;
    if (code > 0xffff) i++;
  }
  out.push('"');
}

function escaped(code: number): string {
  const printable =
    (code >= 0x20 && code <= 0x7e && code !== 34 && code !== 92) ||
    (code >= 0xa0 && code <= 0xfffd && code !== 0xfeff && code !== 0x2028 && code !== 0x2029);
  if (printable) return String.fromCharCode(code);
  const named = NAMED_ESCAPES.get(code);
  if (named !== undefined) return named;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

function formatKey(key: string): string {
  if (isSimpleWord(key)) return key;
  const out: Output = Object.assign([], { foldColumn: FOLD_COLUMN });
  if (key.includes("\n") || key === "" || readsAsOther(key) || SPECIAL.test(key))
    printDouble(out, key, 0, 0, false);
  else if (plainNeedsQuotes(key)) printSingle(out, key, 0, Number.NEGATIVE_INFINITY);
  else out.push(key);
  return out.join("");
}

const WORD = /^[a-zA-Z][a-zA-Z0-9/._-]{3,}$/;

/** Most keys: no reader takes `word` for anything but a string. */
function isSimpleWord(key: string): boolean {
  return WORD.test(key) && !readsAsOther(key);
}
