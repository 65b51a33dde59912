import { FACTS } from "./facts.js";

/** What a field's values are, without list or map around them. */
type FieldKind =
  | "string"
  | "bool"
  | "int32"
  | "int64"
  | "float64"
  | "bytes"
  | "time"
  | "microTime"
  | "quantity"
  | "intOrString"
  | "raw"
  | "fields"
  | "json"
  | "schemaOrBool"
  | "schemaOrArray"
  | "schemaOrStrings"
  | "stringList"
  | "message";

/** One field of a published type. */
export interface Field {
  /** JSON name; empty where the type's fields are inlined. */
  readonly name: string;
  /** Protobuf field number; 0 where the field is not part of the protobuf message. */
  readonly number: number;
  readonly kind: FieldKind;
  readonly shape: "single" | "list" | "map";
  /** Qualified name of the type, for the kind `message`. */
  readonly message: string | undefined;
  /** Name of the type in Go, as decoding errors print it. */
  readonly goType: string;
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  readonly required: boolean;
  readonly inline: boolean;
  readonly listType: "atomic" | "set" | "map" | undefined;
  readonly listKeys: readonly string[];
  readonly mapType: "atomic" | "granular" | undefined;
  readonly patchStrategy: readonly ("merge" | "replace" | "retainKeys")[];
  readonly patchKey: string | undefined;
  readonly enum: readonly string[];
  /** JSON of the default; empty where there is none, `zero` for the type's zero value. */
  readonly default: string;
}

/** One published type with its fields in the order of their declaration. */
export interface MessageType {
  /** Qualified name: `core.v1.PodSpec`. */
  readonly name: string;
  /** Name without package, as decoding errors print it. */
  readonly goName: string;
  /** Name in OpenAPI documents: `io.k8s.api.core.v1.PodSpec`. */
  readonly ref: string;
  readonly atomic: boolean;
  /** Whether the type carries `apiVersion` and `kind`. */
  readonly typed: boolean;
  readonly fields: readonly Field[];
  /** JSON fields by name, those of inlined types included. */
  readonly byName: ReadonlyMap<string, Field>;
  readonly byNumber: ReadonlyMap<number, Field>;
}

const cache = new Map<string, MessageType>();

/**
 * The published type of that qualified name (`core.v1.Pod`). Read out of the facts on first use.
 * Throws when there is no such type.
 */
export function messageType(name: string): MessageType {
  let type = cache.get(name);
  if (type === undefined) {
    type = parse(name);
    cache.set(name, type);
  }
  return type;
}

/** The type that a field's values are of. Throws for fields of other kinds. */
export function messageOf(field: Field): MessageType {
  if (field.message === undefined) throw new TypeError(`field ${field.name} holds no message`);
  return messageType(field.message);
}

/** Qualified names of all published types, in order of their packages. */
export function allMessageNames(): readonly string[] {
  const names: string[] = [];
  for (const [pkg, facts] of FACTS) {
    for (const match of facts.text.matchAll(/^@(\w+)/gm)) names.push(`${pkg}.${match[1] ?? ""}`);
  }
  return names;
}

function parse(name: string): MessageType {
  const dot = name.lastIndexOf(".");
  const pkg = name.slice(0, dot);
  const goName = name.slice(dot + 1);
  const facts = FACTS.get(pkg);
  const start = facts === undefined ? -1 : facts.text.search(new RegExp(`^@${goName}( |$)`, "m"));
  if (facts === undefined || start < 0) throw new TypeError(`there is no published type ${name}`);
  const end = facts.text.indexOf("\n@", start);
  const [head = "", ...lines] = facts.text.slice(start, end < 0 ? undefined : end).split("\n");
  const fields: Field[] = [];
  for (const line of lines) {
    if (line !== "" && line !== "%") fields.push(parseField(line, pkg));
  }
  return {
    name,
    goName,
    ref: `${facts.ref}.${goName}`,
    atomic: head.includes(" m=atomic"),
    typed: lines.includes("%"),
    fields,
    byName: indexByName(fields),
    byNumber: new Map(fields.filter((field) => field.number > 0).map((field) => [field.number, field])),
  };
}

