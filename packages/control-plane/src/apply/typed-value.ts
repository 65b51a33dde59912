import type { ListType } from "./apply-type.js";
import type { Step } from "./field-set.js";
import { keyStep, valueStep } from "./path-step.js";

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value that does not fit its type; `path` is grown on the way up. */
export class TypedError extends Error {
  override readonly name = "TypedError";
}

/** Reads an own member; inherited names count as absent. */
export function member(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Writes an own member, also under the name `__proto__`. */
export function setMember(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    fields[name] = value;
  }
}

/** Equality of JSON values; the order of members does not count. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !sameValue((a as Fields)[key], (b as Fields)[key])) return false;
  }
  return true;
}

/**
 * The step that identifies an item of a set or keyed list. Key members that are absent take the
 * default that the schema gives them. Throws `TypedError` for an item that cannot be identified.
 */
export function itemStep(list: ListType, item: unknown): Step {
  if (list.keys.length === 0) return setItemStep(item);
  if (item === null) throw new TypedError("associative list with keys may not have a null element");
  if (!isFields(item)) throw new TypedError("associative list with keys may not have non-map elements");
  const members: (readonly [string, unknown])[] = [];
  for (const key of list.keys) {
    const value = Object.hasOwn(item, key) ? item[key] : list.element().map?.defaultOf(key);
    if (value !== undefined) members.push([key, value]);
  }
  if (members.length === 0) {
    const keys = `[${list.keys.map((key) => JSON.stringify(key)).join(" ")}]`;
    throw new TypedError(
      `associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`,
    );
  }
  return keyStep(members);
}

function setItemStep(item: unknown): Step {
  if (item === null)
    throw new TypedError("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new TypedError("not supported: associative list with lists as elements");
  if (typeof item === "object") {
    throw new TypedError("associative list without keys has an element that's a map type");
  }
  return valueStep(item);
}

/** Steps of all items of a list, named by position where one cannot be identified. */
export function itemSteps(list: ListType, items: readonly unknown[]): Step[] {
  return items.map((item, index) => {
    try {
      return itemStep(list, item);
    } catch (error) {
      if (error instanceof TypedError) throw new TypedError(`element ${index}: ${error.message}`);
      throw error;
    }
  });
}
