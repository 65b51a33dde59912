import { CelType } from "../types.js";
import { CelList, CelMap, CelObject } from "./container.js";
import { CelDouble, CelUint, normalizeInt } from "./number.js";
import { Duration, Timestamp } from "./time.js";
import { Opaque, Optional, type Value } from "./value.js";

/** A list over plain JSON; elements become values when read. */
export class NativeList extends CelList {
  readonly raw: readonly unknown[];

  constructor(raw: readonly unknown[]) {
    super();
    this.raw = raw;
  }

  get size(): number {
    return this.raw.length;
  }

  at(index: number): Value {
    return adapt(this.raw[index]);
  }
}

/** A map over a plain JSON object; values become values when read. */
export class NativeMap extends CelMap {
  readonly raw: Readonly<Record<string, unknown>>;

  constructor(raw: Readonly<Record<string, unknown>>) {
    super();
    this.raw = raw;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.raw, key)) return undefined;
    return adapt(this.raw[key]);
  }

  keys(): Iterable<Value> {
    return Object.keys(this.raw);
  }
}

/**
 * Reads plain data as a value: a safe integer is an int, any other number a double, a bigint an int,
 * arrays and objects become lists and maps without being copied, `undefined` is null. What already is
 * a value stays as it is.
 */
export function adapt(raw: unknown): Value {
  switch (typeof raw) {
    case "string":
    case "boolean":
      return raw;
    case "number":
      if (Number.isSafeInteger(raw)) return raw === 0 ? 0 : raw;
      return new CelDouble(raw);
    case "bigint":
      return normalizeInt(raw) ?? new CelDouble(Number(raw));
    case "object":
      return raw === null ? null : adaptObject(raw);
    default:
      return null;
  }
}

function adaptObject(raw: object): Value {
  if (Array.isArray(raw)) return new NativeList(raw);
  if (isValueObject(raw)) return raw;
  if (raw instanceof Date) return Timestamp.fromMillis(raw.getTime());
  return new NativeMap(raw as Readonly<Record<string, unknown>>);
}

function isValueObject(raw: object): raw is Exclude<Value, null | string | number | bigint | boolean> {
  return (
    raw instanceof CelDouble ||
    raw instanceof CelUint ||
    raw instanceof Uint8Array ||
    raw instanceof CelList ||
    raw instanceof CelMap ||
    raw instanceof CelObject ||
    raw instanceof Timestamp ||
    raw instanceof Duration ||
    raw instanceof CelType ||
    raw instanceof Optional ||
    raw instanceof Opaque
  );
}

/**
 * The plain data of a value: ints as number (bigint beyond 2^53), doubles as number, lists and maps as
 * arrays and objects, timestamps and durations as text, bytes as they are, an empty optional as null.
 */
export function toNative(value: Value): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof CelDouble) return value.value;
  if (value instanceof CelUint) return normalizeInt(value.value) ?? value.value;
  if (value instanceof CelList) return [...value].map(toNative);
  if (value instanceof CelMap) {
    return Object.fromEntries(
      [...value.keys()].map((key) => [String(toNative(key)), toNative(value.find(key) ?? null)]),
    );
  }
  if (value instanceof CelObject) {
    return Object.fromEntries(
      [...value.fieldNames()].map((name) => [name, toNative(value.get(name) ?? null)]),
    );
  }
  if (value instanceof Optional) return value.value === undefined ? null : toNative(value.value);
  if (value instanceof Timestamp || value instanceof Duration) return value.toString();
  return value instanceof CelType ? value.name : value;
}
