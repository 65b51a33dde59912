import {
  GoComplex,
  GoInt,
  GoMap,
  GoStruct,
  type GoValue,
  type ParamType,
  sliceType,
  typeName,
} from "../value/go-value.js";
import { type ArgNode, type NumberNode, nodeText } from "./node.js";

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

/** A value that a parameter does not take; the place is added by whoever evaluates it. */
export class ArgumentError extends Error {}

type LiteralNode = ArgNode & { kind: "bool" | "string" | "number" };

/** The value of a number by itself. Throws ArgumentError. */
export function constant(node: NumberNode): GoValue {
  if (node.complex !== undefined) return new GoComplex(node.complex.re, node.complex.im);
  const isHex = /^[+-]?0[xX]/.test(node.text) && !/[pP]/.test(node.text);
  if (node.float !== undefined && !isHex && !node.text.startsWith("'") && /[.eEpP]/.test(node.text))
    return node.float;
  if (node.int !== undefined) return new GoInt(node.int);
  throw new ArgumentError(`${node.text} overflows int`);
}

/** A literal as a parameter's type takes it. Throws ArgumentError. */
export function literalArgument(type: ParamType, node: LiteralNode): GoValue {
  switch (type) {
    case "any":
    case "value":
      return node.kind === "number" ? constant(node) : node.kind === "string" ? node.text : node.value;
    case "string":
      if (node.kind === "string") return node.text;
      throw new ArgumentError(`expected string; found ${nodeText(node)}`);
    case "bool":
      if (node.kind === "bool") return node.value;
      throw new ArgumentError(`expected bool; found ${nodeText(node)}`);
    case "int":
    case "int64":
      if (node.kind === "number" && node.int !== undefined) return new GoInt(node.int, type);
      throw new ArgumentError(`expected integer; found ${nodeText(node)}`);
    case "duration":
      if (node.kind === "number" && node.int !== undefined) return new GoInt(node.int, "int64");
      throw new ArgumentError(`expected integer; found ${nodeText(node)}`);
    case "float64":
      if (node.kind === "number" && node.float !== undefined) return node.float;
      throw new ArgumentError(`expected float; found ${nodeText(node)}`);
    default:
      throw new ArgumentError(`can't handle ${nodeText(node)} for arg of type ${paramNames[type]}`);
  }
}

/** A value as a parameter's type takes it. Throws ArgumentError. */
export function checkedArgument(value: GoValue, type: ParamType): GoValue {
  if (value === undefined) {
    if (canBeNil(type)) return type === "value" ? undefined : null;
    throw new ArgumentError(`invalid value; expected ${paramNames[type]}`);
  }
  if (value === null) {
    if (type === "any" || type === "value") return null;
    if (canBeNil(type) && type !== "map") return null;
    throw new ArgumentError(`wrong type for value; expected ${paramNames[type]}; got interface {}`);
  }
  if (isAssignable(value, type)) return value;
  throw new ArgumentError(`wrong type for value; expected ${paramNames[type]}; got ${typeName(value)}`);
}

/** What a literal nil is for a parameter. Throws ArgumentError. */
export function nilArgument(type: ParamType): GoValue {
  if (canBeNil(type)) return type === "value" ? undefined : null;
  throw new ArgumentError(`cannot assign nil to ${paramNames[type]}`);
}
