import { compareQuantity, parseQuantity, QuantityError } from "@capstan/kube";

/**
 * Whether two values mean the same to Kubernetes: absent, null, empty lists and empty objects are one, and
 * quantities under `requests`, `limits` and the like compare by amount.
 */
export function semanticEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, false);
}

const quantityFields = new Set([
  "requests",
  "limits",
  "overhead",
  "capacity",
  "allocatable",
  "sizeLimit",
  "divisor",
]);

function equal(a: unknown, b: unknown, quantities: boolean): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return quantities && equalQuantities(a, b);
  }
  if (Array.isArray(a) || Array.isArray(b)) return equalLists(a, b);
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const x = Object.hasOwn(left, key) ? left[key] : undefined;
    const y = Object.hasOwn(right, key) ? right[key] : undefined;
    if (!equal(x, y, quantities || quantityFields.has(key))) return false;
  }
  return true;
}

function equalLists(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item, at) => equal(item, b[at], false));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== "object") return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function equalQuantities(a: unknown, b: unknown): boolean {
  const scalar = (value: unknown): value is string | number =>
    typeof value === "string" || typeof value === "number";
  if (!scalar(a) || !scalar(b)) return false;
  try {
    return compareQuantity(parseQuantity(a), parseQuantity(b)) === 0;
  } catch (error) {
    // What is no quantity can only be equal as text, which it was not.
    if (error instanceof QuantityError) return false;
    throw error;
  }
}
