import type { FunctionDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { maxTextSize } from "../eval/arithmetic.js";
import { codePoints, isFlat, textSize } from "../eval/text.js";
import { type CelType, dynType, intType, listType, stringType } from "../types.js";
import { ArrayList, CelList } from "../value/container.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { declare, declareWith, method, overload } from "./declare.js";
import { formatText } from "./string-format.js";

const texts = listType(stringType);

/** A member function of text whose arguments are text or ints. */
function textMethod(
  name: string,
  result: CelType,
  run: (text: string, ...args: (string | number)[]) => Result,
  ...overloads: readonly (readonly [string, ...CelType[]])[]
): FunctionDecl {
  const guarded = (...args: Value[]): Result => {
    const [text, ...rest] = args;
    if (typeof text !== "string") return noSuchOverload();
    const plain: (string | number)[] = [];
    for (const arg of rest) {
      if (typeof arg === "bigint") return new EvalFailure(`index out of range: ${arg}`);
      if (typeof arg !== "string" && typeof arg !== "number") return noSuchOverload();
      plain.push(arg);
    }
    return run(text, ...plain);
  };
  return declare(
    name,
    ...overloads.map(([id, ...args]) => method(id, [stringType, ...args], result, guarded)),
  );
}

const outOfRange = (index: string | number): EvalFailure => new EvalFailure(`index out of range: ${index}`);

function charAt(text: string, index: string | number = 0): Result {
  const points = codePoints(text);
  const at = Number(index);
  if (at < 0 || at > points.length) return outOfRange(index);
  return points[at] ?? "";
}

/** Code points before a UTF-16 offset. */
function pointOffset(text: string, unit: number): number {
  return unit < 0 || isFlat(text) ? unit : textSize(text.slice(0, unit));
}

/** The UTF-16 offset of a code point index. */
function unitOffset(text: string, point: number): number {
  return isFlat(text) ? point : codePoints(text).slice(0, point).join("").length;
}

function indexOf(text: string, part: string | number = "", from?: string | number): Result {
  const start = Number(from ?? 0);
  const wanted = String(part);
  if (wanted === "") return start;
  if (start < 0) return outOfRange(start);
  if (start >= textSize(text))
    return from === undefined ? -1 : start > textSize(text) ? outOfRange(start) : -1;
  return pointOffset(text, text.indexOf(wanted, unitOffset(text, start)));
}

function lastIndexOf(text: string, part: string | number = "", from?: string | number): Result {
  const wanted = String(part);
  const size = textSize(text);
  if (from === undefined) return wanted === "" ? size : pointOffset(text, text.lastIndexOf(wanted));
  const start = Number(from);
  if (start < 0 || start > size) return wanted === "" && start >= 0 ? start : outOfRange(start);
  if (wanted === "") return start;
  return pointOffset(text, text.lastIndexOf(wanted, unitOffset(text, start)));
}

function replace(
  text: string,
  from: string | number = "",
  to: string | number = "",
  limit?: string | number,
): Result {
  const old = String(from);
  const fresh = String(to);
  const most = limit === undefined || Number(limit) < 0 ? Number.POSITIVE_INFINITY : Number(limit);
  if (most === 0) return text;
  const parts = old === "" ? ["", ...codePoints(text), ""] : text.split(old);
  const count = Math.min(parts.length - 1, most);
  if (text.length + count * fresh.length > maxTextSize)
    return new EvalFailure("string exceeds the maximum size");
  const glue = parts.slice(0, count + 1).join(fresh);
  const rest = parts.slice(count + 1);
  return rest.length === 0 ? glue : `${glue}${old}${rest.join(old)}`;
}

function split(text: string, separator: string | number = "", limit?: string | number): Result {
  const most = limit === undefined || Number(limit) < 0 ? Number.POSITIVE_INFINITY : Number(limit);
  if (most === 0) return new ArrayList([]);
  if (most === 1) return new ArrayList([text]);
  const glue = String(separator);
  const parts = glue === "" ? codePoints(text) : text.split(glue);
  if (parts.length <= most) return new ArrayList([...parts]);
  return new ArrayList([...parts.slice(0, most - 1), parts.slice(most - 1).join(glue)]);
}

function substring(text: string, from: string | number = 0, to?: string | number): Result {
  const points = codePoints(text);
  const start = Number(from);
  const end = Number(to ?? points.length);
  if (start < 0 || start > points.length) return outOfRange(start);
  if (end < 0 || end > points.length) return outOfRange(end);
  if (start > end) return new EvalFailure(`invalid substring range. start: ${start}, end: ${end}`);
  return points.slice(start, end).join("");
}

function join(list: Value = null, separator: Value = ""): Result {
  if (!(list instanceof CelList) || typeof separator !== "string") return noSuchOverload();
  const parts: string[] = [];
  let size = 0;
  for (const item of list) {
    if (typeof item !== "string") return noSuchOverload();
    size += item.length + separator.length;
    if (size > maxTextSize) return new EvalFailure("string exceeds the maximum size");
    parts.push(item);
  }
  return parts.join(separator);
}

const quoted = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

function quote(text: Value = null): Result {
  if (typeof text !== "string") return noSuchOverload();
  const wellFormed = text.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    "\ufffd",
  );
  return `"${wellFormed.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => quoted.get(char) ?? char)}"`;
}

