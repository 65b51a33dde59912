import type { CelType } from "../types.js";
import { CelDouble, CelUint, normalizeInt } from "./number.js";
import type { Value } from "./value.js";

/** The most elements a list built by an expression may have. */
export const maxListSize = 1_000_000;

/** A list, read only. */
export abstract class CelList {
  abstract readonly size: number;
  /** The element at an index within [0, size). */
  abstract at(index: number): Value;

  *[Symbol.iterator](): Iterator<Value> {
    for (let index = 0; index < this.size; index += 1) yield this.at(index);
  }
}

/** A list of values. `growing` marks the hidden list that a macro appends to. */
export class ArrayList extends CelList {
  readonly items: Value[];
  growing: boolean;

  constructor(items: Value[], growing = false) {
    super();
    this.items = items;
    this.growing = growing;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): Value {
    return this.items[index] ?? null;
  }
}

/** A map, read only. */
export abstract class CelMap {
  abstract readonly size: number;
  /** The value of a key; undefined when absent or when no key can be of that type. */
  abstract find(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;
}

type NormalKey = string | number | bigint | boolean;

/** The form in which keys are compared: numbers of all types by value. Undefined for what cannot be a key. */
export function normalKey(key: Value): NormalKey | undefined {
  switch (typeof key) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return key;
    default:
      if (key instanceof CelUint) return normalizeInt(key.value) ?? key.value;
      if (key instanceof CelDouble && Number.isInteger(key.value)) {
        return normalizeInt(BigInt(key.value)) ?? BigInt(key.value);
      }
      return undefined;
  }
}

/** A map of values. `growing` marks the hidden map that a macro inserts into. */
export class EntryMap extends CelMap {
  private readonly entries = new Map<NormalKey, readonly [Value, Value]>();
  growing: boolean;

  constructor(growing = false) {
    super();
    this.growing = growing;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Adds an entry; false when the key is already there or cannot be a key. */
  add(key: Value, value: Value): boolean {
    const normal = normalKey(key);
    if (normal === undefined || this.entries.has(normal)) return false;
    this.entries.set(normal, [key, value]);
    return true;
  }

  find(key: Value): Value | undefined {
    const normal = normalKey(key);
    return normal === undefined ? undefined : this.entries.get(normal)?.[1];
  }

  *keys(): Iterable<Value> {
    for (const [key] of this.entries.values()) yield key;
  }
}

/** A value of a type with named fields. */
export abstract class CelObject {
  abstract readonly type: CelType;
  /** Whether the field is set, as `has(x.field)` asks. */
  abstract has(field: string): boolean;
  /** The field's value; undefined when it is not set and has no default. */
  abstract get(field: string): Value | undefined;
  /** The names of the fields that are set. */
  abstract fieldNames(): Iterable<string>;
  abstract equals(other: CelObject): boolean;
}
