import type { Schema } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import { memberSchema } from "./prune.js";

/** What is wrong with type and metadata of objects embedded in `value`, as `schema` marks them. */
export function embeddedResourceErrors(value: unknown, schema: Schema): FieldError[] {
  const errors: FieldError[] = [];
  visit(value, schema, "", true, errors);
  return errors;
}

function visit(value: unknown, schema: Schema, path: string, isRoot: boolean, errors: FieldError[]): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items)
      for (const [index, item] of value.entries()) visit(item, items, `${path}[${index}]`, false, errors);
    return;
  }
  const members = value as Record<string, unknown>;
  if (schema.embeddedResource && !isRoot) checkEmbedded(members, path, errors);
  for (const name of Object.keys(members)) {
    const member = memberSchema(schema, name);
    if (member === undefined || member === true) continue;
    const declared = schema.properties && Object.hasOwn(schema.properties, name);
    visit(members[name], member, declared ? join(path, name) : `${path}[${name}]`, false, errors);
  }
}

function checkEmbedded(members: Record<string, unknown>, path: string, errors: FieldError[]): void {
  for (const name of ["apiVersion", "kind"]) {
    const field = join(path, name);
    const value = members[name];
    if (value === undefined) errors.push({ type: "Required value", field, detail: "" });
    else if (typeof value !== "string")
      errors.push({ type: "Invalid value", field, detail: "must be a string", value });
    else if (value === "") errors.push({ type: "Invalid value", field, detail: "must not be empty", value });
  }
  const { metadata } = members;
  if (
    metadata !== undefined &&
    (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
  ) {
    errors.push({
      type: "Invalid value",
      field: join(path, "metadata"),
      detail: "must be an object",
      value: metadata,
    });
  }
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
