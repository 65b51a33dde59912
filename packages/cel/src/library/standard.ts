import type { FunctionDecl, OverloadDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { contains, indexInto } from "../eval/access.js";
import { add, divide, modulo, multiply, negate, subtract } from "../eval/arithmetic.js";
import {
  toBool,
  toBytes,
  toDouble,
  toDuration,
  toInt,
  toText,
  toTimestamp,
  toUint,
} from "../eval/convert.js";
import { textSize } from "../eval/text.js";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
  typeParam,
  typeType,
  uintType,
} from "../types.js";
import { equal, order } from "../value/compare.js";
import { CelList, CelMap } from "../value/container.js";
import { typeOf } from "../value/type-of.js";
import { type Implementation, noSuchOverload, type Result, type Value } from "../value/value.js";
import { declare, declareWith, method, overload } from "./declare.js";
import { matches } from "./regex.js";
import { timeFunctions } from "./standard-time.js";

const A = typeParam("A");
const B = typeParam("B");
const listOfA = listType(A);
const mapOfAB = mapType(A, B);

const numberNames: readonly (readonly [string, CelType])[] = [
  ["int64", intType],
  ["uint64", uintType],
  ["double", doubleType],
];

function comparison(operator: string, verb: string, test: (order: number) => boolean): FunctionDecl {
  const run: Implementation = (a = null, b = null) => {
    if (typeof a === "number" && typeof b === "number") return test(a - b);
    const result = order(a, b);
    if (result === undefined) return noSuchOverload();
    return result === "unordered" ? false : test(result);
  };
  const same: readonly (readonly [string, CelType])[] = [
    ["bool", boolType],
    ...numberNames,
    ["string", stringType],
    ["bytes", bytesType],
    ["timestamp", timestampType],
    ["duration", durationType],
  ];
  return declareWith(
    `_${operator}_`,
    run,
    ...same.map(([name, type]) => overload(`${verb}_${name}`, [type, type], boolType)),
  );
}

function mixedComparison(operator: string, verb: string): FunctionDecl {
  const mixed = numberNames.flatMap(([left, leftType]) =>
    numberNames
      .filter(([right]) => right !== left)
      .map(([right, rightType]) => overload(`${verb}_${left}_${right}`, [leftType, rightType], boolType)),
  );
  return declare(`_${operator}_`, ...mixed);
}

function arithmetic(
  operator: string,
  verb: string,
  run: Implementation,
  types: string,
  extra: OverloadDecl[] = [],
): FunctionDecl {
  const numbers = numberNames
    .filter(([name]) => types.includes(name))
    .map(([name, type]) => overload(`${verb}_${name}`, [type, type], type));
  return declareWith(`_${operator}_`, run, ...numbers, ...extra);
}

function size(value: Value = null): Result {
  if (typeof value === "string") return textSize(value);
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  return value instanceof Uint8Array ? value.length : noSuchOverload();
}

function textTest(name: string, id: string, run: (text: string, part: string) => boolean): FunctionDecl {
  return declare(
    name,
    method(id, [stringType, stringType], boolType, (text = null, part = null) =>
      typeof text === "string" && typeof part === "string" ? run(text, part) : noSuchOverload(),
    ),
  );
}

function conversion(
  name: string,
  run: (value: Value) => Result,
  result: CelType,
  froms: readonly (readonly [string, CelType])[],
): FunctionDecl {
  const short =
    new Map([
      ["int", "int64"],
      ["uint", "uint64"],
    ]).get(name) ?? name;
  return declareWith(
    name,
    (value = null) => run(value),
    ...froms.map(([from, type]) => overload(`${from}_to_${short}`, [type], result)),
  );
}

