import type { Schema } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import { memberSchema } from "./prune.js";

/** The items of set and map lists that occur more than once, with the messages of the Kubernetes API. */
export function duplicateItems(value: unknown, schema: Schema): FieldError[] {
  const errors: FieldError[] = [];
  visit(value, schema, "", errors);
  return errors;
}

function visit(value: unknown, schema: Schema, path: string, errors: FieldError[]): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    if (schema.listType === "set") findDuplicates(value, path, errors, (item) => item);
    if (schema.listType === "map") findOthers(value, path, errors);
    if (schema.listType === "map") findDuplicates(value, path, errors, (item) => keysOf(item, schema));
    const { items } = schema;
    if (items) for (const [index, item] of value.entries()) visit(item, items, `${path}[${index}]`, errors);
    return;
  }
  for (const name of Object.keys(value)) {
    const member = memberSchema(schema, name);
    if (member === undefined || member === true) continue;
    const declared = schema.properties && Object.hasOwn(schema.properties, name);
    const step = declared ? (path === "" ? name : `.${name}`) : `[${name}]`;
    visit((value as Record<string, unknown>)[name], member, path + step, errors);
  }
}

function findDuplicates(
  items: readonly unknown[],
  path: string,
  errors: FieldError[],
  identify: (item: unknown) => unknown,
): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const identity = identify(item);
    if (identity === undefined) continue;
    const text = canonical(identity);
    if (seen.has(text)) {
      errors.push({ type: "Duplicate value", field: `${path}[${index}]`, detail: "", value: identity });
    }
    seen.add(text);
  }
}

function findOthers(items: readonly unknown[], path: string, errors: FieldError[]): void {
  for (const [index, item] of items.entries()) {
    if (item === null || (typeof item === "object" && !Array.isArray(item))) continue;
    const detail = "must be an object for an array of list-type map";
    errors.push({ type: "Invalid value", field: `${path}[${index}]`, detail, value: item });
  }
}

function keysOf(item: unknown, schema: Schema): unknown {
  if (typeof item !== "object" || item === null) return undefined;
  const keys: Record<string, unknown> = {};
  for (const key of [...(schema.listMapKeys ?? [])].sort()) {
    if (Object.hasOwn(item, key)) keys[key] = (item as Record<string, unknown>)[key];
  }
  return keys;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = value as Record<string, unknown>;
  const names = Object.keys(members).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`).join(",")}}`;
}
