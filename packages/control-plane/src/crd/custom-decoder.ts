import type { KubeObject, Schema } from "@capstan/kube";
import { badRequest } from "../handler/errors.js";
import type { BodyDecoder } from "../registry/ports.js";
import { decodeObject } from "../schema/decode.js";
import { DecodeError } from "../schema/decode-error.js";
import { memberSchema, pruneObject } from "./prune.js";

const METADATA = "meta.v1.ObjectMeta";

/**
 * Decodes bodies of custom resources: metadata by its published type, all else by the schema. Drops, and
 * reports, what neither specifies; throws 400 for metadata of the wrong types.
 */
export const customBodyDecoder: BodyDecoder = {
  decode: (given, kind, live) => {
    const unknown: string[] = [];
    const metadata = decodeMetadata(given.metadata, "metadata", unknown, live?.metadata);
    if (hasEmbedded(kind.schema)) findEmbedded(given, kind.schema, "", unknown);
    const object = { ...given, metadata: metadata as KubeObject["metadata"] };
    const { object: kept, removed } = pruneObject(object, kind.schema);
    return { object: kept, unknown: [...removed.map((path) => `unknown field "${path}"`), ...unknown] };
  },
};

function decodeMetadata(metadata: unknown, path: string, unknown: string[], live?: unknown): unknown {
  try {
    const decoded = decodeObject(METADATA, metadata, live);
    for (const each of decoded.unknown)
      unknown.push(each.replace('unknown field "', `unknown field "${path}.`));
    return decoded.object;
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

/** Reports unknown metadata of the objects inside a value, as its schema marks them. */
function findEmbedded(value: unknown, schema: Schema, path: string, unknown: string[]): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items)
      for (const [index, item] of value.entries()) findEmbedded(item, items, `${path}[${index}]`, unknown);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const members = value as Readonly<Record<string, unknown>>;
  if (schema.embeddedResource && isMembers(members["metadata"])) {
    decodeMetadata(members["metadata"], `${path}.metadata`, unknown);
  }
  for (const name of Object.keys(members)) {
    const member = memberSchema(schema, name);
    if (typeof member === "object")
      findEmbedded(members[name], member, path === "" ? name : `${path}.${name}`, unknown);
  }
}

function isMembers(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const embedded = new WeakMap<Schema, boolean>();

/** Whether a schema marks objects inside the object; looked for once. */
function hasEmbedded(schema: Schema): boolean {
  let found = embedded.get(schema);
  if (found === undefined) {
    const { items, additionalProperties, properties } = schema;
    const parts = [items, additionalProperties, ...Object.values(properties ?? {})];
    found = parts.some(
      (part) => typeof part === "object" && (part.embeddedResource === true || hasEmbedded(part)),
    );
    embedded.set(schema, found);
  }
  return found;
}