const operators: readonly FunctionDecl[] = [
  declare("_?_:_", overload("conditional", [boolType, A, A], A)),
  declare("_&&_", overload("logical_and", [boolType, boolType], boolType)),
  declare("_||_", overload("logical_or", [boolType, boolType], boolType)),
  declareWith(
    "!_",
    (a = null) => (typeof a === "boolean" ? !a : noSuchOverload()),
    overload("logical_not", [boolType], boolType),
  ),
  declare("@not_strictly_false", overload("not_strictly_false", [boolType], boolType)),
  declareWith("_==_", (a = null, b = null) => equal(a, b), overload("equals", [A, A], boolType)),
  declareWith("_!=_", (a = null, b = null) => !equal(a, b), overload("not_equals", [A, A], boolType)),
  comparison("<", "less", (result) => result < 0),
  comparison("<=", "less_equals", (result) => result <= 0),
  comparison(">", "greater", (result) => result > 0),
  comparison(">=", "greater_equals", (result) => result >= 0),
  arithmetic("+", "add", (a = null, b = null) => add(a, b), "int64 uint64 double", [
    overload("add_string", [stringType, stringType], stringType),
    overload("add_bytes", [bytesType, bytesType], bytesType),
    overload("add_list", [listOfA, listOfA], listOfA),
    overload("add_timestamp_duration", [timestampType, durationType], timestampType),
    overload("add_duration_timestamp", [durationType, timestampType], timestampType),
    overload("add_duration_duration", [durationType, durationType], durationType),
  ]),
  arithmetic("-", "subtract", (a = null, b = null) => subtract(a, b), "int64 uint64 double", [
    overload("subtract_timestamp_timestamp", [timestampType, timestampType], durationType),
    overload("subtract_timestamp_duration", [timestampType, durationType], timestampType),
    overload("subtract_duration_duration", [durationType, durationType], durationType),
  ]),
  arithmetic("*", "multiply", (a = null, b = null) => multiply(a, b), "int64 uint64 double"),
  arithmetic("/", "divide", (a = null, b = null) => divide(a, b), "int64 uint64 double"),
  arithmetic("%", "modulo", (a = null, b = null) => modulo(a, b), "int64 uint64"),
  declareWith(
    "-_",
    (a = null) => negate(a),
    overload("negate_int64", [intType], intType),
    overload("negate_double", [doubleType], doubleType),
  ),
  declareWith(
    "_[_]",
    (a = null, b = null) => indexInto(a, b),
    overload("index_list", [listOfA, intType], A),
    overload("index_map", [mapOfAB, A], B),
  ),
  declareWith(
    "@in",
    (a = null, b = null) => contains(a, b),
    overload("in_list", [A, listOfA], boolType),
    overload("in_map", [A, mapOfAB], boolType),
  ),
];

const conversions: readonly FunctionDecl[] = [
  conversion("int", toInt, intType, [
    ["int64", intType],
    ["uint64", uintType],
    ["double", doubleType],
    ["string", stringType],
    ["timestamp", timestampType],
    ["duration", durationType],
  ]),
  conversion("uint", toUint, uintType, [...numberNames, ["string", stringType]]),
  conversion("double", toDouble, doubleType, [...numberNames, ["string", stringType]]),
  conversion("bool", toBool, boolType, [
    ["bool", boolType],
    ["string", stringType],
  ]),
  conversion("bytes", toBytes, bytesType, [
    ["bytes", bytesType],
    ["string", stringType],
  ]),
  conversion("string", toText, stringType, [
    ["string", stringType],
    ["bool", boolType],
    ["int64", intType],
    ["uint64", uintType],
    ["double", doubleType],
    ["bytes", bytesType],
    ["timestamp", timestampType],
    ["duration", durationType],
  ]),
  conversion("timestamp", toTimestamp, timestampType, [
    ["timestamp", timestampType],
    ["string", stringType],
    ["int64", intType],
  ]),
  conversion("duration", toDuration, durationType, [
    ["duration", durationType],
    ["string", stringType],
    ["int64", intType],
  ]),
  declareWith("dyn", (value = null) => value, overload("to_dyn", [A], dynType)),
  declareWith("type", (value = null) => typeOf(value), overload("type", [A], typeType(A))),
];

const texts: readonly FunctionDecl[] = [
  declareWith(
    "size",
    size,
    overload("size_string", [stringType], intType),
    overload("size_bytes", [bytesType], intType),
    overload("size_list", [listOfA], intType),
    overload("size_map", [mapOfAB], intType),
    method("string_size", [stringType], intType),
    method("bytes_size", [bytesType], intType),
    method("list_size", [listOfA], intType),
    method("map_size", [mapOfAB], intType),
  ),
  textTest("contains", "contains_string", (text, part) => text.includes(part)),
  textTest("startsWith", "starts_with_string", (text, part) => text.startsWith(part)),
  textTest("endsWith", "ends_with_string", (text, part) => text.endsWith(part)),
  declareWith(
    "matches",
    (text = null, pattern = null) => matches(text, pattern),
    overload("matches", [stringType, stringType], boolType),
    method("matches_string", [stringType, stringType], boolType),
  ),
];

/** The functions and operators of the CEL specification. */
export const standardFunctions: readonly FunctionDecl[] = [
  ...operators,
  ...conversions,
  ...texts,
  ...timeFunctions,
];

/** Lets the type check accept comparisons between int, uint and double. */
export const mixedComparisonLibrary: Library = {
  functions: [
    mixedComparison("<", "less"),
    mixedComparison("<=", "less_equals"),
    mixedComparison(">", "greater"),
    mixedComparison(">=", "greater_equals"),
  ],
};
