import type { Schema } from "@capstan/kube";
import { messageSchema, messageTypeOfRef } from "../schema/message-schema.js";
import { PLAIN_FIELDS } from "../schema/plain-fields.js";
import type { Descriptions } from "./descriptions.js";
import { EMBEDDED_FIELDS, simplified } from "./schema-editions.js";
import { withZeroDefaults } from "./zero-defaults.js";

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
  readonly edition: Edition;
  readonly #descriptions: Descriptions;
  readonly #bodies = new Map<string, Document>();
  readonly #pending: Schema[] = [];
  readonly #kinds = new Map<string, readonly { group: string; kind: string; version: string }[]>();

  constructor(edition: Edition, descriptions: Descriptions) {
    this.edition = edition;
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
    return { $ref: `${this.edition === "v2" ? "#/definitions/" : "#/components/schemas/"}${name}` };
  }

  /** A reference with a default, where the edition has defaults. */
  withDefault(reference: Document, value: unknown): Document {
    return this.edition === "v2" ? reference : { default: value, allOf: [reference] };
  }

  /** Adds a type whose body is given. */
  add(name: string, body: Document): void {
    this.#bodies.set(name, body);
  }

  /** All types of the document in order of their names. */
  finish(): Record<string, Document> {
    for (let schema = this.#pending.pop(); schema !== undefined; schema = this.#pending.pop()) {
      const name = schema.ref ?? "";
      this.#bodies.set(name, this.#body(schema, name));
    }
    const types = [...this.#bodies].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(types.map(([name, body]) => [name, { ...body, ...this.#extensionsOf(name) }]));
  }

  #extensionsOf(name: string): Document {
    const kinds = this.#kinds.get(name);
    const unions = UNIONS[name];
    return {
      ...(kinds === undefined ? {} : { "x-kubernetes-group-version-kind": kinds }),
      ...(unions === undefined ? {} : { "x-kubernetes-unions": [unions] }),
    };
  }

  /** Says which kind a named type is, whether the document comes to have the type or not. */
  markKind(name: string, group: string, version: string, kind: string): void {
    const kinds = this.#kinds.get(name) ?? [];
    const isKnown = kinds.some((each) => each.group === group && each.version === version);
    if (!isKnown) this.#kinds.set(name, [...kinds, { group, kind, version }]);
  }

  #body(schema: Schema, name: string): Document {
    const special = SPECIAL[name.slice(name.lastIndexOf(".") + 1)];
    const description = this.#descriptions.of(name);
    const head = description === undefined ? {} : { description };
    if (special !== undefined) return { ...head, ...special(this.edition) };
    // What the field that referred to the type says of itself stays with the field.
    const type = messageTypeOfRef(name);
    const own = type === undefined ? schema : messageSchema(type.name);
    return { ...head, ...this.write(own, name, true) };
  }

  /** One schema; `owner` is the named type whose fields are being written, for their descriptions. */
  write(schema: Schema, owner = "", isBody = false): Document {
    if (schema.ref !== undefined && !isBody) return this.#reference(schema);
    if (this.edition === "v2") return this.#writePlain(simplified(schema), owner);
    const document = this.#writePlain(schema, owner);
    this.#writeJunctors(schema, document);
    if (schema.embeddedResource === true) this.#writeEmbedded(document);
    return document;
  }

  #writePlain(schema: Schema, owner: string): Document {
    const document: Document = {};
    for (const key of PLAIN_FIELDS) if (schema[key] !== undefined) document[key] = schema[key];
    if (schema.required !== undefined && schema.required.length > 0) document["required"] = schema.required;
    this.#writeChildren(schema, document, owner);
    writeExtensions(schema, document);
    return document;
  }

  /** The fields that an embedded object has beside those of its schema. */
  #writeEmbedded(document: Document): void {
    const required = (document["required"] ?? []) as readonly string[];
    document["required"] = [...new Set([...required, "kind", "apiVersion"])];
    const { metadata, ...types } = EMBEDDED_FIELDS;
    document["properties"] = {
      ...types,
      metadata: this.write({ ...metadata, ...this.metadataText() }),
      ...(document["properties"] as Document | undefined),
    };
  }

  /** What is said of the metadata of every object. */
  metadataText(): { description?: string } {
    const description = this.#descriptions.of("io.k8s.api.core.v1.ConfigMap", "metadata");
    return description === undefined ? {} : { description };
  }

  #reference(schema: Schema): Document {
    const reference = this.refer(schema);
    const around: Document = {};
    if (schema.description !== undefined) around["description"] = schema.description;
    if (schema.default !== undefined && this.edition === "v3") around["default"] = schema.default;
    if (schema.mapType !== undefined && schema.mapType !== ownMapType(schema)) {
      around["x-kubernetes-map-type"] = schema.mapType;
    }
    if (schema.patchStrategy !== undefined)
      around["x-kubernetes-patch-strategy"] = schema.patchStrategy.join(",");
    if (Object.keys(around).length === 0) return reference;
    return this.edition === "v2" ? { ...around, ...reference } : { ...around, allOf: [reference] };
  }

  #writeProperties(schemas: Readonly<Record<string, Schema>>, owner: string): Document {
    const type = messageTypeOfRef(owner);
    const properties: Document = {};
    for (const [name, schema] of Object.entries(schemas)) {
      const description = this.textOf(owner, name);
      const field = this.edition === "v3" ? type?.byName.get(name) : undefined;
      const property = field === undefined ? schema : withZeroDefaults(field, schema);
      setMember(
        properties,
        name,
        this.write(description === undefined ? property : { ...property, description }),
      );
    }
    return properties;
  }

  /** The description of a named type's field; all types describe what they are with the same words. */
  textOf(owner: string, field: string): string | undefined {
    if (owner === "") return undefined;
    const text = this.#descriptions.of(owner, field);
    if (text !== undefined || (field !== "apiVersion" && field !== "kind")) return text;
    return messageTypeOfRef(owner)?.typed === true || owner.endsWith("List")
      ? this.typeMetaText(field)
      : undefined;
  }

  /** The description of a named type, to be put into its body. */
  text(name: string): { description?: string } {
    const description = this.#descriptions.of(name);
    return description === undefined ? {} : { description };
  }

  /** What `apiVersion` or `kind` mean in any object. */
  typeMetaText(field: "apiVersion" | "kind"): string | undefined {
    return this.#descriptions.of(DELETE_OPTIONS, field);
  }

  #writeChildren(schema: Schema, document: Document, owner: string): void {
    if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
      document["properties"] = this.#writeProperties(schema.properties, owner);
    }
    if (schema.items !== undefined) document["items"] = this.write(schema.items);
    if (typeof schema.additionalProperties === "object") {
      document["additionalProperties"] = this.write(schema.additionalProperties);
    } else if (schema.additionalProperties !== undefined) {
      document["additionalProperties"] = schema.additionalProperties;
    }
  }

  #writeJunctors(schema: Schema, document: Document): void {
    for (const key of ["allOf", "anyOf", "oneOf"] as const) {
      const list = schema[key];
      if (list !== undefined) document[key] = list.map((item) => this.write(item));
    }
    if (schema.not !== undefined) document["not"] = this.write(schema.not);
    if (schema.nullable === true) document["nullable"] = true;
  }
}

