import { FunctionError } from "../template/error.js";
import { deepCopy, GoInt, GoMap, type GoValue, sortedKeys } from "../value/go-value.js";
import { formatFloat } from "../value/number.js";
import { printValue } from "../value/print.js";

const bareKey = /^[A-Za-z0-9_-]+$/;
const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\b": "\\b",
  "\f": "\\f",
};

function text(value: string): string {
  return `"${value.replace(/[\\"\x00-\x1f\x7f]/g, (char) => escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
}

function keyText(key: string): string {
  return bareKey.test(key) ? key : text(key);
}

function isTable(value: GoValue): value is GoMap {
  return value instanceof GoMap;
}

function isTableList(value: GoValue): value is GoMap[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable);
}

function scalar(value: GoValue): string {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    const digits = formatFloat(value);
    return /[.eEIN]/.test(digits)
      ? digits.replace("+Inf", "+inf").replace("-Inf", "-inf").replace("NaN", "nan")
      : `${digits}.0`;
  }
  if (value instanceof GoInt || typeof value === "boolean") return printValue(value);
  if (Array.isArray(value)) {
    if (value.some((item) => item === null || item === undefined))
      throw new FunctionError("toml: cannot encode array with nil element");
    return `[${value.map(scalar).join(", ")}]`;
  }
  if (isTable(value))
    return `{${sortedKeys(value)
      .map((key) => `${keyText(key)} = ${scalar(value.get(key))}`)
      .join(", ")}}`;
  return text(printValue(value));
}

function writeTable(table: GoMap, path: readonly string[], out: string[]): void {
  const pad = "  ".repeat(path.length);
  const keys = sortedKeys(table).filter((key) => table.get(key) !== null && table.get(key) !== undefined);
  for (const key of keys) {
    const value = table.get(key);
    if (!isTable(value) && !isTableList(value)) out.push(`${pad}${keyText(key)} = ${scalar(value)}\n`);
  }
  for (const key of keys) {
    const value = table.get(key);
    const full = [...path, key];
    const name = full.map(keyText).join(".");
    const indent = "  ".repeat(path.length);
    const gap = path.length === 0 && out.length > 0 ? "\n" : "";
    if (isTable(value)) {
      out.push(`${gap}${indent}[${name}]\n`);
      writeTable(value, full, out);
    } else if (isTableList(value)) {
      for (const [index, item] of value.entries()) {
        out.push(`${index === 0 ? gap : path.length === 0 ? "\n" : ""}${indent}[[${name}]]\n`);
        writeTable(item, full, out);
      }
    }
  }
}

/** Helm's toToml; what TOML cannot hold gives the error's text. */
export function stringifyToml(value: GoValue): string {
  if (value === null || value === undefined)
    throw new FunctionError("reflect: call of reflect.Value.Type on zero Value");
  // Refuses what is too large.
  deepCopy(value);
  const out: string[] = [];
  try {
    // A value without a key is written as it stands.
    if (!isTable(value))
      return isTableList(value) ? "toml: top-level values must be Go maps or structs" : scalar(value);
    writeTable(value, [], out);
  } catch (error) {
    // toToml gives what went wrong as its result.
    if (error instanceof FunctionError) return error.message;
    throw error;
  }
  return out.join("");
}
