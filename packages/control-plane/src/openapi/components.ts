import type { Schema } from "@capstan/kube";
import { PLAIN_FIELDS } from "../schema/plain-fields.js";
import type { Descriptions } from "./descriptions.js";

type Document = Record<string, unknown>;

/** Which edition of OpenAPI a document is written in. */
export type Edition = "v2" | "v3";

/** Types that are scalars or free-form, with the bodies that the real server publishes for them. */
const SPECIAL: Readonly<Record<string, (edition: Edition) => Document>> = {
  Quantity: (edition) =>
    edition === "v2" ? { type: "string" } : { oneOf: [{ type: "string" }, { type: "number" }] },
  IntOrString: (edition) =>
    edition === "v2"
      ? { type: "string", format: "int-or-string" }
      : { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  Time: () => ({ type: "string", format: "date-time" }),
  MicroTime: () => ({ type: "string", format: "date-time" }),
  RawExtension: () => ({ type: "object" }),
  FieldsV1: () => ({ type: "object" }),
  JSON: () => ({}),
  JSONSchemaPropsOrArray: () => ({}),
  JSONSchemaPropsOrBool: () => ({}),
  JSONSchemaPropsOrStringArray: () => ({}),
};

/** Collects the named types of one document, as they are referred to. */
export class Components {
  readonly #edition: Edition;
  readonly #descriptions: Descriptions;
  readonly #bodies = new Map<string, Document>();
  readonly #pending: Schema[] = [];

  constructor(edition: Edition, descriptions: Descriptions) {
    this.#edition = edition;
    this.#descriptions = descriptions;
  }

  /** A reference to a named type, which becomes part of the document. */
  refer(schema: Schema): Document {
    const name = schema.ref ?? "";
    if (!this.#bodies.has(name)) {
      this.#bodies.set(name, {});
      this.#pending.push(schema);
    }
    return this.referTo(name);
  }

  referTo(name: string): Document {
    return { $ref: `${this.#edition === "v2" ? "#/definitions/" : "#/components/schemas/"}${name}` };
  }

  /** Adds a type whose body is given. */
  add(name: string, body: Document): void {
    this.#bodies.set(name, body);
  }

  /** All types of the document in order of their names. */
  finish(): Record<string, Document> {
    for (let schema = this.#pending.pop(); schema !== undefined; schema = this.#pending.pop()) {
      const name = schema.ref ?? "";
      const gvk = this.#bodies.get(name)?.[GVK];
      this.#bodies.set(name, { ...this.#body(schema, name), ...(gvk === undefined ? {} : { [GVK]: gvk }) });
    }
    return Object.fromEntries([...this.#bodies].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Marks a named type as a kind. */
  markKind(name: string, group: string, version: string, kind: string): void {
    const body = this.#bodies.get(name) ?? {};
    this.#bodies.set(name, { ...body, [GVK]: [{ group, kind, version }] });
  }

  #body(schema: Schema, name: string): Document {
    const special = SPECIAL[name.slice(name.lastIndexOf(".") + 1)];
    const description = this.#descriptions.of(name);
    const head = description === undefined ? {} : { description };
    if (special !== undefined) return { ...head, ...special(this.#edition) };
    // What the referring field says of itself stays with the field.
    const { description: _text, default: _default, patchStrategy: _strategy, ...own } = schema;
    return { ...head, ...this.write({ ...own, properties: schema.properties ?? {} }, name, true) };
  }

  /** One schema; `owner` is the named type whose fields are being written, for their descriptions. */
  write(schema: Schema, owner = "", isBody = false): Document {
    if (schema.ref !== undefined && !isBody) return this.#reference(schema);
    const document: Document = {};
    for (const key of PLAIN_FIELDS) if (schema[key] !== undefined) document[key] = schema[key];
    if (schema.required !== undefined && schema.required.length > 0) document["required"] = schema.required;
    this.#writeChildren(schema, document, owner);
    writeExtensions(schema, document, this.#edition);
    return document;
  }

  #reference(schema: Schema): Document {
    const reference = this.refer(schema);
    const around: Document = {};
    if (schema.description !== undefined) around["description"] = schema.description;
    if (schema.default !== undefined) around["default"] = schema.default;
    if (schema.patchStrategy !== undefined)
      around["x-kubernetes-patch-strategy"] = schema.patchStrategy.join(",");
    if (Object.keys(around).length === 0) return reference;
    return this.#edition === "v2" ? { ...around, ...reference } : { ...around, allOf: [reference] };
  }

  #writeChildren(schema: Schema, document: Document, owner: string): void {
    if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
      const properties: Document = {};
      for (const [name, property] of Object.entries(schema.properties)) {
        const text = owner === "" ? undefined : this.#descriptions.of(owner, name);
        setMember(properties, name, this.write(text === undefined ? property : described(property, text)));
      }
      document["properties"] = properties;
    }
    if (schema.items !== undefined) document["items"] = this.write(schema.items);
    if (typeof schema.additionalProperties === "object") {
      document["additionalProperties"] = this.write(schema.additionalProperties);
    } else if (schema.additionalProperties !== undefined) {
      document["additionalProperties"] = schema.additionalProperties;
    }
    if (this.#edition === "v2") return;
    for (const key of ["allOf", "anyOf", "oneOf"] as const) {
      const list = schema[key];
      if (list !== undefined) document[key] = list.map((item) => this.write(item));
    }
    if (schema.not !== undefined) document["not"] = this.write(schema.not);
    if (schema.nullable === true) document["nullable"] = true;
  }
}

const GVK = "x-kubernetes-group-version-kind";

function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

function setMember(document: Document, name: string, value: unknown): void {
  Object.defineProperty(document, name, { value, enumerable: true, configurable: true, writable: true });
}

function writeExtensions(schema: Schema, document: Document, edition: Edition): void {
  if (schema.listType !== undefined) document["x-kubernetes-list-type"] = schema.listType;
  if (schema.listMapKeys !== undefined) document["x-kubernetes-list-map-keys"] = schema.listMapKeys;
  if (schema.mapType !== undefined) document["x-kubernetes-map-type"] = schema.mapType;
  if (schema.patchStrategy !== undefined)
    document["x-kubernetes-patch-strategy"] = schema.patchStrategy.join(",");
  if (schema.patchMergeKey !== undefined) document["x-kubernetes-patch-merge-key"] = schema.patchMergeKey;
  if (schema.preserveUnknownFields === true) document["x-kubernetes-preserve-unknown-fields"] = true;
  if (schema.embeddedResource === true) document["x-kubernetes-embedded-resource"] = true;
  if (schema.validations !== undefined) document["x-kubernetes-validations"] = schema.validations;
  if (schema.intOrString === true) {
    document["x-kubernetes-int-or-string"] = true;
    if (edition === "v2") document["format"] ??= "int-or-string";
  }
}
