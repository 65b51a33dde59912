import { stringifyYaml } from "@capstan/kube";
import { ProtobufWriter } from "../protobuf/writer.js";
import type { GnosticField, GnosticMessages } from "./gnostic-messages.js";
import { GNOSTIC_V2 } from "./gnostic-v2.js";
import { GNOSTIC_V3 } from "./gnostic-v3.js";

type Members = Readonly<Record<string, unknown>>;

/** Whether a media type is one under which clients ask for an edition of OpenAPI as protobuf. */
export function isGnosticType(type: string, edition: "v2" | "v3"): boolean {
  const name = `application/com.github.proto-openapi.spec.${edition}`;
  return type === `${name}@v1.0+protobuf` || type === `${name}.v1.0+protobuf`;
}

/** What such an answer is called. */
export function gnosticContentType(edition: "v2" | "v3"): string {
  return `application/com.github.proto-openapi.spec.${edition}.v1.0+protobuf`;
}

/**
 * A document of OpenAPI as the message `Document` of gnostic for its edition. Members that the message has
 * no field for are left out, as are values that are zero: that is how Protocol Buffers write them. Values
 * of any type (extensions, defaults of the second edition) are text in YAML.
 */
export function gnosticDocument(document: Members, edition: "v2" | "v3"): Uint8Array {
  const writer = new ProtobufWriter();
  new Writer(writer, edition === "v2" ? GNOSTIC_V2 : GNOSTIC_V3).members("Document", document);
  return writer.finish();
}

class Writer {
  readonly #writer: ProtobufWriter;
  readonly #messages: GnosticMessages;

  constructor(writer: ProtobufWriter, messages: GnosticMessages) {
    this.#writer = writer;
    this.#messages = messages;
  }

  members(message: string, value: Members): void {
    const { fields, extensions } = this.#messages.find(message);
    for (const field of fields) {
      if (field.name === "*") this.#field(field, value);
      else if (Object.hasOwn(value, field.name)) this.#field(field, value[field.name]);
    }
    if (extensions === 0) return;
    for (const [name, member] of Object.entries(value)) {
      if (name.startsWith("x-")) this.#entry(extensions, name, "any", member);
    }
  }

  #field(field: GnosticField, value: unknown): void {
    if (value === undefined || value === null) return;
    const { number, type } = field;
    this.#within(field.path, () => {
      if (field.shape === "single") this.#value(number, type, value);
      else if (field.shape === "list") {
        for (const item of Array.isArray(value) ? value : [value]) this.#value(number, type, item, true);
      } else if (typeof value === "object" && !Array.isArray(value)) {
        for (const [name, item] of Object.entries(value)) this.#entry(number, name, type, item);
      }
    });
  }

  /** What `write` writes, within the messages of the given field numbers. */
  #within(path: readonly number[], write: () => void): void {
    const [number, ...rest] = path;
    if (number === undefined) {
      write();
      return;
    }
    this.#writer.tag(number, 2);
    this.#writer.message(() => this.#within(rest, write));
  }

  /** A member of a map: a message of its name and its value. */
  #entry(number: number, name: string, type: string, value: unknown): void {
    this.#writer.tag(number, 2);
    this.#writer.message(() => {
      this.#text(1, name);
      this.#value(2, type, value);
    });
  }

  #text(number: number, text: string): void {
    this.#writer.tag(number, 2);
    this.#writer.string(text);
  }

  /** What is zero is written only where it `counts`: as an item of a list, or as the one chosen of several. */
  #value(number: number, type: string, value: unknown, counts = false): void {
    switch (type) {
      case "string":
        if (typeof value === "string" && (counts || value !== "")) this.#text(number, value);
        return;
      case "bool":
      case "int64":
      case "double":
        this.#number(number, type, Number(value), counts);
        return;
      case "any":
        this.#writer.tag(number, 2);
        this.#writer.message(() => this.#text(2, stringifyYaml(value)));
        return;
      default:
        this.#writer.tag(number, 2);
        this.#writer.message(() => this.#message(type, value));
    }
  }

  #number(number: number, type: "bool" | "int64" | "double", value: number, counts: boolean): void {
    if ((value === 0 && !counts) || !Number.isFinite(value)) return;
    this.#writer.tag(number, type === "double" ? 1 : 0);
    if (type === "double") this.#writer.double(value);
    else this.#writer.signed(Math.trunc(value));
  }

  /** A message, or the one of several that the value is. */
  #message(type: string, value: unknown): void {
    const { message, path } = this.#messages.variantOf(type, value);
    const last = path.at(-1);
    if (last !== undefined) {
      this.#within(path.slice(0, -1), () => this.#value(last, message, value, true));
    } else if (typeof value === "object" && value !== null) {
      this.members(message, value as Members);
    }
  }
}
