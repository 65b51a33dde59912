import type { Schema } from "@capstan/kube";
import {
  boolType,
  bytesType,
  CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  stringType,
  timestampType,
} from "../types.js";
import { adapt } from "../value/adapt.js";
import type { FieldNaming, NativeReader } from "../value/typed.js";
import { TypedList } from "../value/typed.js";
import type { Value } from "../value/value.js";
import { escapeProperty } from "./escape.js";
import { MapKeyList, SetList } from "./schema-list.js";

/** The largest request the API accepts, which bounds every unbounded list and text. */
const maxRequestSize = 3 * 1024 * 1024;

/** An object type of a schema: fields under their escaped names. */
class SchemaObjectType extends CelType implements FieldNaming {
  private readonly dataNames: ReadonlyMap<string, string>;

  constructor(name: string, fields: ReadonlyMap<string, CelType>, dataNames: ReadonlyMap<string, string>) {
    super("struct", name, [], fields, 0);
    this.dataNames = dataNames;
  }

  dataName(field: string): string | undefined {
    return this.dataNames.get(field);
  }

  fieldName(dataName: string): string | undefined {
    return escapeProperty(dataName);
  }
}

/** A list type that says how its lists compare and join. */
class SchemaListType extends CelType implements NativeReader {
  private readonly schema: Schema;

  constructor(element: CelType, maxElements: number, schema: Schema) {
    super("list", "list", [element], undefined, maxElements);
    this.schema = schema;
  }

  readNative(raw: unknown): Value {
    if (!Array.isArray(raw)) return adapt(raw);
    if (this.schema.listType === "set") return new SetList(raw, this);
    if (this.schema.listType === "map") return new MapKeyList(raw, this, this.schema.listMapKeys ?? []);
    return new TypedList(raw, this);
  }
}

/** A type and the fewest bytes that a value of it takes in JSON. */
interface Sized {
  readonly type: CelType;
  readonly minSize: number;
}

const sized = (base: CelType, maxElements: number, minSize: number): Sized => ({
  type: new CelType(base.kind, base.name, base.params, base.fields, maxElements),
  minSize,
});

export interface SchemaTypeOptions {
  /** The schema is that of a whole object: `apiVersion`, `kind`, `metadata.name` and `metadata.generateName` are added. */
  readonly resourceRoot?: boolean;
  /** The name of the root type; nested types are named after their path. Default `object`. */
  readonly name?: string;
}

/**
 * The CEL type of a structural schema, as Kubernetes declares `self`: objects with their properties
 * under escaped names, what is not declared invisible; sizes bounded by `maxItems`, `maxProperties`,
 * `maxLength`, or else by the largest request. Undefined for a schema without a type.
 */
export function schemaType(schema: Schema, options: SchemaTypeOptions = {}): CelType | undefined {
  return convert(schema, options.resourceRoot === true, options.name ?? "object", 0)?.type;
}

function convert(schema: Schema, isResource: boolean, name: string, depth: number): Sized | undefined {
  if (depth > 100) return undefined;
  if (schema.intOrString === true) {
    return sized(dynType, schema.maxLength === undefined ? maxRequestSize - 2 : schema.maxLength * 4, 1);
  }
  switch (isResource ? "object" : schema.type) {
    case "array":
      return convertList(schema, name, depth);
    case "object":
      return convertObject(isResource ? withObjectMeta(schema) : schema, name, depth);
    case "string":
      return convertString(schema);
    case "boolean":
      return sized(boolType, 0, 4);
    case "number":
      return sized(doubleType, 0, 1);
    case "integer":
      return sized(intType, 0, 1);
    default:
      return undefined;
  }
}

function convertList(schema: Schema, name: string, depth: number): Sized | undefined {
  const { items } = schema;
  const element = items && convert(items, items.embeddedResource === true, `${name}.@idx`, depth + 1);
  if (element === undefined) return undefined;
  const maxItems = schema.maxItems ?? Math.floor((maxRequestSize - 2) / (element.minSize + 1));
  return { type: new SchemaListType(element.type, Math.max(0, maxItems), schema), minSize: 2 };
}

function convertObject(schema: Schema, name: string, depth: number): Sized | undefined {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === "object") {
    const value = convert(
      additionalProperties,
      additionalProperties.embeddedResource === true,
      `${name}.@elem`,
      depth + 1,
    );
    if (value === undefined) return undefined;
    const most = schema.maxProperties ?? Math.floor((maxRequestSize - 2) / (value.minSize + 6));
    const key = new CelType("string", "string", [], undefined, 0);
    return { type: new CelType("map", "map", [key, value.type], undefined, Math.max(0, most)), minSize: 2 };
  }
  const fields = new Map<string, CelType>();
  const dataNames = new Map<string, string>();
  const required = new Set(schema.required ?? []);
  let minSize = 2;
  for (const [property, inner] of Object.entries(schema.properties ?? {})) {
    const field = escapeProperty(property);
    const converted = convert(
      inner,
      inner.embeddedResource === true,
      `${name}.${field ?? property}`,
      depth + 1,
    );
    if (converted === undefined) continue;
    if (field !== undefined) {
      fields.set(field, converted.type);
      dataNames.set(field, property);
    }
    if (required.has(property) && inner.default === undefined)
      minSize += property.length + converted.minSize + 4;
  }
  return { type: new SchemaObjectType(name, fields, dataNames), minSize };
}

function withObjectMeta(schema: Schema): Schema {
  const text: Schema = { type: "string" };
  return {
    ...schema,
    type: "object",
    properties: {
      ...schema.properties,
      kind: text,
      apiVersion: text,
      metadata: { type: "object", properties: { name: text, generateName: text } },
    },
  };
}

function convertString(schema: Schema): Sized {
  const unbounded = maxRequestSize - 2;
  switch (schema.format) {
    case "byte":
      return sized(bytesType, schema.maxLength ?? unbounded, 2);
    case "duration":
      return sized(durationType, 32, 3);
    case "date":
      return sized(timestampType, 12, 12);
    case "date-time":
      return sized(timestampType, 32, 21);
    default:
      return sized(stringType, maxTextLength(schema) ?? unbounded, 2);
  }
}

function maxTextLength(schema: Schema): number | undefined {
  if (schema.maxLength !== undefined) return Math.max(0, schema.maxLength) * 4;
  if (schema.enum === undefined || schema.enum.length === 0) return undefined;
  return Math.max(
    0,
    ...schema.enum.map((value) => (typeof value === "string" ? Buffer.byteLength(value) : 0)),
  );
}
