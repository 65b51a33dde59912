import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { byteLength, bytesOf } from "../value/bytes.js";
import {
  GoComplex,
  GoInt,
  GoMap,
  GoStruct,
  type GoValue,
  isNilMap,
  isNilSlice,
  kindName,
  truth,
  typeName,
} from "../value/go-value.js";
import { printValue, sprint } from "../value/print.js";
import { sprintf } from "../value/printf.js";

type Basic = "bool" | "string" | "int" | "float" | "complex" | undefined;

function basicKind(value: GoValue): Basic {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float";
  if (value instanceof GoInt) return "int";
  return value instanceof GoComplex ? "complex" : undefined;
}

function isNilCollection(value: GoValue): boolean {
  return Array.isArray(value) ? isNilSlice(value) : value instanceof GoMap && isNilMap(value);
}

function isNil(value: GoValue): value is null | undefined {
  return value === null || value === undefined;
}

function incompatible(a: GoValue, b: GoValue): FunctionError {
  return new FunctionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function equalPair(a: GoValue, b: GoValue): boolean {
  const absent = (value: GoValue): boolean => isNil(value) || isNilCollection(value);
  if (isNil(a) || isNil(b)) return absent(a) && absent(b);
  const left = basicKind(a);
  const right = basicKind(b);
  if (left === undefined && right === undefined) {
    if (isNilCollection(a) || isNilCollection(b)) return isNilCollection(a) && isNilCollection(b);
    if (a instanceof GoStruct && b instanceof GoStruct) {
      if (a.kind === "ptr" || b.kind === "ptr") return a === b;
      return typeName(a) === typeName(b) && a.text() === b.text();
    }
    if (kindName(a) !== kindName(b))
      throw new FunctionError(
        `non-comparable types ${sprintf("%s", [a])}: ${typeName(a)}, ${typeName(b)}: ${printValue(b)}`,
      );
    throw new FunctionError(`non-comparable type ${sprintf("%s", [b])}: ${typeName(b)}`);
  }
  if (left !== right) throw incompatible(a, b);
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (a instanceof GoComplex && b instanceof GoComplex) return a.re === b.re && a.im === b.im;
  return a === b;
}

function eq(first: GoValue, ...rest: GoValue[]): boolean {
  if (rest.length === 0) throw new FunctionError("missing argument for comparison");
  return rest.some((other) => equalPair(first, other));
}

function less(a: GoValue, b: GoValue): boolean {
  const left = basicKind(a);
  const right = basicKind(b);
  if (left === undefined || right === undefined) throw new FunctionError("invalid type for comparison");
  if (left !== right) throw incompatible(a, b);
  if (left === "bool" || left === "complex") throw new FunctionError("invalid type for comparison");
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value;
  if (typeof a === "number" && typeof b === "number") return a < b;
  return Buffer.compare(bytesOf(String(a)), bytesOf(String(b))) < 0;
}

function index(item: GoValue, ...keys: GoValue[]): GoValue {
  if (item === undefined || (item === null && keys.length > 0))
    throw new FunctionError("index of untyped nil");
  return keys.reduce<GoValue>(indexOne, item);
}

function indexOne(whole: GoValue, key: GoValue): GoValue {
  const item = whole instanceof GoStruct ? (whole.elements() ?? whole) : whole;
  if (isNil(item)) throw new FunctionError("index of nil pointer");
  if (item instanceof GoMap) {
    if (isNil(key)) throw new FunctionError("value is nil; should be of type string");
    if (typeof key !== "string") throw new FunctionError(`value has type ${typeName(key)}; should be string`);
    return item.get(key) ?? (item.has(key) ? null : item.typeName === "map[string]string" ? "" : null);
  }
  if (Array.isArray(item) || typeof item === "string" || item instanceof Uint8Array) {
    if (isNil(key)) throw new FunctionError("cannot index slice/array with nil");
    if (!(key instanceof GoInt))
      throw new FunctionError(`cannot index slice/array with type ${typeName(key)}`);
    const at = Number(key.value);
    const bytes = typeof item === "string" ? bytesOf(item) : item;
    if (at < 0 || at > bytes.length) throw new FunctionError(`index out of range: ${at}`);
    if (at === bytes.length)
      throw new FunctionError(
        typeof item === "string" ? "reflect: string index out of range" : "reflect: slice index out of range",
      );
    const found = bytes[at];
    return typeof found === "number" && !Array.isArray(item) ? new GoInt(BigInt(found), "uint8") : found;
  }
  throw new FunctionError(`can't index item of type ${typeName(item)}`);
}

function len(item: GoValue): GoValue {
  if (item === undefined) throw new FunctionError("reflect: call of reflect.Value.Type on zero Value");
  if (item === null) throw new FunctionError("len of nil pointer");
  if (typeof item === "string") return new GoInt(BigInt(byteLength(item)));
  if (Array.isArray(item) || item instanceof Uint8Array) return new GoInt(BigInt(item.length));
  if (item instanceof GoMap) return new GoInt(BigInt(item.size));
  if (item instanceof GoStruct && item.elements() !== undefined)
    return new GoInt(BigInt(item.elements()?.length ?? 0));
  throw new FunctionError(`len of type ${typeName(item)}`);
}

/** What `html`, `js` and `urlquery` work on. */
function textOf(values: readonly GoValue[]): string {
  const [only] = values;
  if (values.length === 1 && typeof only === "string") return only;
  return sprint(values.map((value) => (isNil(value) ? "<no value>" : value)));
}

const htmlEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
  "\0": "\ufffd",
};
const jsEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
};

