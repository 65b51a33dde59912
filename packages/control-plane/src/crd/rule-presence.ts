import type { Schema } from "@capstan/kube";

const known = new WeakMap<Schema, boolean>();

/** Whether a schema carries validation rules anywhere. */
export function hasRules(schema: Schema): boolean {
  let found = known.get(schema);
  if (found === undefined) {
    found = search(schema);
    known.set(schema, found);
  }
  return found;
}

function search(schema: Schema): boolean {
  if (schema.validations && schema.validations.length > 0) return true;
  if (schema.items && search(schema.items)) return true;
  if (typeof schema.additionalProperties === "object" && search(schema.additionalProperties)) return true;
  if (schema.allOf?.some(search)) return true;
  return Object.values(schema.properties ?? {}).some(search);
}
