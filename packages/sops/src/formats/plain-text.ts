import { formatGoFloat } from "@capstan/kube";
import type { Scalar } from "../tree/tree.js";

/** A value as the formats that know only text hold it. */
export function plainText(value: Scalar): string {
  switch (value.type) {
    case "null":
      return "<nil>";
    case "str":
      return value.value;
    case "bytes":
      return Buffer.from(value.value).toString("utf8");
    case "time":
      return value.value.replace(/\.\d+/, "");
    case "int":
    case "bool":
      return String(value.value);
    case "float":
      return floatText(value.value);
  }
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN.0";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const printed = formatGoFloat(value, 21).toUpperCase();
  return /[.E]/.test(printed) ? printed : `${printed}.0`;
}
