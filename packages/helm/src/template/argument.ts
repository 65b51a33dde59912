import {
  GoInt,
  GoMap,
  GoStruct,
  type GoValue,
  type ParamType,
  sliceType,
  typeName,
} from "../value/go-value.js";

/** The Go types of parameters, as errors name them. */
export const paramNames: Readonly<Record<ParamType, string>> = {
  any: "interface {}",
  value: "reflect.Value",
  string: "string",
  int: "int",
  int64: "int64",
  float64: "float64",
  bool: "bool",
  map: "map[string]interface {}",
  list: "[]interface {}",
  strings: "[]string",
  time: "time.Time",
  cert: "sprig.certificate",
  duration: "time.Duration",
  semver: "*semver.Version",
};

/** Whether nil is a value of the parameter's type. */
export function canBeNil(type: ParamType): boolean {
  return (
    type === "any" ||
    type === "value" ||
    type === "map" ||
    type === "list" ||
    type === "strings" ||
    type === "semver"
  );
}

/** Whether a value that is not nil can be passed for a parameter. */
export function isAssignable(value: Exclude<GoValue, null | undefined>, type: ParamType): boolean {
  switch (type) {
    case "any":
    case "value":
      return true;
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "float64":
      return typeof value === "number";
    case "int":
    case "int64":
      return value instanceof GoInt && value.kind === type;
    case "map":
      return (
        value instanceof GoMap &&
        (value.typeName === "map[string]interface {}" || value.typeName === "common.Values")
      );
    case "list":
      return Array.isArray(value) && sliceType(value) === "[]interface {}";
    case "strings":
      return Array.isArray(value) && sliceType(value) === "[]string";
    default:
      return value instanceof GoStruct && typeName(value) === paramNames[type];
  }
}
