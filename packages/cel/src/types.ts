/** What a CEL type is made of; `wrapper` is a primitive that may also be null. */
export type CelKind =
  | "dyn"
  | "error"
  | "null"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "timestamp"
  | "duration"
  | "any"
  | "list"
  | "map"
  | "struct"
  | "opaque"
  | "type"
  | "typeParam"
  | "wrapper";

/** The field types of a struct. */
export interface FieldTable {
  get(name: string): CelType | undefined;
}

/**
 * A CEL type, as the checker compares it and as `type(x)` returns it. Two types are the same when
 * kind, name and parameters are; `fields` and `maxElements` describe a struct and bound the size of
 * a value for cost estimates, and take no part in comparison.
 */
export class CelType {
  readonly kind: CelKind;
  readonly name: string;
  readonly params: readonly CelType[];
  /** The fields of a struct; shared by every use of the type. */
  readonly fields: FieldTable | undefined;
  /** The most elements (list, map) or code points (string, bytes) a value can have. */
  readonly maxElements: number | undefined;

  constructor(
    kind: CelKind,
    name: string,
    params: readonly CelType[] = [],
    fields?: FieldTable,
    maxElements?: number,
  ) {
    this.kind = kind;
    this.name = name;
    this.params = params;
    this.fields = fields;
    this.maxElements = maxElements;
  }

  /** As cel-go prints a type in messages: `list(int)`, `map(string, dyn)`. */
  toString(): string {
    return formatType(this);
  }
}

export const dynType = new CelType("dyn", "dyn");
export const errorType = new CelType("error", "!error!");
export const nullType = new CelType("null", "null_type");
export const boolType = new CelType("bool", "bool");
export const intType = new CelType("int", "int");
export const uintType = new CelType("uint", "uint");
export const doubleType = new CelType("double", "double");
export const stringType = new CelType("string", "string");
export const bytesType = new CelType("bytes", "bytes");
export const timestampType = new CelType("timestamp", "google.protobuf.Timestamp");
export const durationType = new CelType("duration", "google.protobuf.Duration");
export const anyType = new CelType("any", "google.protobuf.Any");

/** `list(element)`. */
export function listType(element: CelType, maxElements?: number): CelType {
  return new CelType("list", "list", [element], undefined, maxElements);
}

/** `map(key, value)`. */
export function mapType(key: CelType, value: CelType, maxElements?: number): CelType {
  return new CelType("map", "map", [key, value], undefined, maxElements);
}

/** `type(of)`, the type of a type value; without `of`, any type. */
export function typeType(of?: CelType): CelType {
  return new CelType("type", "type", of === undefined ? [] : [of]);
}

/** A type parameter such as `A` in `list(A)`. */
export function typeParam(name: string): CelType {
  return new CelType("typeParam", name);
}

/** A type that only functions look into, such as `net.IP` or `optional_type(int)`. */
export function opaqueType(name: string, ...params: CelType[]): CelType {
  return new CelType("opaque", name, params);
}

/** `optional_type(of)`. */
export function optionalType(of: CelType): CelType {
  return opaqueType("optional_type", of);
}

/** A named type with fields. */
export function structType(name: string, fields: FieldTable): CelType {
  return new CelType("struct", name, [], fields);
}

/** A primitive that may be null. */
export function wrapperType(of: CelType): CelType {
  return new CelType("wrapper", of.name, [of]);
}

/** Whether the type is `optional_type(...)`. */
export function isOptionalType(type: CelType): boolean {
  return type.kind === "opaque" && type.name === "optional_type";
}

/** Same kind, name and parameters. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.params.length !== b.params.length) return false;
  return a.params.every((param, index) => sameType(param, b.params[index] ?? errorType));
}

/** The first parameter of a type, or `dyn` where there is none. */
export function firstParam(type: CelType): CelType {
  return type.params[0] ?? dynType;
}

/** The value type of a map, or `dyn`. */
export function valueParam(type: CelType): CelType {
  return type.params[1] ?? dynType;
}

/** As cel-go prints a type in messages: `list(int)`, `map(string, dyn)`, `timestamp`. */
export function formatType(type: CelType): string {
  const args = type.params.map(formatType).join(", ");
  switch (type.kind) {
    case "null":
      return "null";
    case "timestamp":
      return "timestamp";
    case "duration":
      return "duration";
    case "any":
      return "any";
    case "wrapper":
      return `wrapper(${args})`;
    case "list":
    case "map":
      return `${type.kind}(${args})`;
    case "type":
      return args === "" ? "type" : `type(${args})`;
    case "opaque":
      return args === "" ? type.name : `${type.name}(${args})`;
    default:
      return type.name;
  }
}
