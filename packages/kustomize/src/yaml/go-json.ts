import { compareText } from "./compare-text.js";

/** A value as Go's encoding/json writes it: keys sorted by bytes, `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  switch (typeof value) {
    case "string":
      return goString(value);
    case "number":
      return goNumber(value);
    case "bigint":
      // Go reads JSON numbers as floats before it writes them again.
      return goNumber(Number(value));
    case "boolean":
      return String(value);
    case "object": {
      if (value === null) return "null";
      const map = value as Record<string, unknown>;
      const keys = Object.keys(map).sort(compareText);
      return `{${keys.map((key) => `${goString(key)}:${goJson(map[key])}`).join(",")}}`;
    }
    default:
      return "null";
  }
}

function goString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029\u007f]/g, (char) =>
    char === "\u007f" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Go writes floats in plain notation between 1e-6 and 1e21, as JavaScript does; only exponents differ. */
function goNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return String(value).replace(/e-(\d)$/, "e-0$1");
}
