import type { FieldError } from "../registry/kind.js";

const WITHOUT_VALUE: ReadonlySet<FieldError["type"]> = new Set([
  "Required value",
  "Forbidden",
  "Too long",
  "Internal error",
]);

/** A field error without its path, as `field.Error.ErrorBody` prints it: type, value, detail. */
export function formatFieldError(error: FieldError): string {
  const label = error.type === "Type invalid" || error.type === "Too few" ? "Invalid value" : error.type;
  const bare = WITHOUT_VALUE.has(error.type) || !Object.hasOwn(error, "value");
  const head = bare ? label : `${label}: ${formatValue(error.value)}`;
  return error.detail === "" ? head : `${head}: ${error.detail}`;
}

function formatValue(value: unknown): string {
  if (value === undefined || value === null) return "null";
  return typeof value === "string" ? quote(value) : JSON.stringify(value);
}

/** A string in double quotes with Go's escapes (`%q`). */
function quote(text: string): string {
  let quoted = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    quoted +=
      SHORT.get(char) ?? (code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, "0")}` : char);
  }
  return `${quoted}"`;
}

const SHORT = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\v", "\\v"],
]);
