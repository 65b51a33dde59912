import type { Schema } from "@capstan/kube";
import { messageSchema } from "../schema/message-schema.js";

/** Fields of any object, for objects within others. */
export const EMBEDDED_FIELDS = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: messageSchema("meta.v1.ObjectMeta"),
} as const satisfies Readonly<Record<string, Schema>>;

/**
 * What the second edition of OpenAPI says of a schema. It has no word for absent values and alternatives, and
 * its clients check what they are told: so whatever may be null or unknown is left untyped, as Kubernetes
 * does for definitions of custom resources. Defaults are left out too.
 */
export function simplified(schema: Schema): Schema {
  const { default: _, ...rest } = schema;
  const isOpen = schema.preserveUnknownFields === true;
  const isUntyped =
    schema.nullable === true ||
    (isOpen && (schema.type === "object" || schema.type === "array")) ||
    (schema.type === "array" && schema.items === undefined);
  const plain: Schema = { ...rest, ...withRequired(schema) };
  if (schema.nullable !== true && !isOpen && !isUntyped) return plain;
  const { items: _items, properties: _properties, ...open } = plain;
  if (!isUntyped) return open;
  const { type: _type, ...untyped } = open;
  return untyped;
}

/** Only what cannot be null can be asked for. */
function withRequired({ required, properties, additionalProperties }: Schema): {
  required?: readonly string[];
} {
  if (required === undefined) return {};
  if (typeof additionalProperties === "object" && additionalProperties.nullable === true)
    return { required: [] };
  return { required: required.filter((name) => propertyOf(properties, name)?.nullable !== true) };
}

function propertyOf(properties: Schema["properties"], name: string): Schema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}
