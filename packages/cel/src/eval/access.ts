import { toNative } from "../value/adapt.js";
import { equal } from "../value/compare.js";
import { CelList, CelMap, CelObject, normalKey } from "../value/container.js";
import { EvalFailure, noSuchOverload, Optional, type Result, type Value } from "../value/value.js";

function noSuchKey(key: Value): EvalFailure {
  return new EvalFailure(`no such key: ${String(toNative(key))}`);
}

/** `operand.field`. An optional operand gives an optional. */
export function selectField(operand: Value, field: string): Result {
  if (operand instanceof CelObject) {
    const found = operand.get(field);
    return found === undefined ? new EvalFailure(`no such key: ${field}`) : found;
  }
  if (operand instanceof CelMap) {
    const found = operand.find(field);
    return found === undefined ? noSuchKey(field) : found;
  }
  if (operand instanceof Optional)
    return operand.value === undefined ? operand : optionalField(operand.value, field);
  return noSuchOverload();
}

/** `operand.?field`: absent where the field is not set. */
export function optionalField(operand: Value, field: string): Result {
  if (operand instanceof Optional)
    return operand.value === undefined ? operand : optionalField(operand.value, field);
  if (operand instanceof CelObject)
    return operand.has(field) ? new Optional(operand.get(field)) : Optional.none;
  if (operand instanceof CelMap) {
    const found = operand.find(field);
    return found === undefined ? Optional.none : new Optional(found);
  }
  return noSuchOverload();
}

/** `has(operand.field)`. */
export function hasField(operand: Value, field: string): Result {
  if (operand instanceof CelObject) return operand.has(field);
  if (operand instanceof CelMap) return operand.find(field) !== undefined;
  if (operand instanceof Optional)
    return operand.value === undefined ? false : hasField(operand.value, field);
  return noSuchOverload();
}

/** The position a value means in a list; undefined when it is not a whole number. */
function listIndex(key: Value): number | bigint | undefined {
  const normal = normalKey(key);
  return typeof normal === "number" || typeof normal === "bigint" ? normal : undefined;
}

/** `operand[key]`. An optional operand gives an optional. */
export function indexInto(operand: Value, key: Value): Result {
  if (operand instanceof CelMap) {
    const found = operand.find(key);
    if (found !== undefined) return found;
    return normalKey(key) === undefined ? noSuchOverload() : noSuchKey(key);
  }
  if (operand instanceof CelList) {
    const index = listIndex(key);
    if (index === undefined) return noSuchOverload();
    if (index < 0 || index >= operand.size) return new EvalFailure(`index out of bounds: ${index}`);
    return operand.at(Number(index));
  }
  if (operand instanceof CelObject && typeof key === "string") return selectField(operand, key);
  if (operand instanceof Optional)
    return operand.value === undefined ? operand : optionalIndex(operand.value, key);
  return noSuchOverload();
}

/** `operand[?key]`: absent where there is no such element. */
export function optionalIndex(operand: Value, key: Value): Result {
  if (operand instanceof Optional)
    return operand.value === undefined ? operand : optionalIndex(operand.value, key);
  if (operand instanceof CelMap) {
    const found = operand.find(key);
    return found === undefined ? Optional.none : new Optional(found);
  }
  if (operand instanceof CelList) {
    const index = listIndex(key);
    if (index === undefined) return noSuchOverload();
    return index < 0 || index >= operand.size ? Optional.none : new Optional(operand.at(Number(index)));
  }
  if (operand instanceof CelObject && typeof key === "string") return optionalField(operand, key);
  return noSuchOverload();
}

/** `value in container`. */
export function contains(value: Value, container: Value): Result {
  if (container instanceof CelMap) return container.find(value) !== undefined;
  if (!(container instanceof CelList)) return noSuchOverload();
  for (let index = 0; index < container.size; index += 1) {
    if (equal(value, container.at(index))) return true;
  }
  return false;
}
