import type { Scalar } from "../tree/tree.js";

/** A value as it is encrypted and as it counts for the MAC. */
export function valueBytes(value: Scalar): Uint8Array {
  switch (value.type) {
    case "null":
      return new Uint8Array();
    case "str":
    case "time":
      return Buffer.from(value.value, "utf8");
    case "bytes":
      return value.value;
    case "int":
      return Buffer.from(String(value.value));
    case "float":
      return Buffer.from(formatFixed(value.value));
    case "bool":
      return Buffer.from(value.value ? "True" : "False");
  }
}

/** A float in the fewest digits that read back the same, without exponent: Go's `FormatFloat(x, 'f', -1, 64)`. */
export function formatFixed(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  const point = Number(exponentText) + 1;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
