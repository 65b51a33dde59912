import { type CelType, dynType, firstParam, valueParam } from "../types.js";
import { adapt } from "./adapt.js";
import { compareText, equal } from "./compare.js";
import { ArrayList, CelList, CelMap, CelObject } from "./container.js";
import { CelDouble, CelUint } from "./number.js";
import { equalFields } from "./struct.js";
import { parseDuration, parseTimestamp } from "./time.js";
import { EvalFailure, type Value } from "./value.js";

/** Types whose JSON data is read by a rule of its own. */
export interface NativeReader {
  readNative(raw: unknown): Value;
}

function hasReader(type: CelType): type is CelType & NativeReader {
  return "readNative" in type;
}

/** Whether data may hold other types than JSON has: bytes, times, doubles written as integers. */
function isPlain(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "any" || type.kind === "typeParam";
}

/**
 * Reads plain data as a value of a declared type: numbers of a double as doubles, base64 text of bytes
 * as bytes, RFC 3339 text of a timestamp as timestamp, and so on inside containers. Data that does not
 * fit the type is read for what it is.
 */
export function adaptAs(raw: unknown, type: CelType): Value {
  if (raw === null || raw === undefined) return null;
  switch (type.kind) {
    case "double":
      return typeof raw === "number" ? new CelDouble(raw) : adapt(raw);
    case "uint":
      return typeof raw === "number" && Number.isSafeInteger(raw) && raw >= 0
        ? new CelUint(BigInt(raw))
        : adapt(raw);
    case "bytes":
      return typeof raw === "string" ? new Uint8Array(Buffer.from(raw, "base64")) : adapt(raw);
    case "timestamp":
      return typeof raw === "string"
        ? parsedOr(parseTimestamp(/^\d{4}-\d{2}-\d{2}$/.test(raw) ? `${raw}T00:00:00Z` : raw), raw)
        : adapt(raw);
    case "duration":
      return typeof raw === "string" ? parsedOr(parseDuration(raw), raw) : adapt(raw);
    case "wrapper":
      return adaptAs(raw, firstParam(type));
    case "list":
    case "map":
    case "struct":
      return adaptContainer(raw, type);
    default:
      return adapt(raw);
  }
}

function parsedOr(parsed: Value | EvalFailure, raw: string): Value {
  return parsed instanceof EvalFailure ? raw : parsed;
}

function isRecord(raw: unknown): raw is Readonly<Record<string, unknown>> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return false;
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null;
}

function adaptContainer(raw: unknown, type: CelType): Value {
  if (hasReader(type)) return type.readNative(raw);
  if (Array.isArray(raw) && type.kind === "list")
    return isPlain(firstParam(type)) ? adapt(raw) : new TypedList(raw, type);
  if (!isRecord(raw)) return adapt(raw);
  if (type.kind === "map") return isPlain(valueParam(type)) ? adapt(raw) : new TypedMap(raw, type);
  return type.kind === "struct" ? new TypedObject(raw, type) : adapt(raw);
}

/** A list over plain JSON whose elements are read as the declared type. */
export class TypedList extends CelList {
  readonly raw: readonly unknown[];
  readonly type: CelType;

  constructor(raw: readonly unknown[], type: CelType) {
    super();
    this.raw = raw;
    this.type = type;
  }

  get size(): number {
    return this.raw.length;
  }

  at(index: number): Value {
    return adaptAs(this.raw[index], this.type.params[0] ?? dynType);
  }

  /** The elements read. */
  toArray(): ArrayList {
    return new ArrayList([...this]);
  }
}

/** A map over a plain JSON object whose values are read as the declared type. */
export class TypedMap extends CelMap {
  private readonly raw: Readonly<Record<string, unknown>>;
  private readonly type: CelType;

  constructor(raw: Readonly<Record<string, unknown>>, type: CelType) {
    super();
    this.raw = raw;
    this.type = type;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.raw, key)) return undefined;
    return adaptAs(this.raw[key], valueParam(this.type));
  }

  keys(): Iterable<Value> {
    return Object.keys(this.raw).sort(compareText);
  }
}

/** A struct type that names its fields differently in data, such as Kubernetes' escaped names. */
export interface FieldNaming {
  /** The name in data of a field; undefined when the type has no such field. */
  dataName(field: string): string | undefined;
  /** The field of a name in data. */
  fieldName(dataName: string): string | undefined;
}

function hasNaming(type: CelType): type is CelType & FieldNaming {
  return "dataName" in type;
}

/** An object over plain JSON whose fields are read as declared. */
export class TypedObject extends CelObject {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly type: CelType;

  constructor(raw: Readonly<Record<string, unknown>>, type: CelType) {
    super();
    this.raw = raw;
    this.type = type;
  }

  private key(field: string): string | undefined {
    const name = hasNaming(this.type) ? this.type.dataName(field) : field;
    return name !== undefined && Object.hasOwn(this.raw, name) ? name : undefined;
  }

  has(field: string): boolean {
    const name = this.key(field);
    return name !== undefined && this.type.fields?.get(field) !== undefined;
  }

  get(field: string): Value | undefined {
    const name = this.key(field);
    const type = this.type.fields?.get(field);
    return name === undefined || type === undefined ? undefined : adaptAs(this.raw[name], type);
  }

  *fieldNames(): Iterable<string> {
    for (const name of Object.keys(this.raw)) {
      const field = hasNaming(this.type) ? this.type.fieldName(name) : name;
      if (field !== undefined && this.type.fields?.get(field) !== undefined) yield field;
    }
  }

  equals(other: CelObject): boolean {
    return equalFields(this, other);
  }
}

/** Whether a list holds a value equal to `value`. */
export function includes(list: CelList, value: Value): boolean {
  for (const item of list) if (equal(item, value)) return true;
  return false;
}
