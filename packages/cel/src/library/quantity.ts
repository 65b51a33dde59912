import {
  addQuantity,
  compareQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
  subtractQuantity,
} from "@capstan/kube";
import type { Library } from "../environment.js";
import { boolType, doubleType, intType, opaqueType, stringType } from "../types.js";
import { CelDouble, normalizeInt } from "../value/number.js";
import { EvalFailure, noSuchOverload, Opaque, type Result, type Value } from "../value/value.js";
import { declare, method, overload } from "./declare.js";

const quantityType = opaqueType("kubernetes.Quantity");
const one = 1_000_000_000n;

class QuantityValue extends Opaque {
  readonly type = quantityType;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: Opaque): boolean {
    return other instanceof QuantityValue && compareQuantity(this.quantity, other.quantity) === 0;
  }
}

function toQuantity(text: Value = null): QuantityValue | EvalFailure {
  if (typeof text !== "string") return noSuchOverload();
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) return new EvalFailure(error.message);
    throw error;
  }
}

function of(run: (quantity: Quantity) => Result): (value?: Value) => Result {
  return (value = null) => (value instanceof QuantityValue ? run(value.quantity) : noSuchOverload());
}

function between(run: (a: Quantity, b: Quantity) => Result): (a?: Value, b?: Value) => Result {
  return (a = null, b = null) => {
    if (!(a instanceof QuantityValue)) return noSuchOverload();
    if (b instanceof QuantityValue) return run(a.quantity, b.quantity);
    if (typeof b !== "number" && typeof b !== "bigint") return noSuchOverload();
    return run(a.quantity, { nano: BigInt(b) * one, format: "DecimalExponent" });
  };
}

const wholeOf = ({ nano }: Quantity) => (nano % one === 0n ? normalizeInt(nano / one) : undefined);
const pair = [quantityType, quantityType];
const withInt = [quantityType, intType];
const sum = between((a, b) => new QuantityValue(addQuantity(a, b)));
const difference = between((a, b) => new QuantityValue(subtractQuantity(a, b)));

/** Kubernetes' `quantity` and its methods. */
export const quantityLibrary: Library = {
  types: [quantityType],
  functions: [
    declare("quantity", overload("string_to_quantity", [stringType], quantityType, toQuantity)),
    declare(
      "isQuantity",
      overload("is_quantity_string", [stringType], boolType, (text = null) =>
        typeof text === "string" ? toQuantity(text) instanceof QuantityValue : noSuchOverload(),
      ),
    ),
    declare(
      "sign",
      overload(
        "quantity_sign",
        [quantityType],
        intType,
        of(({ nano }) => (nano > 0n ? 1 : nano < 0n ? -1 : 0)),
      ),
    ),
    declare(
      "isGreaterThan",
      method(
        "quantity_is_greater_than",
        pair,
        boolType,
        between((a, b) => compareQuantity(a, b) > 0),
      ),
    ),
    declare(
      "isLessThan",
      method(
        "quantity_is_less_than",
        pair,
        boolType,
        between((a, b) => compareQuantity(a, b) < 0),
      ),
    ),
    declare(
      "compareTo",
      method(
        "quantity_compare_to",
        pair,
        intType,
        between((a, b) => compareQuantity(a, b)),
      ),
    ),
    declare(
      "asApproximateFloat",
      method(
        "quantity_get_float",
        [quantityType],
        doubleType,
        of(({ nano }) => new CelDouble(Number(nano) / 1e9)),
      ),
    ),
    declare(
      "asInteger",
      method(
        "quantity_get_int",
        [quantityType],
        intType,
        of((quantity) => wholeOf(quantity) ?? new EvalFailure("cannot convert value to integer")),
      ),
    ),
    declare(
      "isInteger",
      method(
        "quantity_is_integer",
        [quantityType],
        boolType,
        of((quantity) => wholeOf(quantity) !== undefined),
      ),
    ),
    declare(
      "add",
      method("quantity_add", pair, quantityType, sum),
      method("quantity_add_int", withInt, quantityType, sum),
    ),
    declare(
      "sub",
      method("quantity_sub", pair, quantityType, difference),
      method("quantity_sub_int", withInt, quantityType, difference),
    ),
  ],
};
