import { createHash } from "node:crypto";

/** The SHA-256 of bytes, or of a string's UTF-8, in lower-case hex. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/**
 * JSON text with the keys of every object in the order of their UTF-16 code units and no spaces: equal data
 * gives equal text. Members that are `undefined` are left out; bigints are printed as digits.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? canonicalList(value) : canonicalFields(value as Record<string, unknown>);
    case "bigint":
      return String(value);
    default:
      return JSON.stringify(value) ?? "null";
  }
}

function canonicalList(items: readonly unknown[]): string {
  let text = "[";
  for (let at = 0; at < items.length; at++) text += (at === 0 ? "" : ",") + canonicalJson(items[at]);
  return `${text}]`;
}

function canonicalFields(fields: Record<string, unknown>): string {
  let text = "";
  for (const key of Object.keys(fields).sort()) {
    const value = fields[key];
    if (value !== undefined)
      text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return `{${text}}`;
}

/** The SHA-256 of {@link canonicalJson}: the same for equal data, whatever the order of its keys. */
export function stableDigest(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