function indexByName(fields: readonly Field[]): ReadonlyMap<string, Field> {
  const index = new Map<string, Field>();
  for (const field of fields) {
    if (!field.inline) index.set(field.name, field);
    else for (const [name, inner] of messageOf(field).byName) index.set(name, inner);
  }
  return index;
}

const KINDS: Readonly<Record<string, readonly [FieldKind, string]>> = {
  s: ["string", "string"],
  b: ["bool", "bool"],
  i: ["int32", "int32"],
  l: ["int64", "int64"],
  n: ["int64", "int"],
  f: ["float64", "float64"],
  y: ["bytes", "[]uint8"],
  T: ["time", "v1.Time"],
  M: ["microTime", "v1.MicroTime"],
  Q: ["quantity", "resource.Quantity"],
  I: ["intOrString", "intstr.IntOrString"],
  R: ["raw", "runtime.RawExtension"],
  F: ["fields", "v1.FieldsV1"],
  J: ["json", "v1.JSON"],
  B: ["schemaOrBool", "v1.JSONSchemaPropsOrBool"],
  A: ["schemaOrArray", "v1.JSONSchemaPropsOrArray"],
  X: ["schemaOrStrings", "v1.JSONSchemaPropsOrStringArray"],
  W: ["stringList", "[]string"],
};

interface TypeFact {
  readonly kind: FieldKind;
  readonly shape: Field["shape"];
  readonly message: string | undefined;
  readonly goType: string;
}

function parseType(text: string, pkg: string): TypeFact {
  const match = /^(\[\]|\{([^}]*)\})?(=)?([^/]+)(?:\/(.*))?$/.exec(text);
  if (match === null) throw new TypeError(`malformed type ${text}`);
  const [, wrapper, mapKey, isMessage, base = "", alias] = match;
  const shape = wrapper === undefined ? "single" : wrapper === "[]" ? "list" : "map";
  const version = pkg.slice(pkg.lastIndexOf(".") + 1);
  const goName = (name: string) => (name.includes(".") ? name : `${version}.${name}`);
  const prefix =
    shape === "map" ? `map[${mapKey ? goName(mapKey) : "string"}]` : shape === "list" ? "[]" : "";
  if (isMessage !== undefined) {
    const message = base.includes(".") ? base : `${pkg}.${base}`;
    const short = message.split(".").slice(-2).join(".");
    return { kind: "message", shape, message, goType: prefix + short };
  }
  const known = KINDS[base];
  if (known === undefined) throw new TypeError(`unknown type ${text}`);
  return {
    kind: known[0],
    shape,
    message: undefined,
    goType: prefix + (alias === undefined ? known[1] : goName(alias)),
  };
}

function parseField(line: string, pkg: string): Field {
  const [name = "", number = "-", type = "", flags = "-", ...rest] = line.split(" ");
  const option = (key: string) => rest.find((part) => part.startsWith(`${key}=`))?.slice(2);
  const [listType, keys] = (option("t") ?? "").split(":");
  const [strategy = "", patchKey] = (option("k") ?? "").split(":");
  return {
    ...parseType(type, pkg),
    name: name === "^" ? "" : name,
    number: number === "-" ? 0 : Number(number),
    pointer: flags.includes("p"),
    omitEmpty: flags.includes("o"),
    omitZero: flags.includes("z"),
    required: flags.includes("r"),
    inline: name === "^",
    listType: listType === "" ? undefined : (listType as "atomic" | "set" | "map"),
    listKeys: keys === undefined ? [] : keys.split(","),
    mapType: option("m") as "atomic" | "granular" | undefined,
    patchStrategy: strategy === "" ? [] : (strategy.split(",") as ("merge" | "replace" | "retainKeys")[]),
    patchKey,
    enum: option("e")?.replaceAll("~", " ").split("|") ?? [],
    default: rest.includes("d0") ? "zero" : (option("d") ?? ""),
  };
}