/** Types of which a field tells which other one is set. */
const UNIONS: Readonly<Record<string, Document>> = {
  "io.k8s.api.core.v1.AppArmorProfile": union("type", { localhostProfile: "LocalhostProfile" }),
  "io.k8s.api.core.v1.SeccompProfile": union("type", { localhostProfile: "LocalhostProfile" }),
  "io.k8s.api.flowcontrol.v1.LimitResponse": union("type", { queuing: "Queuing" }),
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec": union("type", {
    exempt: "Exempt",
    limited: "Limited",
  }),
  "io.k8s.api.flowcontrol.v1.Subject": union("kind", {
    group: "Group",
    serviceAccount: "ServiceAccount",
    user: "User",
  }),
};

function union(discriminator: string, fields: Readonly<Record<string, string>>): Document {
  return { discriminator, "fields-to-discriminateBy": fields };
}

/** A type of which every document of the descriptions tells what the fields of all objects mean. */
const DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";

/** What the type that a schema refers to says itself. */
function ownMapType(schema: Schema): Schema["mapType"] {
  const type = messageTypeOfRef(schema.ref ?? "");
  return type === undefined ? schema.mapType : messageSchema(type.name).mapType;
}

function setMember(document: Document, name: string, value: unknown): void {
  Object.defineProperty(document, name, { value, enumerable: true, configurable: true, writable: true });
}

function writeExtensions(schema: Schema, document: Document): void {
  if (schema.listType !== undefined) document["x-kubernetes-list-type"] = schema.listType;
  if (schema.listMapKeys !== undefined) document["x-kubernetes-list-map-keys"] = schema.listMapKeys;
  if (schema.mapType !== undefined) document["x-kubernetes-map-type"] = schema.mapType;
  if (schema.patchStrategy !== undefined)
    document["x-kubernetes-patch-strategy"] = schema.patchStrategy.join(",");
  if (schema.patchMergeKey !== undefined) document["x-kubernetes-patch-merge-key"] = schema.patchMergeKey;
  if (schema.preserveUnknownFields === true) document["x-kubernetes-preserve-unknown-fields"] = true;
  if (schema.embeddedResource === true) document["x-kubernetes-embedded-resource"] = true;
  if (schema.validations !== undefined) document["x-kubernetes-validations"] = schema.validations;
  if (schema.intOrString === true) document["x-kubernetes-int-or-string"] = true;
}
