import { type KubeObject, type Status, stringifyYaml, type TypeMeta } from "@capstan/kube";
import { hasProtobuf, writeProtobuf, writeProtobufList } from "../protobuf/protobuf.js";
import type { Answer, ListAnswer } from "./call.js";
import { type Accept, JSON_ACCEPT, negotiate } from "./negotiation.js";
import { StoredObject, servedVersion } from "./object-storage.js";
import type { AnswerShaper } from "./shape.js";
import { listMetadata, plainObject } from "./views.js";

/** An answer on the wire, in one or more pieces. */
export interface Encoded {
  readonly contentType: string;
  readonly chunks: readonly Uint8Array[];
}

type Document = Extract<Answer, { type: "object" | "list" | "value" }>;

const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";
const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";
const NEWLINE = Buffer.from("\n");
const COMMA = Buffer.from(",");
const LIST_END = Buffer.from("]}\n");
const BRACE = Buffer.from("{");

/** Encodes a document as its client accepts it; stored JSON goes out without being parsed. */
export function encodeAnswer(answer: Document, accept: Accept, shaper: AnswerShaper): Encoded {
  const plain = accept.encoding === "json" && !accept.pretty && accept.as === undefined;
  if (plain && answer.type === "list") return { contentType: JSON_TYPE, chunks: listChunks(answer.list) };
  if (plain && answer.type === "object" && answer.object instanceof StoredObject) {
    return { contentType: JSON_TYPE, chunks: [answer.object.json, NEWLINE] };
  }
  if (accept.encoding === "protobuf") {
    const bytes =
      accept.as === undefined
        ? encodeProtobuf(answer)
        : encodePartial(shapedValue(answer, accept, shaper) as TypeMeta);
    if (bytes !== undefined) return { contentType: PROTOBUF_TYPE, chunks: [bytes] };
  }
  return encodeValue(shapedValue(answer, accept, shaper), accept);
}

/** Encodes an error: it is never shaped, and where nothing else will do it is JSON. */
export function encodeStatus(status: Status, accept: string | undefined, pretty: boolean): Encoded {
  const { encoding } = acceptedOr(JSON_ACCEPT, accept);
  if (encoding === "protobuf") return { contentType: PROTOBUF_TYPE, chunks: [writeProtobuf(status)] };
  return encodeValue(status, { encoding, pretty });
}

function acceptedOr(otherwise: Accept, header: string | undefined): Accept {
  try {
    return negotiate(header, { table: true, list: true, protobuf: true });
  } catch {
    // What the client accepts is no reason to keep the error from it.
    return otherwise;
  }
}

/** Encodes plain data as JSON or YAML. */
export function encodeValue(value: unknown, accept: Pick<Accept, "encoding" | "pretty">): Encoded {
  if (accept.encoding === "yaml") {
    return { contentType: YAML_TYPE, chunks: [Buffer.from(stringifyYaml(value))] };
  }
  const text = accept.pretty ? JSON.stringify(value, undefined, 2) : JSON.stringify(value);
  return { contentType: JSON_TYPE, chunks: [Buffer.from(`${text}\n`)] };
}

function shapedValue(answer: Document, accept: Accept, shaper: AnswerShaper): unknown {
  if (answer.type === "value") return answer.value;
  if (answer.type === "list") return shaper.list(answer.list, accept);
  const value = shaper.object(answer, accept);
  if (accept.as !== undefined) return value;
  const { kind, apiVersion, metadata, ...rest } = value as KubeObject;
  return { kind, apiVersion, metadata, ...rest };
}

function encodeProtobuf(answer: Document): Uint8Array | undefined {
  if (answer.type === "list") {
    const { kind, items } = answer.list;
    const apiVersion = servedVersion(kind);
    const list = {
      apiVersion,
      kind: kind.listKind,
      metadata: listMetadata(answer.list),
      items: items.map((item) => item.object),
    };
    return writeProtobufList(list, { apiVersion, kind: kind.kind });
  }
  const value = answer.type === "object" ? plainObject(answer.object) : (answer.value as Partial<TypeMeta>);
  const { apiVersion, kind } = value;
  if (apiVersion === undefined || kind === undefined || !hasProtobuf({ apiVersion, kind })) return undefined;
  return writeProtobuf({ ...value, apiVersion, kind });
}

/** Partial metadata of one object or a list; `undefined` for what has no message, such as an error. */
function encodePartial(value: TypeMeta): Uint8Array | undefined {
  const { apiVersion } = value;
  if (value.kind !== "PartialObjectMetadataList")
    return hasProtobuf(value) ? writeProtobuf(value) : undefined;
  const { metadata, items } = value as TypeMeta & { metadata: Record<string, unknown>; items: KubeObject[] };
  return writeProtobufList(
    { apiVersion, kind: value.kind, metadata, items },
    { apiVersion, kind: "PartialObjectMetadata" },
  );
}

function listChunks(list: ListAnswer): readonly Uint8Array[] {
  const { kind } = list;
  const head = `{"kind":${JSON.stringify(kind.listKind)},"apiVersion":${JSON.stringify(servedVersion(kind))},"metadata":${JSON.stringify(listMetadata(list))},"items":[`;
  const chunks: Uint8Array[] = [Buffer.from(head)];
  const typed = kind.typedListItems === true;
  const prefix = Buffer.from(
    `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(servedVersion(kind))},`,
  );
  let first = true;
  for (const item of list.items) {
    if (first) first = false;
    else chunks.push(COMMA);
    const { json } = item;
    if (typed || prefix.compare(json, 0, prefix.length) !== 0) chunks.push(json);
    else chunks.push(BRACE, json.subarray(prefix.length));
  }
  chunks.push(LIST_END);
  return chunks;
}
