import { textOfBytes } from "./bytes.js";
import { GoComplex, GoInt, GoMap, GoStruct, type GoValue, sortedKeys } from "./go-value.js";
import { formatFloat } from "./number.js";
import { NodeCount } from "./size.js";

/** A value as Go's `%v` prints it. */
export function printValue(value: GoValue, count = new NodeCount()): string {
  if (value === null || value === undefined) return "<nil>";
  count.next();
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return String(value);
    case "number":
      return formatFloat(value);
    default:
      if (value instanceof GoInt) return String(value.value);
      if (value instanceof GoMap)
        return `map[${sortedKeys(value)
          .map((key) => `${key}:${printValue(value.get(key), count)}`)
          .join(" ")}]`;
      if (Array.isArray(value)) return `[${value.map((item) => printValue(item, count)).join(" ")}]`;
      if (value instanceof Uint8Array) return `[${value.join(" ")}]`;
      if (value instanceof GoComplex) return printComplex(value);
      return value instanceof GoStruct ? value.text() : "";
  }
}

function printComplex({ re, im }: GoComplex): string {
  const sign = im >= 0 && !Object.is(im, -0) ? "+" : "";
  return `(${formatFloat(re)}${sign}${formatFloat(im)}i)`;
}

/** Go's `fmt.Sprint`: a space between operands when neither is text. */
export function sprint(values: readonly GoValue[]): string {
  let result = "";
  values.forEach((value, index) => {
    if (index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string") result += " ";
    result += printValue(value);
  });
  return result;
}

/** Sprig's `strval`: text as it is, bytes as text, anything else as `%v`. */
export function strval(value: GoValue): string {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? textOfBytes(value) : printValue(value);
}
