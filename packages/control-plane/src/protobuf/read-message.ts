import { type Field, type MessageType, messageOf, messageType } from "../schema/message.js";
import { ProtobufError, type ProtobufReader } from "./reader.js";
import { formatSeconds } from "./timestamp.js";

type Members = Record<string, unknown>;

const MAX_DEPTH = 100;

/**
 * Reads one message into the JSON form of its published type. What is always written in JSON appears
 * only where the message says it: decode the result against the type for the full form.
 */
export function readMessage(type: MessageType, reader: ProtobufReader, depth = 0): Members {
  const result: Members = {};
  readInto(type, reader, result, depth);
  return result;
}

function readInto(type: MessageType, reader: ProtobufReader, result: Members, depth: number): void {
  if (depth > MAX_DEPTH) throw new ProtobufError("proto: exceeded max recursion depth");
  while (!reader.done) {
    const tag = reader.tag();
    const wireType = tag % 8;
    const field = type.byNumber.get((tag - wireType) / 8);
    if (field === undefined) reader.skip(wireType);
    else if (wireType !== wireTypeOf(field)) readMismatch(field, wireType, reader, result);
    else readField(field, reader, result, depth);
  }
}

/** The wire type of a field's values: 0 varint, 1 eight bytes, 2 with a length. */
function wireTypeOf(field: Field): number {
  return field.shape === "map" ? 2 : wireTypeOfKind(field.kind);
}

/** The wire type of single values of a kind. */
export function wireTypeOfKind(kind: Field["kind"]): number {
  switch (kind) {
    case "bool":
    case "int32":
    case "int64":
      return 0;
    case "float64":
      return 1;
    default:
      return 2;
  }
}

/** Lists of numbers may come packed; anything else does not belong there. */
function readMismatch(field: Field, wireType: number, reader: ProtobufReader, result: Members): void {
  if (field.shape !== "list" || wireType !== 2 || wireTypeOf(field) !== 0) {
    throw new ProtobufError(`proto: wrong wireType = ${wireType} for field ${field.name}`);
  }
  const packed = reader.message();
  const items = listOf(result, field.name);
  while (!packed.done) items.push(readScalar(field, packed));
}

function listOf(result: Members, name: string): unknown[] {
  const existing = result[name];
  if (Array.isArray(existing)) return existing;
  const created: unknown[] = [];
  result[name] = created;
  return created;
}

function readField(field: Field, reader: ProtobufReader, result: Members, depth: number): void {
  if (field.inline) {
    readInto(messageOf(field), reader.message(), result, depth + 1);
  } else if (field.shape === "list") {
    listOf(result, field.name).push(readValue(field, reader, depth));
  } else if (field.shape === "map") {
    readEntry(field, reader.message(), result, depth);
  } else {
    result[field.name] = readValue(field, reader, depth);
  }
}

function readEntry(field: Field, entry: ProtobufReader, result: Members, depth: number): void {
  let key = "";
  let value: unknown;
  while (!entry.done) {
    const tag = entry.tag();
    if (tag === 10) key = entry.string();
    else if (tag >> 3 === 2) value = readValue(field, entry, depth);
    else entry.skip(tag % 8);
  }
  const existing = result[field.name];
  const map: Members = typeof existing === "object" && existing !== null ? (existing as Members) : {};
  result[field.name] = map;
  const member = value === undefined ? emptyValue(field) : value;
  Object.defineProperty(map, key, { value: member, enumerable: true, configurable: true, writable: true });
}

function emptyValue(field: Field): unknown {
  if (field.kind === "string" || field.kind === "bytes") return "";
  if (field.kind === "quantity") return "0";
  return field.kind === "stringList" ? [] : {};
}

function readScalar(field: Field, reader: ProtobufReader): unknown {
  switch (field.kind) {
    case "bool":
      return reader.bool();
    case "int32":
      return reader.int32();
    case "int64":
      return reader.int64();
    case "float64":
      return reader.double();
    case "bytes":
      return reader.base64();
    default:
      return reader.string();
  }
}

function readValue(field: Field, reader: ProtobufReader, depth: number): unknown {
  switch (field.kind) {
    case "message":
      return readMessage(messageOf(field), reader.message(), depth + 1);
    case "time":
    case "microTime":
      return readTime(reader.message(), field.kind === "microTime");
    case "quantity":
      return readText(reader.message(), 1) || "0";
    case "intOrString":
      return readIntOrString(reader.message());
    case "raw":
    case "json":
    case "fields":
      return readJson(reader.message());
    case "stringList":
      return readStrings(reader.message());
    case "schemaOrBool":
    case "schemaOrArray":
    case "schemaOrStrings":
      return readUnion(field, reader.message(), depth);
    default:
      return readScalar(field, reader);
  }
}

function readText(reader: ProtobufReader, number: number): string {
  let value = "";
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === number * 8 + 2) value = reader.string();
    else reader.skip(tag % 8);
  }
  return value;
}

/** Go writes its zero time as the year 1; an empty message is the same. */
function readTime(reader: ProtobufReader, micro: boolean): string | null {
  let seconds: number | undefined;
  let nanos = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 8) seconds = reader.int64();
    else if (tag === 16) nanos = reader.int32();
    else reader.skip(tag % 8);
  }
  return seconds === undefined ? null : formatSeconds(seconds, micro ? nanos : undefined);
}

function readIntOrString(reader: ProtobufReader): string | number {
  let type = 0;
  let number = 0;
  let text = "";
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 8) type = reader.int64();
    else if (tag === 16) number = reader.int32();
    else if (tag === 26) text = reader.string();
    else reader.skip(tag % 8);
  }
  return type === 1 ? text : number;
}

function readJson(reader: ProtobufReader): unknown {
  const text = readText(reader, 1);
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProtobufError("embedded JSON cannot be read", { cause: error });
  }
}

function readStrings(reader: ProtobufReader): string[] {
  const items: string[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) items.push(reader.string());
    else reader.skip(tag % 8);
  }
  return items;
}

const SCHEMA = "apiextensions.v1.JSONSchemaProps";

/** A schema, or what stands in its place: a bool, a list of schemas, a list of names. */
function readUnion(field: Field, reader: ProtobufReader, depth: number): unknown {
  let allows = false;
  let schema: unknown;
  const items: unknown[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 8) allows = reader.bool();
    else if (tag === 10) schema = readMessage(messageType(SCHEMA), reader.message(), depth + 1);
    else if (tag === 18 && field.kind === "schemaOrBool") {
      schema = readMessage(messageType(SCHEMA), reader.message(), depth + 1);
    } else if (tag === 18 && field.kind === "schemaOrArray") {
      items.push(readMessage(messageType(SCHEMA), reader.message(), depth + 1));
    } else if (tag === 18) items.push(reader.string());
    else reader.skip(tag % 8);
  }
  if (schema !== undefined) return schema;
  return field.kind === "schemaOrBool" ? allows : items;
}
