import type { Schema } from "@capstan/kube";
import type { Field } from "../schema/message.js";

/** Values that kinds of fields have in Go where nothing was given. */
const ZEROS: Readonly<Partial<Record<Field["kind"], unknown>>> = {
  string: "",
  bool: false,
  int32: 0,
  int64: 0,
  float64: 0,
  message: {},
};

/**
 * The schema of a published type's field with the defaults that Kubernetes publishes because Go has no
 * absent values there: of structs, and of the elements of lists and maps. They are part of documents alone;
 * objects are not changed by them.
 */
export function withZeroDefaults(field: Field, schema: Schema): Schema {
  if (field.shape === "single") {
    const isStruct = field.kind === "message" && !field.pointer && schema.default === undefined;
    return isStruct ? { ...schema, default: {} } : schema;
  }
  if (field.shape === "list" && schema.items !== undefined) {
    return { ...schema, items: element(field, schema.items) };
  }
  if (typeof schema.additionalProperties !== "object") return schema;
  return { ...schema, additionalProperties: element(field, schema.additionalProperties) };
}

function element(field: Field, schema: Schema): Schema {
  if (field.kind === "stringList") {
    const { listType: _, ...list } = schema;
    return { ...list, items: { ...schema.items, default: "" } };
  }
  const zero = ZEROS[field.kind];
  return zero === undefined ? schema : { ...schema, default: zero };
}
