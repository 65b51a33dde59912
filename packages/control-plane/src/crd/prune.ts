import type { KubeObject, Schema } from "@capstan/kube";

type Members = Readonly<Record<string, unknown>>;

/** What pruning left, and the paths of what it took away: `spec.foo`, in the order of the document. */
export interface Pruned {
  readonly object: KubeObject;
  readonly removed: readonly string[];
}

const IMPLICIT = new Set(["apiVersion", "kind", "metadata"]);

/**
 * Removes the fields that `schema` does not specify, except below `preserveUnknownFields`; type, kind
 * and metadata of the object and of embedded objects stay. Returns the object itself where all stays.
 */
export function pruneObject(object: KubeObject, schema: Schema): Pruned {
  const removed: string[] = [];
  const kept = prune(object, schema, true, "", removed);
  return { object: kept as KubeObject, removed };
}

function prune(
  value: unknown,
  schema: Schema,
  isResource: boolean,
  path: string,
  removed: string[],
): unknown {
  if (Array.isArray(value)) return pruneList(value, schema, path, removed);
  if (typeof value !== "object" || value === null) return value;
  const members = value as Members;
  let kept: Record<string, unknown> | undefined;
  for (const name of Object.keys(members)) {
    if (isResource && IMPLICIT.has(name)) continue;
    const member = memberSchema(schema, name);
    const here = path === "" ? name : `${path}.${name}`;
    if (member === undefined) {
      if (schema.preserveUnknownFields) continue;
      removed.push(here);
      kept ??= { ...members };
      delete kept[name];
    } else if (member !== true) {
      const before = members[name];
      const after = prune(before, member, member.embeddedResource === true, here, removed);
      if (after === before) continue;
      kept ??= { ...members };
      define(kept, name, after);
    }
  }
  return kept ?? value;
}

function pruneList(items: readonly unknown[], schema: Schema, path: string, removed: string[]): unknown {
  const { items: element } = schema;
  if (!element) return items;
  let kept: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const after = prune(item, element, element.embeddedResource === true, `${path}[${index}]`, removed);
    if (after === item) continue;
    kept ??= [...items];
    kept[index] = after;
  }
  return kept ?? items;
}

/** The schema of a member; `true` where anything goes, undefined where it is not specified. */
export function memberSchema(schema: Schema, name: string): Schema | true | undefined {
  const { properties, additionalProperties } = schema;
  if (properties && Object.hasOwn(properties, name)) return properties[name];
  if (additionalProperties === undefined || additionalProperties === false) return undefined;
  return additionalProperties;
}

/** Writes an own member, also under the name `__proto__`. */
export function define(members: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    members[name] = value;
  }
}
