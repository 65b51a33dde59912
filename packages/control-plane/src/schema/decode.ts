import type { KubeObject } from "@capstan/kube";
import { DecodeError, jsonTypeName } from "./decode-error.js";
import { type Field, type MessageType, messageOf, messageType } from "./message.js";
import { decodeScalar, TypeMismatch, zeroScalar } from "./scalar-value.js";

export interface DecodedObject {
  /** The object as it reads after a round trip through its published type. */
  readonly object: KubeObject;
  /** `unknown field "spec.foo"`, in document order. */
  readonly unknown: readonly string[];
}

type Members = Record<string, unknown>;

/** How far the decoder has come, for the texts of its errors. */
interface Progress {
  readonly path: string[];
  unknown: boolean;
  /** Looks for errors in the order of the document and gives no result. */
  readonly inDocumentOrder: boolean;
}

const MAX_DEPTH = 256;

/**
 * Reads a JSON value into a published type (`core.v1.Pod`) as a Go API server does: unknown fields are
 * dropped and reported, empty optional values are left out, values that are always written appear,
 * quantities and times take their canonical form. The given value is not changed; the object shares parts
 * with it. What is the very same as in `live`, which was decoded before, is taken as it is.
 * Throws `DecodeError` with Go's text where a value has the wrong type.
 */
export function decodeObject(name: string, value: unknown, live?: unknown): DecodedObject {
  const type = messageType(name);
  if (!isMembers(value)) {
    throw new DecodeError(
      `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type v1.${type.goName}`,
    );
  }
  const progress: Progress = { path: [], unknown: false, inDocumentOrder: false };
  try {
    const object = decodeMessage(type, value, progress, live) as unknown as KubeObject;
    return { object, unknown: progress.unknown ? unknownFields(type, value) : [] };
  } catch (error) {
    // Of several errors, the first one in the document is the one that clients are told.
    if (error instanceof DecodeError)
      decodeMessage(type, value, { path: [], unknown: false, inDocumentOrder: true }, undefined);
    throw error;
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decodeMessage(type: MessageType, value: Members, progress: Progress, live: unknown): Members {
  if (progress.path.length > MAX_DEPTH) throw new DecodeError("exceeded max depth");
  const result: Members = {};
  if (progress.inDocumentOrder) {
    for (const name of Object.keys(value)) {
      const field = type.byName.get(name);
      if (field !== undefined) decodeNamed(type, field, value[name], progress, undefined);
    }
    return result;
  }
  let known = 0;
  if (type.typed) known += copyType(value, result);
  known += decodeFields(type, value, result, progress, isMembers(live) ? live : undefined);
  if (known < Object.keys(value).length) progress.unknown = true;
  return result;
}

function copyType(value: Members, result: Members): number {
  let known = 0;
  for (const name of ["apiVersion", "kind"]) {
    if (!Object.hasOwn(value, name)) continue;
    known++;
    const text = value[name];
    if (typeof text === "string" && text !== "") result[name] = text;
  }
  return known;
}

/** Decodes the fields of `type` out of `value` into `result`; counts the members it knew. */
function decodeFields(
  type: MessageType,
  value: Members,
  result: Members,
  progress: Progress,
  live: Members | undefined,
): number {
  let known = 0;
  for (const field of type.fields) {
    if (field.inline) {
      known += decodeFields(messageOf(field), value, result, progress, live);
      continue;
    }
    const present = Object.hasOwn(value, field.name);
    if (present) known++;
    else if (field.omitEmpty && (field.pointer || field.shape !== "single" || isDroppedWhenZero(field)))
      continue;
    const given = present ? value[field.name] : undefined;
    const decoded = decodeNamed(type, field, given, progress, live?.[field.name]);
    if (decoded !== undefined) result[field.name] = decoded;
  }
  return known;
}

function decodeNamed(
  type: MessageType,
  field: Field,
  given: unknown,
  progress: Progress,
  live: unknown,
): unknown {
  if (typeof given === "object" && given !== null && given === live) return given;
  progress.path.push(field.name);
  try {
    const decoded = decodeField(field, given, progress, live);
    progress.path.pop();
    return decoded;
  } catch (error) {
    if (error instanceof TypeMismatch) throw mismatchError(type, field, error, progress);
    throw error;
  }
}

function mismatchError(
  type: MessageType,
  field: Field,
  error: TypeMismatch,
  progress: Progress,
): DecodeError {
  const goType = error.cause === "container" ? field.goType : elementType(field.goType);
  return new DecodeError(
    `json: cannot unmarshal ${error.message} into Go struct field ${type.goName}.${progress.path.join(".")} of type ${goType}`,
  );
}

function elementType(goType: string): string {
  return goType.replace(/^\[\](?!uint8)|^map\[[^\]]*\]/, "");
}

/** Scalars disappear from JSON when empty; structs never do. */
function isDroppedWhenZero(field: Field): boolean {
  switch (field.kind) {
    case "string":
    case "bool":
    case "int32":
    case "int64":
    case "float64":
    case "bytes":
    case "stringList":
      return true;
    default:
      return field.omitZero;
  }
}

/** The decoded field; `undefined` where it is left out of the result. */
function decodeField(field: Field, given: unknown, progress: Progress, live: unknown): unknown {
  const absent = given === undefined || given === null;
  if (field.shape === "list") return decodeList(field, given, progress, live);
  if (field.shape === "map") return decodeMap(field, given, progress, live);
  if (absent && field.pointer) return field.omitEmpty ? undefined : null;
  const decoded = absent ? zeroValue(field, progress) : decodeValue(field, given, progress, live);
  if (field.pointer) return decoded;
  const zero = decoded === "" || decoded === 0 || decoded === false || decoded === null;
  if (zero && (field.omitZero || (field.omitEmpty && isDroppedWhenZero(field)))) return undefined;
  return decoded;
}

function decodeList(field: Field, given: unknown, progress: Progress, live: unknown): unknown {
  if (given === undefined || given === null) return field.omitEmpty ? undefined : null;
  if (!Array.isArray(given)) throw new TypeMismatch(jsonTypeName(given), { cause: "container" });
  if (given.length === 0) return field.omitEmpty ? undefined : null;
  const before: readonly unknown[] = Array.isArray(live) ? live : [];
  return given.map((item, index) => decodeElement(field, item, progress, before[index]));
}

function decodeMap(field: Field, given: unknown, progress: Progress, live: unknown): unknown {
  if (given === undefined || given === null) return field.omitEmpty ? undefined : null;
  if (!isMembers(given)) throw new TypeMismatch(jsonTypeName(given), { cause: "container" });
  const keys = Object.keys(given);
  if (keys.length === 0) return field.omitEmpty ? undefined : null;
  const result: Members = {};
  const before = isMembers(live) ? live : {};
  for (const key of keys) setMember(result, key, decodeElement(field, given[key], progress, before[key]));
  return result;
}

/** Plain assignment would run the setter of `__proto__`. */
function setMember(members: Members, key: string, value: unknown): void {
  if (key !== "__proto__") members[key] = value;
  else Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
}

function decodeElement(field: Field, value: unknown, progress: Progress, live: unknown): unknown {
  return value === null || value === undefined
    ? zeroValue(field, progress)
    : decodeValue(field, value, progress, live);
}

function zeroValue(field: Field, progress: Progress): unknown {
  return field.kind === "message"
    ? decodeMessage(messageOf(field), {}, progress, undefined)
    : zeroScalar(field.kind);
}

function decodeValue(field: Field, value: unknown, progress: Progress, live: unknown): unknown {
  if (typeof value === "object" && value === live) return value;
  switch (field.kind) {
    case "message":
      if (!isMembers(value)) throw new TypeMismatch(jsonTypeName(value));
      return decodeMessage(messageOf(field), value, progress, live);
    case "stringList":
      if (!Array.isArray(value)) throw new TypeMismatch(jsonTypeName(value));
      return value.map((item) => decodeScalar("string", item));
    case "fields":
      if (!isMembers(value)) throw new TypeMismatch(jsonTypeName(value));
      return value;
    case "schemaOrBool":
    case "schemaOrArray":
    case "schemaOrStrings":
      return decodeSchemaUnion(value, progress);
    case "raw":
    case "json":
      return value;
    default:
      return decodeScalar(field.kind, value);
  }
}

const SCHEMA = "apiextensions.v1.JSONSchemaProps";

/** `true`, a schema, a list of schemas or a list of names. */
function decodeSchemaUnion(value: unknown, progress: Progress): unknown {
  if (isMembers(value)) return decodeMessage(messageType(SCHEMA), value, progress, undefined);
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) =>
    isMembers(item) ? decodeMessage(messageType(SCHEMA), item, progress, undefined) : item,
  );
}

