import { type Field, type MessageType, messageOf, messageType } from "../schema/message.js";
import { wireTypeOfKind } from "./read-message.js";
import { parseTimestamp } from "./timestamp.js";
import type { ProtobufWriter } from "./writer.js";

type Members = Record<string, unknown>;

/**
 * Writes a JSON value of a published type as that type's message, fields in the order of the type.
 * Members that the type does not know, and values of the wrong type, are left out.
 */
export function writeMessage(type: MessageType, value: Members, writer: ProtobufWriter): void {
  for (const field of type.fields) {
    if (field.number === 0) continue;
    if (field.inline) {
      writer.tag(field.number, 2);
      writer.message(() => writeMessage(messageOf(field), value, writer));
      continue;
    }
    const member = value[field.name];
    // No field has the name of anything that all objects inherit.
    if (member !== undefined && member !== null) writeField(field, member, writer);
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function writeField(field: Field, value: unknown, writer: ProtobufWriter): void {
  if (field.shape === "list") {
    if (Array.isArray(value)) for (const item of value) writeTagged(field, field.number, item, writer);
  } else if (field.shape === "map") {
    if (isMembers(value)) writeMap(field, value, writer);
  } else {
    writeTagged(field, field.number, value, writer);
  }
}

/** Keys in order, as Go writes them, so that equal maps are equal bytes. */
function writeMap(field: Field, map: Members, writer: ProtobufWriter): void {
  for (const key of Object.keys(map).sort()) {
    writer.tag(field.number, 2);
    writer.message(() => {
      writer.tag(1, 2);
      writer.string(key);
      writeTagged(field, 2, map[key], writer);
    });
  }
}

function writeTagged(field: Field, number: number, value: unknown, writer: ProtobufWriter): void {
  writer.tag(number, wireTypeOfKind(field.kind));
  switch (field.kind) {
    case "bool":
      writer.unsigned(value === true ? 1 : 0);
      return;
    case "int32":
    case "int64":
      writer.signed(typeof value === "number" ? Math.trunc(value) : 0);
      return;
    case "float64":
      writer.double(Number(value));
      return;
    case "string":
      writer.string(typeof value === "string" ? value : "");
      return;
    case "bytes":
      writer.base64(typeof value === "string" ? value : "");
      return;
    default:
      writer.message(() => writeEmbedded(field, value, writer));
  }
}

function writeEmbedded(field: Field, value: unknown, writer: ProtobufWriter): void {
  switch (field.kind) {
    case "message":
      if (isMembers(value)) writeMessage(messageOf(field), value, writer);
      return;
    case "time":
    case "microTime":
      writeTime(value, field.kind === "microTime", writer);
      return;
    case "quantity":
      writer.tag(1, 2);
      writer.string(String(value));
      return;
    case "intOrString":
      writeIntOrString(value, writer);
      return;
    case "stringList":
      for (const item of Array.isArray(value) ? value : []) {
        writer.tag(1, 2);
        writer.string(String(item));
      }
      return;
    case "schemaOrBool":
    case "schemaOrArray":
    case "schemaOrStrings":
      writeUnion(field, value, writer);
      return;
    default:
      writer.tag(1, 2);
      writer.string(JSON.stringify(value));
  }
}

function writeTime(value: unknown, micro: boolean, writer: ProtobufWriter): void {
  const time = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (time === undefined) return;
  writer.tag(1, 0);
  writer.signed(time.seconds);
  writer.tag(2, 0);
  writer.signed(micro ? time.nanos : 0);
}

function writeIntOrString(value: unknown, writer: ProtobufWriter): void {
  const isText = typeof value === "string";
  writer.tag(1, 0);
  writer.unsigned(isText ? 1 : 0);
  writer.tag(2, 0);
  writer.signed(typeof value === "number" ? value : 0);
  writer.tag(3, 2);
  writer.string(isText ? value : "");
}

function writeUnion(field: Field, value: unknown, writer: ProtobufWriter): void {
  const schema = messageType("apiextensions.v1.JSONSchemaProps");
  const writeSchema = (number: number, item: Members) => {
    writer.tag(number, 2);
    writer.message(() => writeMessage(schema, item, writer));
  };
  if (field.kind === "schemaOrBool") {
    writer.tag(1, 0);
    writer.unsigned(value === false ? 0 : 1);
    if (isMembers(value)) writeSchema(2, value);
  } else if (isMembers(value)) {
    writeSchema(1, value);
  } else if (Array.isArray(value)) {
    for (const item of value) {
      if (isMembers(item)) writeSchema(2, item);
      else if (typeof item === "string") {
        writer.tag(2, 2);
        writer.string(item);
      }
    }
  }
}
