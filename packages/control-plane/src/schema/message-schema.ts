import type { Schema } from "@capstan/kube";
import { type Field, type MessageType, messageOf, messageType } from "./message.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const cache = new Map<string, Schema>();
const byRef = new Map<string, MessageType>();

/**
 * The structural schema of a published type. Properties are expanded when they are first read, so that
 * asking for a kind costs nothing until somebody walks into it, and recursive types are no trouble.
 */
export function messageSchema(name: string): Schema {
  let schema = cache.get(name);
  if (schema === undefined) {
    const type = messageType(name);
    schema = create(type);
    cache.set(name, schema);
    byRef.set(type.ref, type);
  }
  return schema;
}

/**
 * The published type that schemas refer to by this name in OpenAPI documents; `undefined` for names that
 * no schema has been made of, as those of custom resources.
 */
export function messageTypeOfRef(ref: string): MessageType | undefined {
  return byRef.get(ref);
}

function create(type: MessageType): Schema {
  const schema: Mutable<Schema> = { type: "object", ref: type.ref };
  if (type.atomic) schema.mapType = "atomic";
  const required = requiredOf(type);
  if (required.length > 0) schema.required = required;
  let properties: Record<string, Schema> | undefined;
  Object.defineProperty(schema, "properties", {
    enumerable: true,
    configurable: true,
    get: () => {
      properties ??= propertiesOf(type);
      return properties;
    },
  });
  return schema;
}

function requiredOf(type: MessageType): readonly string[] {
  const names: string[] = [];
  for (const field of type.fields) {
    if (field.inline) names.push(...requiredOf(messageOf(field)));
    else if (field.required) names.push(field.name);
  }
  return names;
}

function propertiesOf(type: MessageType): Record<string, Schema> {
  const properties: Record<string, Schema> = {};
  if (type.typed) {
    properties["apiVersion"] = { type: "string" };
    properties["kind"] = { type: "string" };
  }
  for (const [name, field] of type.byName) properties[name] = fieldSchema(field);
  return properties;
}

function fieldSchema(field: Field): Schema {
  const value = valueSchema(field);
  const extensions = extensionsOf(field);
  if (field.shape === "list") return { type: "array", items: value, ...extensions };
  if (field.shape === "map") return { type: "object", additionalProperties: value, ...extensions };
  if (Object.keys(extensions).length === 0) return value;
  return { ...value, ...extensions };
}

function extensionsOf(field: Field): Partial<Schema> {
  const extensions: Mutable<Partial<Schema>> = {};
  if (field.listType !== undefined) extensions.listType = field.listType;
  if (field.listKeys.length > 0) extensions.listMapKeys = field.listKeys;
  if (field.mapType !== undefined) extensions.mapType = field.mapType;
  if (field.patchStrategy.length > 0) extensions.patchStrategy = field.patchStrategy;
  if (field.patchKey !== undefined) extensions.patchMergeKey = field.patchKey;
  if (field.default !== "") {
    extensions.default = field.default === "zero" ? zeroOf(field) : JSON.parse(field.default);
  }
  if (field.enum.length > 0 && field.shape === "single") extensions.enum = field.enum;
  return extensions;
}

function zeroOf(field: Field): unknown {
  if (field.kind === "bool") return false;
  return field.kind === "string" || field.kind === "bytes" ? "" : 0;
}

const SCALARS: Readonly<Partial<Record<Field["kind"], Schema>>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  float64: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
  time: { type: "string", format: "date-time", ref: "io.k8s.apimachinery.pkg.apis.meta.v1.Time" },
  microTime: { type: "string", format: "date-time", ref: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime" },
  quantity: {
    ref: "io.k8s.apimachinery.pkg.api.resource.Quantity",
    intOrString: true,
  },
  intOrString: {
    format: "int-or-string",
    ref: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    intOrString: true,
  },
  raw: {
    type: "object",
    ref: "io.k8s.apimachinery.pkg.runtime.RawExtension",
    preserveUnknownFields: true,
    mapType: "atomic",
  },
  fields: {
    type: "object",
    ref: "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    preserveUnknownFields: true,
    mapType: "atomic",
  },
  json: {
    ref: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
    preserveUnknownFields: true,
    mapType: "atomic",
  },
  schemaOrBool: opaque("JSONSchemaPropsOrBool"),
  schemaOrArray: opaque("JSONSchemaPropsOrArray"),
  schemaOrStrings: opaque("JSONSchemaPropsOrStringArray"),
  stringList: { type: "array", items: { type: "string" }, listType: "atomic" },
};

function opaque(name: string): Schema {
  return {
    ref: `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${name}`,
    preserveUnknownFields: true,
    mapType: "atomic",
  };
}

function valueSchema(field: Field): Schema {
  if (field.kind === "message") return messageSchema(messageOf(field).name);
  const schema = SCALARS[field.kind];
  if (schema === undefined) throw new TypeError(`no schema for ${field.kind}`);
  return field.enum.length > 0 && field.shape !== "single" ? { ...schema, enum: field.enum } : schema;
}