function jsEscape(text: string): string {
  return text.replace(
    /[\\'"<>&=\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\ufeff]/g,
    (char) => jsEscapes[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

/** Go's QueryEscape. */
export function queryEscape(text: string): string {
  return [...bytesOf(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      if (/[A-Za-z0-9\-_.~]/.test(char)) return char;
      return char === " " ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/** Go's own template functions. */
export const builtinFunctions: Readonly<Record<string, TemplateFunction>> = {
  and: { ...fn("any ...any", (value: GoValue) => value), shortCircuit: "and" },
  or: { ...fn("any ...any", (value: GoValue) => value), shortCircuit: "or" },
  not: fn("value", (value: GoValue) => !truth(value)),
  eq: fn("value ...value", eq),
  ne: fn("value value", (a: GoValue, b: GoValue) => !equalPair(a, b)),
  lt: fn("value value", less),
  le: fn("value value", (a: GoValue, b: GoValue) => less(a, b) || equalPair(a, b)),
  gt: fn("value value", (a: GoValue, b: GoValue) => !(less(a, b) || equalPair(a, b))),
  ge: fn("value value", (a: GoValue, b: GoValue) => !less(a, b)),
  index: fn("value ...value", index),
  len: fn("value", len),
  print: fn("...any", (...values: GoValue[]) => sprint(values)),
  println: fn("...any", (...values: GoValue[]) => `${values.map((value) => printValue(value)).join(" ")}\n`),
  printf: fn("string ...any", (format: string, ...values: GoValue[]) => sprintf(format, values)),
  html: fn("...any", (...values: GoValue[]) =>
    textOf(values).replace(/[&<>"'\0]/g, (char) => htmlEscapes[char] ?? char),
  ),
  js: fn("...any", (...values: GoValue[]) => jsEscape(textOf(values))),
  urlquery: fn("...any", (...values: GoValue[]) => queryEscape(textOf(values))),
  call: {
    ...fn("value ...value", (text: string, target: GoValue) => {
      if (isNil(target)) throw new FunctionError("call of nil");
      throw new FunctionError(`non-function ${text} of type ${typeName(target)}`);
    }),
    takesText: true,
  },
};
