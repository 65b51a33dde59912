import type { Schema } from "@capstan/kube";

/** The members of a schema that definitions, OpenAPI and `Schema` spell the same and hold as plain data. */
export const PLAIN_FIELDS = [
  "description",
  "title",
  "type",
  "format",
  "default",
  "enum",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "example",
  "externalDocs",
] as const satisfies readonly (keyof Schema)[];
