import type { FunctionDecl, OverloadDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import type { Expr } from "../syntax/ast.js";
import { SyntaxIssue } from "../syntax/lexer.js";
import type { Macro } from "../syntax/macro.js";
import { boolType, type CelType, doubleType, dynType, intType, listType, uintType } from "../types.js";
import { numeric, order } from "../value/compare.js";
import { CelList } from "../value/container.js";
import { CelDouble, type CelInt, CelUint, maxUint64, minInt64, normalizeInt } from "../value/number.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { declareWith, overload } from "./declare.js";

const numbers: readonly (readonly [string, CelType])[] = [
  ["double", doubleType],
  ["int", intType],
  ["uint", uintType],
];

function extremeMacro(name: "least" | "greatest", fn: string): Macro {
  return {
    name,
    member: true,
    arity: -1,
    expand(builder, { target, args, at }) {
      if (target?.kind !== "ident" || target.name !== "math") return undefined;
      if (args.length === 0) throw new SyntaxIssue(at, `math.${name}() requires at least one argument`);
      const [only] = args;
      if (args.length === 1 && only !== undefined) {
        if (!mayBeNumbers(only))
          throw new SyntaxIssue(only.at, `math.${name}() invalid single argument value`);
        return builder.call(at, fn, only);
      }
      const wrong = args.find((arg) => !mayBeNumber(arg));
      if (wrong !== undefined)
        throw new SyntaxIssue(wrong.at, `math.${name}() simple literal arguments must be numeric`);
      return args.length === 2 ? builder.call(at, fn, ...args) : builder.call(at, fn, builder.list(at, args));
    },
  };
}

function mayBeNumber(expr: Expr): boolean {
  if (expr.kind === "literal") return expr.value !== null && numeric(expr.value) !== undefined;
  return expr.kind !== "list" && expr.kind !== "map" && expr.kind !== "struct";
}

function mayBeNumbers(expr: Expr): boolean {
  return expr.kind === "list"
    ? expr.elements.length > 0 && expr.elements.every(mayBeNumber)
    : mayBeNumber(expr);
}

function extreme(name: string, sign: number): FunctionDecl {
  const pick = (a: Value, b: Value): Result => {
    if (numeric(a) === undefined || numeric(b) === undefined) return noSuchOverload();
    const comparison = order(b, a);
    return typeof comparison === "number" && comparison * sign > 0 ? b : a;
  };
  const run = (a: Value = null, b?: Value): Result => {
    if (b !== undefined) return pick(a, b);
    if (!(a instanceof CelList)) return numeric(a) === undefined ? noSuchOverload() : a;
    if (a.size === 0) return new EvalFailure(`${name} argument must not be empty`);
    let best: Result = a.at(0);
    for (const item of a) {
      best = pick(best, item);
      if (best instanceof EvalFailure) return best;
    }
    return best;
  };
  const id = name.replace("math.", "math_");
  const overloads: OverloadDecl[] = numbers.map(([type, t]) => overload(`${id}_${type}`, [t], t));
  for (const [left, leftType] of numbers) {
    for (const [right, rightType] of numbers) {
      overloads.push(
        overload(`${id}_${left}_${right}`, [leftType, rightType], left === right ? leftType : dynType),
      );
    }
  }
  overloads.push(...numbers.map(([type, t]) => overload(`${id}_list_${type}`, [listType(t)], t)));
  return declareWith(name, run, ...overloads);
}

function ofDouble(name: string, result: CelType, run: (value: number) => Value): FunctionDecl {
  return declareWith(
    `math.${name}`,
    (value = null) => (value instanceof CelDouble ? run(value.value) : noSuchOverload()),
    overload(`math_${name}_double`, [doubleType], result),
  );
}

/** Half away from zero, as Go rounds. */
function round(value: number): number {
  return Math.abs(value) % 1 === 0.5 ? Math.sign(value) * Math.ceil(Math.abs(value)) : Math.round(value);
}

function abs(value: Value = null): Result {
  if (value instanceof CelDouble) return new CelDouble(Math.abs(value.value));
  if (value instanceof CelUint) return value;
  if (typeof value === "number") return Math.abs(value);
  if (typeof value !== "bigint") return noSuchOverload();
  return value === minInt64 ? new EvalFailure("integer overflow") : value < 0n ? -value : value;
}

function sign(value: Value = null): Result {
  if (value instanceof CelDouble) return new CelDouble(Math.sign(value.value));
  if (value instanceof CelUint) return new CelUint(value.value > 0n ? 1n : 0n);
  if (typeof value === "number") return Math.sign(value) + 0;
  return typeof value === "bigint" ? (value > 0n ? 1 : -1) : noSuchOverload();
}

function eachNumber(name: string, run: (value?: Value) => Result): FunctionDecl {
  return declareWith(
    `math.${name}`,
    run,
    ...numbers.map(([type, t]) => overload(`math_${name}_${type}`, [t], t)),
  );
}

const signed = (bits: bigint): CelInt => normalizeInt(BigInt.asIntN(64, bits)) ?? 0;
const isInt = (value: Value): value is CelInt => typeof value === "number" || typeof value === "bigint";

function bits(name: string, run: (a: bigint, b: bigint) => bigint): FunctionDecl {
  return declareWith(
    `math.${name}`,
    (a = null, b = null) => {
      if (a instanceof CelUint && b instanceof CelUint) return new CelUint(run(a.value, b.value) & maxUint64);
      return isInt(a) && isInt(b) ? signed(run(BigInt(a), BigInt(b))) : noSuchOverload();
    },
    overload(`math_${name}_int_int`, [intType, intType], intType),
    overload(`math_${name}_uint_uint`, [uintType, uintType], uintType),
  );
}

function shift(name: string, run: (value: bigint, by: bigint) => bigint): FunctionDecl {
  return declareWith(
    `math.${name}`,
    (value = null, by = null) => {
      if (!isInt(by)) return noSuchOverload();
      if (by < 0) return new EvalFailure(`math.${name}() negative offset: ${by}`);
      const distance = by > 63 ? 64n : BigInt(by);
      if (value instanceof CelUint) return new CelUint(run(value.value, distance) & maxUint64);
      // A right shift of a negative int fills with zeros, as cel-go does.
      return isInt(value) ? signed(run(BigInt.asUintN(64, BigInt(value)), distance)) : noSuchOverload();
    },
    overload(`math_${name}_int_int`, [intType, intType], intType),
    overload(`math_${name}_uint_int`, [uintType, intType], uintType),
  );
}

/** The math extensions: `math.greatest`, `math.ceil`, `math.bitAnd`, `math.sqrt` and the rest. */
export const mathLibrary: Library = {
  macros: [extremeMacro("least", "math.@min"), extremeMacro("greatest", "math.@max")],
  functions: [
    extreme("math.@min", -1),
    extreme("math.@max", 1),
    ofDouble("ceil", doubleType, (value) => new CelDouble(Math.ceil(value))),
    ofDouble("floor", doubleType, (value) => new CelDouble(Math.floor(value))),
    ofDouble("round", doubleType, (value) => new CelDouble(round(value))),
    ofDouble("trunc", doubleType, (value) => new CelDouble(Math.trunc(value))),
    ofDouble("isInf", boolType, (value) => Math.abs(value) === Number.POSITIVE_INFINITY),
    ofDouble("isNaN", boolType, Number.isNaN),
    ofDouble("isFinite", boolType, Number.isFinite),
    eachNumber("abs", abs),
    eachNumber("sign", sign),
    bits("bitAnd", (a, b) => a & b),
    bits("bitOr", (a, b) => a | b),
    bits("bitXor", (a, b) => a ^ b),
    declareWith(
      "math.bitNot",
      (value = null) => {
        if (value instanceof CelUint) return new CelUint(BigInt.asUintN(64, ~value.value));
        return isInt(value) ? signed(~BigInt(value)) : noSuchOverload();
      },
      overload("math_bitNot_int_int", [intType], intType),
      overload("math_bitNot_uint_uint", [uintType], uintType),
    ),
    shift("bitShiftLeft", (value, by) => value << by),
    shift("bitShiftRight", (value, by) => value >> by),
    declareWith(
      "math.sqrt",
      (value = null) => {
        const number = numeric(value);
        return number === undefined ? noSuchOverload() : new CelDouble(Math.sqrt(Number(number)));
      },
      ...numbers.map(([type, t]) => overload(`math_sqrt_${type}`, [t], doubleType)),
    ),
  ],
};
