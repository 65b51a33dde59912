import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { byteLength, bytesOf, textOfBytes } from "../value/bytes.js";
import { type GoInt, GoMap, GoStruct, type GoValue, typedSlice } from "../value/go-value.js";
import { printValue, strval } from "../value/print.js";
import { quote } from "../value/quote.js";
import {
  camelCase,
  kebabCase,
  lowerRune,
  snakeCase,
  swapCase,
  toLower,
  toUpper,
  upperRune,
} from "./letter-case.js";

const goSpace = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const oneSpace = new RegExp(`[${goSpace}]`);
const maxText = 32 * 1024 * 1024;

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && oneSpace.test(text[start] ?? "")) start += 1;
  while (end > start && oneSpace.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(start, end);
}

function bounded(length: number): void {
  if (length > maxText) throw new FunctionError("result exceeds the maximum size");
}

function repeat(count: GoInt, text: string): string {
  if (count.value < 0n) throw new FunctionError("strings: negative Repeat count");
  bounded(Number(count.value) * text.length);
  return text.repeat(Number(count.value));
}

/** Text cut at byte offsets, as Go slices it. */
function byteSlice(text: string, start: number, end?: number): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.slice(start, end);
  return textOfBytes(bytesOf(text).subarray(start, end));
}

function substr(start: GoInt, end: GoInt, text: string): string {
  const [from, to] = [Number(start.value), Number(end.value)];
  const size = byteLength(text);
  if (from < 0) {
    if (to < 0) throw new FunctionError(`runtime error: slice bounds out of range [:${to}]`);
    if (to > size)
      throw new FunctionError(`runtime error: slice bounds out of range [:${to}] with length ${size}`);
    return byteSlice(text, 0, to);
  }
  if (to < 0 || to > size) {
    if (from > size) throw new FunctionError(`runtime error: slice bounds out of range [${from}:${size}]`);
    return byteSlice(text, from);
  }
  if (from > to) throw new FunctionError(`runtime error: slice bounds out of range [${from}:${to}]`);
  return byteSlice(text, from, to);
}

function trunc(count: GoInt, text: string): string {
  const size = byteLength(text);
  const n = Number(count.value);
  if (n < 0 && size + n > 0) return byteSlice(text, size + n);
  return n >= 0 && size > n ? byteSlice(text, 0, n) : text;
}

function abbrevBoth(left: number, right: number, text: string): string {
  const size = byteLength(text);
  if (right < 4 || (left > 0 && right < 7)) return text;
  if (size <= right) return text;
  const offset = Math.min(left, size);
  const from = size - offset < right - 3 ? size - (right - 3) : offset;
  if (from <= 4) return `${byteSlice(text, 0, right - 3)}...`;
  if (right < 7) return text;
  if (from + right - 3 < size) return `...${abbrevBoth(0, right - 3, byteSlice(text, from))}`;
  return `...${byteSlice(text, size - (right - 3))}`;
}

/** Breaks text at spaces; counts bytes, as Sprig does. */
function wrapText(text: string, width: number, newline: string, breakLong: boolean): string {
  const binary = (source: string): string => bytesOf(source).toString("latin1");
  return textOfBytes(Buffer.from(wrapBytes(binary(text), width, binary(newline), breakLong), "latin1"));
}

function wrapBytes(text: string, width: number, newline: string, breakLong: boolean): string {
  const limit = Math.max(width, 1);
  let out = "";
  let offset = 0;
  while (text.length - offset > limit) {
    if (text[offset] === " ") {
      offset += 1;
      continue;
    }
    const space = text.lastIndexOf(" ", offset + limit);
    if (space >= offset) {
      out += text.slice(offset, space) + newline;
      offset = space + 1;
    } else if (breakLong) {
      out += text.slice(offset, offset + limit) + newline;
      offset += limit;
    } else {
      const next = text.indexOf(" ", offset + limit);
      if (next < 0) break;
      out += text.slice(offset, next) + newline;
      offset = next + 1;
    }
  }
  return out + text.slice(offset);
}

/** The first byte of each word, as a character. */
function initials(text: string): string {
  return bytesOf(text)
    .toString("latin1")
    .split(/[\t-\r \u0085\u00a0]+/)
    .map((word) => word.slice(0, 1))
    .join("");
}

function cat(...values: GoValue[]): string {
  const present = values.filter((value) => value !== null && value !== undefined);
  const text = present.map((value) => printValue(value));
  return text.join(" ");
}

function indent(count: GoInt, text: string): string {
  const n = Number(count.value);
  if (n < 0) throw new FunctionError("strings: negative Repeat count");
  const pad = " ".repeat(n);
  bounded(text.length + n * (text.split("\n").length + 1));
  return pad + text.replaceAll("\n", `\n${pad}`);
}

function replaceAll(from: string, to: string, text: string): string {
  if (from === "") return to + [...text].map((char) => char + to).join("");
  const parts = text.split(from);
  bounded(text.length + parts.length * to.length);
  return parts.join(to);
}