/** The members of `value` that its type does not know, in document order. */
function unknownFields(type: MessageType, value: Members): readonly string[] {
  const found: string[] = [];
  collectUnknown(type, value, "", found);
  return found;
}

function collectUnknown(type: MessageType, value: Members, path: string, found: string[]): void {
  for (const [name, member] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    const field = type.byName.get(name);
    if (field === undefined) {
      if (!(type.typed && (name === "apiVersion" || name === "kind"))) found.push(`unknown field "${at}"`);
      continue;
    }
    const inner = field.kind === "message" ? messageOf(field) : unionType(field);
    if (inner === undefined || typeof member !== "object" || member === null) continue;
    if (Array.isArray(member)) {
      member.forEach((item: unknown, index) => {
        if (isMembers(item)) collectUnknown(inner, item, `${at}[${index}]`, found);
      });
    } else if (field.shape === "map") {
      for (const [key, item] of Object.entries(member)) {
        if (isMembers(item)) collectUnknown(inner, item, `${at}.${key}`, found);
      }
    } else if (isMembers(member)) {
      collectUnknown(inner, member, at, found);
    }
  }
}

function unionType(field: Field): MessageType | undefined {
  return field.kind === "schemaOrBool" || field.kind === "schemaOrArray" ? messageType(SCHEMA) : undefined;
}
