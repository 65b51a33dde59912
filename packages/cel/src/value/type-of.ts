import {
  boolType,
  bytesType,
  CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from "../types.js";
import { CelList, CelMap, CelObject } from "./container.js";
import { CelDouble, CelUint } from "./number.js";
import { Duration, Timestamp } from "./time.js";
import { Opaque, Optional, type Value } from "./value.js";

const anyList = listType(dynType);
const anyMap = mapType(dynType, dynType);
const anyOptional = optionalType(dynType);
const anyTypeType = typeType();

/** The type of a value, as `type(x)` gives it: containers have `dyn` parameters. */
export function typeOf(value: Value): CelType {
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
      return objectType(value);
  }
}

function objectType(value: Exclude<Value, null | boolean | number | bigint | string>): CelType {
  if (value instanceof CelList) return anyList;
  if (value instanceof CelMap) return anyMap;
  if (value instanceof CelDouble) return doubleType;
  if (value instanceof CelUint) return uintType;
  if (value instanceof Uint8Array) return bytesType;
  if (value instanceof Timestamp) return timestampType;
  if (value instanceof Duration) return durationType;
  if (value instanceof CelType) return anyTypeType;
  if (value instanceof Optional) return anyOptional;
  return value.type;
}

/** A test whether a value can be passed where a type is declared; containers are not looked into. */
export function typeGuard(type: CelType): ((value: Value) => boolean) | undefined {
  switch (type.kind) {
    case "dyn":
    case "any":
    case "error":
    case "typeParam":
      return undefined;
    case "bool":
      return (value) => typeof value === "boolean";
    case "int":
      return (value) => typeof value === "number" || typeof value === "bigint";
    case "string":
      return (value) => typeof value === "string";
    case "uint":
      return (value) => value instanceof CelUint;
    case "double":
      return (value) => value instanceof CelDouble;
    case "bytes":
      return (value) => value instanceof Uint8Array;
    case "null":
      return (value) => value === null;
    case "timestamp":
      return (value) => value instanceof Timestamp;
    case "duration":
      return (value) => value instanceof Duration;
    case "list":
      return (value) => value instanceof CelList;
    case "map":
      return (value) => value instanceof CelMap;
    case "type":
      return (value) => value instanceof CelType;
    case "wrapper":
      return undefined;
    case "struct":
      return (value) => value instanceof CelObject && value.type.name === type.name;
    case "opaque":
      if (type.name === "optional_type") return (value) => value instanceof Optional;
      return (value) => value instanceof Opaque && value.type.name === type.name;
  }
}
