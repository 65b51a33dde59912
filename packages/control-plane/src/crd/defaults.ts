import { deepCopy, type KubeObject, type Schema } from "@capstan/kube";
import { define, memberSchema } from "./prune.js";

type Members = Readonly<Record<string, unknown>>;

/**
 * Fills absent fields, and nulls that may not be, with the defaults of `schema`; nulls that neither may
 * be nor have a default go. Goes on into what it filled in. Returns the object itself where nothing changes.
 */
export function applyDefaults(object: KubeObject, schema: Schema): KubeObject {
  return fill(object, schema) as KubeObject;
}

function fill(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return fillList(value, schema);
  if (typeof value !== "object" || value === null) return value;
  let filled: Record<string, unknown> | undefined;
  const { properties } = schema;
  for (const name in properties) {
    const member = properties[name];
    if (member?.default === undefined) continue;
    const members = value as Members;
    const missing = !Object.hasOwn(members, name) || (members[name] === null && !member.nullable);
    if (!missing) continue;
    filled ??= { ...members };
    define(filled, name, deepCopy(member.default));
  }
  const source: Members = filled ?? (value as Members);
  for (const name of Object.keys(source)) {
    const member = memberSchema(schema, name);
    if (member === undefined || member === true) continue;
    const before = source[name];
    if (before === null && !member.nullable && !member.preserveUnknownFields) {
      filled ??= { ...source };
      delete filled[name];
      continue;
    }
    const after = fill(before, member);
    if (after === before) continue;
    filled ??= { ...source };
    define(filled, name, after);
  }
  return filled ?? value;
}

function fillList(items: readonly unknown[], schema: Schema): unknown {
  const { items: element } = schema;
  if (!element) return items;
  let filled: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const after = fill(item, element);
    if (after === item) continue;
    filled ??= [...items];
    filled[index] = after;
  }
  return filled ?? items;
}
