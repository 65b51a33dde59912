import type { Literal } from "../syntax/ast.js";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  intType,
  nullType,
  stringType,
  uintType,
} from "../types.js";
import { CelUint } from "../value/number.js";

/** The type of a literal. */
export function literalType(value: Literal): CelType {
  if (value === null) return nullType;
  switch (typeof value) {
    case "boolean":
      return boolType;
    case "number":
    case "bigint":
      return intType;
    case "string":
      return stringType;
    default:
      if (value instanceof Uint8Array) return bytesType;
      return value instanceof CelUint ? uintType : doubleType;
  }
}