const asciiCase = (text: string, pattern: RegExp, shift: number): string =>
  text.replace(pattern, (char) => String.fromCharCode(char.charCodeAt(0) + shift));

/** Go's unicode.IsSpace: what `trim` removes. */
const edges =
  /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

const basic: readonly FunctionDecl[] = [
  textMethod("charAt", stringType, charAt, ["string_char_at_int", intType]),
  textMethod(
    "indexOf",
    intType,
    indexOf,
    ["string_index_of_string", stringType],
    ["string_index_of_string_int", stringType, intType],
  ),
  textMethod(
    "lastIndexOf",
    intType,
    lastIndexOf,
    ["string_last_index_of_string", stringType],
    ["string_last_index_of_string_int", stringType, intType],
  ),
  textMethod("lowerAscii", stringType, (text) => asciiCase(text, /[A-Z]/g, 32), ["string_lower_ascii"]),
  textMethod("upperAscii", stringType, (text) => asciiCase(text, /[a-z]/g, -32), ["string_upper_ascii"]),
  textMethod(
    "replace",
    stringType,
    replace,
    ["string_replace_string_string", stringType, stringType],
    ["string_replace_string_string_int", stringType, stringType, intType],
  ),
  textMethod(
    "split",
    texts,
    split,
    ["string_split_string", stringType],
    ["string_split_string_int", stringType, intType],
  ),
  textMethod(
    "substring",
    stringType,
    substring,
    ["string_substring_int", intType],
    ["string_substring_int_int", intType, intType],
  ),
  textMethod("trim", stringType, (text) => text.replace(edges, ""), ["string_trim"]),
  declare(
    "join",
    method("list_join", [texts], stringType, join),
    method("list_join_string", [texts, stringType], stringType, join),
  ),
  declareWith("strings.quote", quote, overload("strings_quote", [stringType], stringType)),
  declare(
    "format",
    method("string_format", [stringType, listType(dynType)], stringType, (text = null, args = null) =>
      typeof text === "string" && args instanceof CelList ? formatText(text, args) : noSuchOverload(),
    ),
  ),
];

/** The string extensions of Kubernetes: all but `reverse`. */
export const kubernetesStringsLibrary: Library = { functions: basic };

/** The string extensions, all of them. */
export const stringsLibrary: Library = {
  functions: [
    ...basic,
    textMethod("reverse", stringType, (text) => [...codePoints(text)].reverse().join(""), ["string_reverse"]),
  ],
};
