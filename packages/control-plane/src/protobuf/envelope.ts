import type { TypeMeta } from "@capstan/kube";
import { ProtobufError, ProtobufReader } from "./reader.js";
import type { ProtobufWriter } from "./writer.js";

/** `k8s` and a zero byte: what every Kubernetes protobuf body starts with. */
const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/** A body without its envelope (`runtime.Unknown`). */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentType: string;
}

/** Opens the envelope of a Kubernetes protobuf body. Throws `ProtobufError`. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < MAGIC.length || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError(
      `provided data does not appear to be a protobuf message, expected prefix [${MAGIC.join(" ")}]`,
    );
  }
  const reader = new ProtobufReader(bytes, MAGIC.length);
  let apiVersion = "";
  let kind = "";
  let raw: Uint8Array = new Uint8Array();
  let contentType = "";
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) ({ apiVersion, kind } = readType(reader.message()));
    else if (tag === 18) raw = reader.bytes();
    else if (tag === 34) contentType = reader.string();
    else reader.skip(tag % 8);
  }
  return { apiVersion, kind, raw, contentType };
}

function readType(reader: ProtobufReader): TypeMeta {
  const type = { apiVersion: "", kind: "" };
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) type.apiVersion = reader.string();
    else if (tag === 18) type.kind = reader.string();
    else reader.skip(tag % 8);
  }
  return type;
}

/** Writes an envelope around what `write` writes. */
export function writeEnvelope(type: TypeMeta, writer: ProtobufWriter, write: () => void): void {
  writer.raw(MAGIC);
  writer.tag(1, 2);
  writer.message(() => {
    writer.tag(1, 2);
    writer.string(type.apiVersion);
    writer.tag(2, 2);
    writer.string(type.kind);
  });
  writer.tag(2, 2);
  writer.message(write);
  writer.tag(3, 2);
  writer.string("");
  writer.tag(4, 2);
  writer.string("");
}
