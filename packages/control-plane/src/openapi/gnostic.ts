import { stringifyYaml } from "@capstan/kube";
import { ProtobufWriter } from "../protobuf/writer.js";
import { type GnosticField, gnosticMessage, variantOf } from "./gnostic-messages.js";

type Members = Readonly<Record<string, unknown>>;

/** Media types under which clients ask for the second edition of OpenAPI as protobuf. */
export const GNOSTIC_TYPE = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf$/;

/** What such an answer is called. */
export const GNOSTIC_CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * A document of the second edition of OpenAPI as the message `openapi.v2.Document` of gnostic. Members that
 * the message has no field for are left out, as are values that are zero: that is how the third edition of
 * Protocol Buffers writes them. Values of any type (defaults, extensions) are text in YAML.
 */
export function gnosticDocument(document: Members): Uint8Array {
  const writer = new ProtobufWriter();
  writeMembers("Document", document, writer);
  return writer.finish();
}

function writeMembers(message: string, value: Members, writer: ProtobufWriter): void {
  const { fields, extensions } = gnosticMessage(message);
  for (const field of fields) {
    if (field.name === "*") writeField(field, value, writer);
    else if (Object.hasOwn(value, field.name)) writeField(field, value[field.name], writer);
  }
  if (extensions === 0) return;
  for (const [name, member] of Object.entries(value)) {
    if (name.startsWith("x-")) writeEntry(extensions, name, "any", member, writer);
  }
}

function writeField(field: GnosticField, value: unknown, writer: ProtobufWriter): void {
  if (value === undefined || value === null) return;
  const { number, type } = field;
  writeWithin(field.path, writer, () => {
    if (field.shape === "single") writeValue(number, type, value, writer);
    else if (field.shape === "list") {
      for (const item of Array.isArray(value) ? value : [value]) writeValue(number, type, item, writer);
    } else if (isMembers(value)) {
      for (const [name, item] of Object.entries(value)) writeEntry(number, name, type, item, writer);
    }
  });
}

/** What `write` writes, within the messages of the given field numbers. */
function writeWithin(path: readonly number[], writer: ProtobufWriter, write: () => void): void {
  const [number, ...rest] = path;
  if (number === undefined) {
    write();
    return;
  }
  writer.tag(number, 2);
  writer.message(() => writeWithin(rest, writer, write));
}

/** A member of a map: a message of its name and its value. */
function writeEntry(
  number: number,
  name: string,
  type: string,
  value: unknown,
  writer: ProtobufWriter,
): void {
  writer.tag(number, 2);
  writer.message(() => {
    writeText(1, name, writer);
    writeValue(2, type, value, writer);
  });
}

function writeText(number: number, text: string, writer: ProtobufWriter): void {
  writer.tag(number, 2);
  writer.string(text);
}

function writeValue(number: number, type: string, value: unknown, writer: ProtobufWriter): void {
  switch (type) {
    case "string":
      if (typeof value === "string" && value !== "") writeText(number, value, writer);
      return;
    case "bool":
    case "int64":
    case "double":
      writeNumber(number, type, Number(value), writer);
      return;
    case "any":
      writer.tag(number, 2);
      writer.message(() => writeText(2, stringifyYaml(value), writer));
      return;
    default:
      writer.tag(number, 2);
      writer.message(() => writeMessage(type, value, writer));
  }
}

/** What is zero is not written, nor what is no number. */
function writeNumber(
  number: number,
  type: "bool" | "int64" | "double",
  value: number,
  writer: ProtobufWriter,
) {
  if (value === 0 || !Number.isFinite(value)) return;
  writer.tag(number, type === "double" ? 1 : 0);
  if (type === "double") writer.double(value);
  else writer.signed(Math.trunc(value));
}

/** A message, or the one of several that the value is. */
function writeMessage(type: string, value: unknown, writer: ProtobufWriter): void {
  const { message, path } = variantOf(type, value);
  const last = path.at(-1);
  if (last !== undefined) {
    writeWithin(path.slice(0, -1), writer, () => writeValue(last, message, value, writer));
  } else if (typeof value === "object" && value !== null) {
    writeMembers(message, value as Members, writer);
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
