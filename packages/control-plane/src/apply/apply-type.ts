import type { Schema } from "@capstan/kube";
import { OBJECT_META_SCHEMA } from "./object-meta.js";

export type ScalarKind = "numeric" | "string" | "boolean" | "untyped";

/** A list as apply sees it: one unit, a set of scalars, or items identified by keys. */
export interface ListType {
  readonly atomic: boolean;
  /** Empty for sets. */
  readonly keys: readonly string[];
  element(): ApplyType;
}

/** A map or struct as apply sees it. */
export interface MapType {
  readonly atomic: boolean;
  /** Whether nothing at all is declared about its members, so that types follow the values. */
  readonly deduced: boolean;
  /** Whether `name` is a declared field (other members are keys of a map). */
  declares(name: string): boolean;
  /** The type of a member; `undefined` where the schema does not allow it. */
  member(name: string): ApplyType | undefined;
  defaultOf(name: string): unknown;
}

/** What a value may be; several where the schema leaves the type open. */
export interface ApplyType {
  readonly scalar: ScalarKind | undefined;
  readonly list: ListType | undefined;
  readonly map: MapType | undefined;
}

/** Any value, taken as one unit. */
const UNTYPED: ApplyType = openType(true);

/** Any value: maps are owned key by key, lists as one unit. What an object without a schema is. */
const DEDUCED: ApplyType = openType(false);

function openType(atomicMaps: boolean): ApplyType {
  const type: ApplyType = {
    scalar: "untyped",
    list: { atomic: true, keys: [], element: () => (atomicMaps ? type : UNTYPED) },
    map: {
      atomic: atomicMaps,
      deduced: true,
      declares: () => false,
      member: () => type,
      defaultOf: () => undefined,
    },
  };
  return type;
}

const roots = new WeakMap<Schema, ApplyType>();

/** The type of objects of a kind: as `schema` says, with `metadata` always that of the API. */
export function applyTypeOf(schema: Schema | undefined): ApplyType {
  if (!schema) return DEDUCED;
  let type = roots.get(schema);
  if (!type) {
    type = convert(schema, false, true);
    roots.set(schema, type);
  }
  return type;
}

const OPEN_REFS = /(^|\.)(Quantity|RawExtension)$/;

function convert(schema: Schema, preserving: boolean, isObject: boolean): ApplyType {
  const named = schema.ref ? OPEN_REFS.exec(schema.ref)?.[2] : undefined;
  if (named === "Quantity") return scalarType("untyped");
  if (named === "RawExtension") return UNTYPED;
  const preserves = preserving || schema.preserveUnknownFields === true;
  switch (schema.intOrString ? undefined : schema.type) {
    case "object":
      return { scalar: undefined, list: undefined, map: convertMap(schema, preserves, isObject) };
    case "array":
      return { scalar: undefined, list: convertList(schema, preserves), map: undefined };
    case "integer":
    case "number":
      return scalarType("numeric");
    case "boolean":
      return scalarType("boolean");
    case "string":
      return scalarType(!schema.format || schema.format === "byte" ? "string" : "untyped");
    default:
      return {
        scalar: "untyped",
        list: convertList(schema, preserves),
        map: convertMap(schema, preserves, isObject),
      };
  }
}

const SCALARS: Readonly<Record<ScalarKind, ApplyType>> = {
  numeric: { scalar: "numeric", list: undefined, map: undefined },
  string: { scalar: "string", list: undefined, map: undefined },
  boolean: { scalar: "boolean", list: undefined, map: undefined },
  untyped: { scalar: "untyped", list: undefined, map: undefined },
};

function scalarType(scalar: ScalarKind): ApplyType {
  return SCALARS[scalar];
}

function convertList(schema: Schema, preserving: boolean): ListType {
  const { items, patchStrategy } = schema;
  const merges = schema.listType === undefined && patchStrategy?.includes("merge") === true;
  const keys = schema.listMapKeys ?? (merges && schema.patchMergeKey ? [schema.patchMergeKey] : []);
  let element: ApplyType | undefined;
  return {
    atomic: merges ? false : schema.listType === undefined || schema.listType === "atomic",
    keys: schema.listType === "set" ? [] : keys,
    element(): ApplyType {
      element ??= items ? convert(items, preserving, false) : UNTYPED;
      return element;
    },
  };
}

function convertMap(schema: Schema, preserving: boolean, isObject: boolean): MapType {
  const declared = declaredFields(schema, isObject);
  const open = openElement(schema, preserving, declared.size === 0);
  const types = new Map<string, ApplyType>();
  let element: ApplyType | undefined;
  return {
    atomic: schema.mapType === "atomic",
    deduced: declared.size === 0 && open === DEDUCED,
    declares: (name) => declared.has(name),
    member(name): ApplyType | undefined {
      const known = types.get(name);
      if (known) return known;
      const field = declared.get(name);
      if (!field) {
        if (open === undefined || open === DEDUCED) return open as ApplyType | undefined;
        element ??= convert(open as Schema, preserving, false);
        return element;
      }
      const type = convert(field, preserving, false);
      types.set(name, type);
      return type;
    },
    defaultOf: (name) => declared.get(name)?.default,
  };
}

function openElement(schema: Schema, preserving: boolean, bare: boolean): Schema | ApplyType | undefined {
  const { additionalProperties } = schema;
  if (additionalProperties === undefined) return preserving || bare ? DEDUCED : undefined;
  if (additionalProperties === true) return DEDUCED;
  return additionalProperties === false ? undefined : additionalProperties;
}

function declaredFields(schema: Schema, isObject: boolean): ReadonlyMap<string, Schema> {
  const fields = new Map(Object.entries(schema.properties ?? {}));
  if (isObject || schema.embeddedResource) {
    if (!fields.has("apiVersion")) fields.set("apiVersion", { type: "string" });
    if (!fields.has("kind")) fields.set("kind", { type: "string" });
    fields.set("metadata", OBJECT_META_SCHEMA);
  }
  return fields;
}

/** The part of `type` that `value` is; the whole of it where the value fits none or is null. */
export function deduce(type: ApplyType, value: unknown): ApplyType {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return type.scalar ? (type.list || type.map ? scalarType(type.scalar) : type) : type;
    case "object":
      if (value === null) return type;
      if (Array.isArray(value)) {
        return type.list && (type.scalar || type.map) ? listOnly(type.list) : type;
      }
      return type.map && (type.scalar || type.list) ? mapOnly(type.map) : type;
    default:
      return type;
  }
}

const listParts = new WeakMap<ListType, ApplyType>();
const mapParts = new WeakMap<MapType, ApplyType>();

function listOnly(list: ListType): ApplyType {
  let part = listParts.get(list);
  if (!part) {
    part = { scalar: undefined, list, map: undefined };
    listParts.set(list, part);
  }
  return part;
}

function mapOnly(map: MapType): ApplyType {
  let part = mapParts.get(map);
  if (!part) {
    part = { scalar: undefined, list: undefined, map };
    mapParts.set(map, part);
  }
  return part;
}
