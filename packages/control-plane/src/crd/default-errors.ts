import { deepEqual, type Schema } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import { duplicateItems } from "./list-uniqueness.js";
import { pruneObject } from "./prune.js";
import { valueValidator } from "./value-validator.js";

/** Defaults that the schema itself would refuse, or that name fields it does not specify. */
export function defaultErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  visit(schema, path, errors);
  return errors;
}

function visit(schema: Schema, path: string, errors: FieldError[]): void {
  if (schema.default !== undefined) checkDefault(schema, `${path}.default`, errors);
  if (schema.items) visit(schema.items, `${path}.items`, errors);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    visit(property, `${path}.properties[${name}]`, errors);
  }
  if (typeof schema.additionalProperties === "object")
    visit(schema.additionalProperties, `${path}.additionalProperties`, errors);
}

function checkDefault(schema: Schema, path: string, errors: FieldError[]): void {
  const { default: value } = schema;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const { object } = pruneObject(value as Parameters<typeof pruneObject>[0], {
      ...schema,
      embeddedResource: false,
    });
    if (!schema.embeddedResource && !deepEqual(object, value)) {
      errors.push({ type: "Invalid value", field: path, detail: "must not have unknown fields", value });
      return;
    }
  }
  for (const error of [...valueValidator(schema)(value), ...duplicateItems(value, schema)]) {
    const { field } = error;
    errors.push({ ...error, field: field === "<nil>" ? path : `${path}.${field.replace(/^\./, "")}` });
  }
}