/** The parts of a list for `join` and `toStrings`: nil elements are left out. */
export function toStrings(value: GoValue): string[] {
  if (value === null || value === undefined) return [];
  const elements = value instanceof GoStruct ? value.elements() : undefined;
  if (elements !== undefined) return elements.map(strval);
  if (Array.isArray(value)) return value.filter((item) => item !== null && item !== undefined).map(strval);
  if (value instanceof Uint8Array) return [...value].map(String);
  return [strval(value)];
}

function numbered(parts: readonly string[]): GoMap {
  return new GoMap(
    parts.map((part, index) => [`_${index}`, part] as const),
    "map[string]string",
  );
}

function splitText(separator: string, text: string): string[] {
  return separator === "" ? [...text] : text.split(separator);
}

function splitN(separator: string, count: GoInt, text: string): GoMap {
  const n = Number(count.value);
  if (n === 0) return numbered([]);
  const parts = splitText(separator, text);
  if (n < 0 || parts.length <= n) return numbered(parts);
  return numbered([...parts.slice(0, n - 1), parts.slice(n - 1).join(separator)]);
}

function trimSet(cut: string, text: string, left: boolean, right: boolean): string {
  const set = new Set(cut);
  const points = [...text];
  let start = 0;
  let end = points.length;
  while (left && start < end && set.has(points[start] ?? "")) start += 1;
  while (right && end > start && set.has(points[end - 1] ?? "")) end -= 1;
  return points.slice(start, end).join("");
}

function nospace(text: string): string {
  // Each byte is taken for a character.
  return bytesOf(text)
    .toString("latin1")
    .replace(/[\t-\r \u0085\u00a0]/g, "");
}

const title = (text: string): string => {
  let previous = "";
  let out = "";
  for (const char of text) {
    out += /[\p{L}\p{Nd}_]/u.test(previous) ? char : upperRune(char);
    previous = char;
  }
  return out;
};

/** Sprig's text functions. */
export const stringFunctions: Readonly<Record<string, TemplateFunction>> = {
  hello: fn("", () => "Hello!"),
  trim: fn("string", trimSpace),
  upper: fn("string", toUpper),
  lower: fn("string", toLower),
  title: fn("string", title),
  untitle: fn("string", (text: string) =>
    text.replace(
      new RegExp(`(^|[${goSpace}])([^${goSpace}])`, "gu"),
      (_match, before: string, char: string) => before + lowerRune(char),
    ),
  ),
  swapcase: fn("string", swapCase),
  initials: fn("string", initials),
  repeat: fn("int string", repeat),
  trimAll: fn("string string", (cut: string, text: string) => trimSet(cut, text, true, true)),
  trimall: fn("string string", (cut: string, text: string) => trimSet(cut, text, true, true)),
  trimPrefix: fn("string string", (prefix: string, text: string) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimSuffix: fn("string string", (suffix: string, text: string) =>
    suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  nospace: fn("string", nospace),
  substr: fn("int int string", substr),
  trunc: fn("int string", trunc),
  abbrev: fn("int string", (width: GoInt, text: string) => abbrevBoth(0, Number(width.value), text)),
  abbrevboth: fn("int int string", (left: GoInt, right: GoInt, text: string) =>
    abbrevBoth(Number(left.value), Number(right.value), text),
  ),
  wrap: fn("int string", (width: GoInt, text: string) => wrapText(text, Number(width.value), "\n", false)),
  wrapWith: fn("int string string", (width: GoInt, newline: string, text: string) =>
    wrapText(text, Number(width.value), newline === "" ? "\n" : newline, true),
  ),
  contains: fn("string string", (part: string, text: string) => text.includes(part)),
  hasPrefix: fn("string string", (part: string, text: string) => text.startsWith(part)),
  hasSuffix: fn("string string", (part: string, text: string) => text.endsWith(part)),
  quote: fn("...any", (...values: GoValue[]) =>
    values
      .filter((value) => value !== null && value !== undefined)
      .map((value) => quote(strval(value)))
      .join(" "),
  ),
  squote: fn("...any", (...values: GoValue[]) =>
    values
      .filter((value) => value !== null && value !== undefined)
      .map((value) => `'${printValue(value)}'`)
      .join(" "),
  ),
  cat: fn("...any", cat),
  indent: fn("int string", indent),
  nindent: fn("int string", (count: GoInt, text: string) => `\n${indent(count, text)}`),
  replace: fn("string string string", replaceAll),
  plural: fn("string string int", (one: string, many: string, count: GoInt) =>
    count.value === 1n ? one : many,
  ),
  snakecase: fn("string", snakeCase),
  kebabcase: fn("string", kebabCase),
  camelcase: fn("string", camelCase),
  split: fn("string string", (separator: string, text: string) => numbered(splitText(separator, text))),
  splitn: fn("string int string", splitN),
  splitList: fn("string string", (separator: string, text: string) =>
    typedSlice(splitText(separator, text), "[]string"),
  ),
  join: fn("string any", (separator: string, value: GoValue) => toStrings(value).join(separator)),
  toStrings: fn("any", (value: GoValue) => typedSlice(toStrings(value), "[]string")),
  toString: fn("any", strval),
};
