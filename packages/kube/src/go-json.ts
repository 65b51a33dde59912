import { formatGoJsonNumber } from "./go-number.js";

const escaped = /[<>&\u2028\u2029]/g;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** How {@link encodeGoJson} prints. */
export interface GoJsonOptions {
  /** Spaces per level; compact where left out. */
  readonly indent?: number;
  /** Whether `<`, `>` and `&` are escaped, as Go does unless told otherwise. */
  readonly escapeHtml?: boolean;
}

/**
 * JSON as Go's `encoding/json` prints a `map[string]any`: keys in byte order, `<`, `>`, `&` and the line
 * separators escaped, floats in Go's form. Members that are `undefined` are left out.
 */
export function encodeGoJson(value: unknown, options: GoJsonOptions = {}): string {
  const indent = options.indent ?? 0;
  return encode(value, options.escapeHtml ?? true, indent, indent === 0 ? "" : "\n");
}

function encode(value: unknown, html: boolean, indent: number, margin: string): string {
  switch (typeof value) {
    case "string":
      return encodeString(value, html);
    case "number":
      return Number.isFinite(value) ? formatGoJsonNumber(value) : "null";
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      return value === null ? "null" : encodeCollection(value, html, indent, margin);
    default:
      return "null";
  }
}

function encodeCollection(value: object, html: boolean, indent: number, margin: string): string {
  const inner = indent === 0 ? "" : margin + " ".repeat(indent);
  const colon = indent === 0 ? ":" : ": ";
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => encode(item, html, indent, inner))
    : Object.keys(value)
        .filter((key) => (value as Record<string, unknown>)[key] !== undefined)
        .sort(compareUtf8)
        .map((key) => {
          const member = encode((value as Record<string, unknown>)[key], html, indent, inner);
          return encodeString(key, html) + colon + member;
        });
  const [open, close] = isList ? "[]" : "{}";
  return items.length === 0
    ? `${open}${close}`
    : `${open}${inner}${items.join(`,${inner}`)}${margin}${close}`;
}

function encodeString(text: string, html: boolean): string {
  // What is no UTF-8 is written as an escape, which a true U+FFFD is not.
  const json = text
    .split(loneSurrogate)
    .map((part) => JSON.stringify(part).slice(1, -1))
    .join("\\ufffd");
  return `"${json}"`.replace(escaped, (char) => {
    const keep = !html && (char === "<" || char === ">" || char === "&");
    return keep ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Compares strings by their UTF-8 bytes, as Go does: like code units, but with astral characters last. */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
