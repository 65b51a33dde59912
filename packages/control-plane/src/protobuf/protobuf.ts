import { ApiError, formatApiVersion, type KubeObject, type TypeMeta } from "@capstan/kube";
import { builtInKinds } from "../kinds/built-in-kinds.js";
import { type MessageType, messageType } from "../schema/message.js";
import { openEnvelope, writeEnvelope } from "./envelope.js";
import { readMessage } from "./read-message.js";
import { ProtobufError, ProtobufReader } from "./reader.js";
import { writeMessage } from "./write-message.js";
import { ProtobufWriter } from "./writer.js";

/** Types that bodies may be of beside the built-in kinds. */
const OTHER_TYPES: ReadonlyMap<string, string> = new Map([
  ["autoscaling/v1/Scale", "autoscaling.v1.Scale"],
  ["policy/v1/Eviction", "policy.v1.Eviction"],
  ["authentication.k8s.io/v1/TokenRequest", "authentication.v1.TokenRequest"],
  ["v1/Status", "meta.v1.Status"],
  ["v1/PodAttachOptions", "core.v1.PodAttachOptions"],
  ["v1/PodExecOptions", "core.v1.PodExecOptions"],
  ["v1/PodLogOptions", "core.v1.PodLogOptions"],
]);

let messages: Map<string, string> | undefined;

/** The published type of a kind; `undefined` for kinds that have no protobuf message. */
function messageNameOf(type: TypeMeta): string | undefined {
  // Every group version has its own DeleteOptions, all alike.
  if (type.kind === "DeleteOptions") return "meta.v1.DeleteOptions";
  if (type.kind === "PartialObjectMetadata") return "meta.v1.PartialObjectMetadata";
  if (messages === undefined) {
    messages = new Map(OTHER_TYPES);
    for (const kind of builtInKinds()) {
      if (kind.protobufMessage === undefined) continue;
      messages.set(`${formatApiVersion(kind.group, kind.version)}/${kind.kind}`, kind.protobufMessage);
    }
  }
  return messages.get(`${type.apiVersion}/${type.kind}`);
}

/**
 * Reads a Kubernetes protobuf body (`application/vnd.kubernetes.protobuf`) into the JSON form of the
 * object in it. Throws `ApiError` 400 for bytes that are none, and for kinds without a published type.
 */
export function readProtobuf(bytes: Uint8Array): unknown {
  try {
    const { apiVersion, kind, raw, contentType } = openEnvelope(bytes);
    if (contentType === "application/json") return JSON.parse(Buffer.from(raw).toString("utf8"));
    const name = messageNameOf({ apiVersion, kind });
    if (name === undefined) {
      throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}" in scheme`);
    }
    return { apiVersion, kind, ...readMessage(messageType(name), new ProtobufReader(raw)) };
  } catch (error) {
    if (!(error instanceof ProtobufError || error instanceof SyntaxError)) throw error;
    throw new ApiError(
      {
        apiVersion: "v1",
        kind: "Status",
        metadata: {},
        status: "Failure",
        reason: "BadRequest",
        message: error.message,
        code: 400,
      },
      { cause: error },
    );
  }
}

/** Whether objects of a kind can be written as Kubernetes protobuf. */
export function hasProtobuf(type: TypeMeta): boolean {
  return messageNameOf(type) !== undefined;
}

function typeOf(type: TypeMeta): MessageType {
  const name = messageNameOf(type);
  if (name === undefined) throw new TypeError(`${type.apiVersion} ${type.kind} has no protobuf message`);
  return messageType(name);
}

/** One object (or `Status`) as a Kubernetes protobuf body. Throws `TypeError` for kinds without a message. */
export function writeProtobuf(object: TypeMeta): Uint8Array {
  const writer = new ProtobufWriter();
  const type = typeOf(object);
  writeEnvelope(object, writer, () =>
    writeMessage(type, object as unknown as Record<string, unknown>, writer),
  );
  return writer.finish();
}

export interface ProtobufList {
  readonly apiVersion: string;
  /** `DeploymentList`. */
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly items: Iterable<KubeObject>;
}

/** A list of objects of kind `item` as a Kubernetes protobuf body. */
export function writeProtobufList(list: ProtobufList, item: TypeMeta): Uint8Array {
  const writer = new ProtobufWriter();
  const type = typeOf(item);
  writeEnvelope(list, writer, () => {
    writer.tag(1, 2);
    writer.message(() => writeMessage(messageType("meta.v1.ListMeta"), { ...list.metadata }, writer));
    for (const object of list.items) {
      writer.tag(2, 2);
      writer.message(() => writeMessage(type, object, writer));
    }
  });
  return writer.finish();
}

/**
 * One watch event as a frame of `application/vnd.kubernetes.protobuf;stream=watch`: four bytes of
 * length, then the event with the object in its envelope.
 */
export function writeProtobufEvent(type: string, object: TypeMeta): Uint8Array {
  const body = writeProtobuf(object);
  const writer = new ProtobufWriter();
  writer.tag(1, 2);
  writer.string(type);
  writer.tag(2, 2);
  writer.message(() => {
    writer.tag(1, 2);
    writer.bytes(body);
  });
  const event = writer.finish();
  const frame = Buffer.allocUnsafe(4 + event.length);
  frame.writeUInt32BE(event.length, 0);
  frame.set(event, 4);
  return frame;
}
