type Fields = Record<string, unknown>;

/**
 * Whether two JSON values are the same data; the order of keys does not matter, and a member that is
 * `undefined` counts as absent.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  return !Array.isArray(b) && equalFields(a as Fields, b as Fields);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!deepEqual(a[at], b[at])) return false;
  return true;
}

function equalFields(a: Fields, b: Fields): boolean {
  let present = 0;
  for (const key in a) {
    const value = a[key];
    if (value === undefined) continue;
    present++;
    if (!Object.hasOwn(b, key) || !deepEqual(value, b[key])) return false;
  }
  for (const key in b) if (b[key] !== undefined) present--;
  return present === 0;
}

/** A copy of JSON data that shares nothing with the original. Members that are `undefined` are dropped. */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = new Array<unknown>(value.length);
    for (let at = 0; at < items.length; at++) items[at] = copy(value[at]);
    return items;
  }
  const fields: Fields = {};
  for (const key in value) {
    const member = (value as Fields)[key];
    if (member === undefined) continue;
    if (key === "__proto__") {
      Object.defineProperty(fields, key, {
        value: copy(member),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else fields[key] = copy(member);
  }
  return fields;
}

/** Makes JSON data unchangeable all the way down, in place, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
