import type { FunctionDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { add } from "../eval/arithmetic.js";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  intType,
  listType,
  stringType,
  timestampType,
  typeParam,
  uintType,
} from "../types.js";
import { equal, order } from "../value/compare.js";
import { CelList } from "../value/container.js";
import { CelDouble, CelUint } from "../value/number.js";
import { Duration } from "../value/time.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { declare, method } from "./declare.js";

const A = typeParam("A");

const summable: readonly (readonly [string, CelType, () => Result])[] = [
  ["int", intType, () => 0],
  ["uint", uintType, () => new CelUint(0n)],
  ["double", doubleType, () => new CelDouble(0)],
  ["duration", durationType, () => Duration.of(0n)],
];
const ordered: readonly (readonly [string, CelType])[] = [
  ["int", intType],
  ["uint", uintType],
  ["double", doubleType],
  ["bool", boolType],
  ["duration", durationType],
  ["timestamp", timestampType],
  ["string", stringType],
  ["bytes", bytesType],
];

function isSorted(list: Value = null): Result {
  if (!(list instanceof CelList)) return noSuchOverload();
  let previous: Value | undefined;
  for (const item of list) {
    if (previous !== undefined) {
      const result = order(previous, item);
      if (result === undefined) return noSuchOverload();
      if (typeof result === "number" && result > 0) return false;
    }
    previous = item;
  }
  return true;
}

function sum(start: () => Result): (list?: Value) => Result {
  return (list = null) => {
    if (!(list instanceof CelList)) return noSuchOverload();
    let total = start();
    for (const item of list) {
      if (total instanceof EvalFailure) return total;
      total = add(total, item);
    }
    return total;
  };
}

function extreme(name: string, sign: number): (list?: Value) => Result {
  return (list = null) => {
    if (!(list instanceof CelList)) return noSuchOverload();
    let best: Value | undefined;
    for (const item of list) {
      const result = best === undefined ? 1 : order(item, best);
      if (result === undefined) return noSuchOverload();
      if (best === undefined || (typeof result === "number" && result * sign > 0)) best = item;
    }
    return best === undefined ? new EvalFailure(`${name} called on empty list`) : best;
  };
}

function position(last: boolean): (list?: Value, item?: Value) => Result {
  return (list = null, item = null) => {
    if (!(list instanceof CelList)) return noSuchOverload();
    for (let step = 0; step < list.size; step += 1) {
      const index = last ? list.size - 1 - step : step;
      if (equal(list.at(index), item)) return index;
    }
    return -1;
  };
}

const functions: readonly FunctionDecl[] = [
  declare(
    "isSorted",
    ...ordered.map(([name, type]) =>
      method(`list_${name}_is_sorted_bool`, [listType(type)], boolType, isSorted),
    ),
  ),
  declare(
    "sum",
    ...summable.map(([name, type, start]) =>
      method(`list_${name}_sum_${name}`, [listType(type)], type, sum(start)),
    ),
  ),
  declare(
    "max",
    ...ordered.map(([name, type]) =>
      method(`list_${name}_max_${name}`, [listType(type)], type, extreme("max", 1)),
    ),
  ),
  declare(
    "min",
    ...ordered.map(([name, type]) =>
      method(`list_${name}_min_${name}`, [listType(type)], type, extreme("min", -1)),
    ),
  ),
  declare("indexOf", method("list_a_index_of_int", [listType(A), A], intType, position(false))),
  declare("lastIndexOf", method("list_a_last_index_of_int", [listType(A), A], intType, position(true))),
];

/** Kubernetes' lists: `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf`. */
export const kubernetesListsLibrary: Library = { functions };
