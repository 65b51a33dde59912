import type { FunctionDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { accumulator, type Expr } from "../syntax/ast.js";
import { SyntaxIssue } from "../syntax/lexer.js";
import type { Macro } from "../syntax/macro.js";
import { argument, operands, variableName } from "../syntax/standard-macros.js";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  stringType,
  timestampType,
  typeParam,
  uintType,
} from "../types.js";
import { equal, order } from "../value/compare.js";
import { ArrayList, CelList, maxListSize } from "../value/container.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { bindFold } from "./bindings.js";
import { declare, method, overload } from "./declare.js";

const T = typeParam("T");
const listT = listType(T);
const comparable: readonly CelType[] = [
  intType,
  uintType,
  doubleType,
  boolType,
  durationType,
  timestampType,
  stringType,
  bytesType,
];

function slice(list: Value = null, from: Value = null, to: Value = null): Result {
  if (!(list instanceof CelList) || typeof from !== "number" || typeof to !== "number")
    return noSuchOverload();
  if (from < 0 || to < 0)
    return new EvalFailure(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    return new EvalFailure(
      `cannot slice(${from}, ${to}), start index must be less than or equal to end index`,
    );
  if (list.size < to) return new EvalFailure(`cannot slice(${from}, ${to}), list is length ${list.size}`);
  const items: Value[] = [];
  for (let index = from; index < to; index += 1) items.push(list.at(index));
  return new ArrayList(items);
}

function flatten(list: CelList, depth: number, into: Value[]): EvalFailure | undefined {
  for (const item of list) {
    if (into.length > maxListSize) return new EvalFailure("list exceeds the maximum size");
    if (!(item instanceof CelList) || depth === 0) into.push(item);
    else {
      const failed = flatten(item, depth - 1, into);
      if (failed !== undefined) return failed;
    }
  }
  return undefined;
}

function flattenTo(list: Value = null, depth: Value = 1): Result {
  if (!(list instanceof CelList) || (typeof depth !== "number" && typeof depth !== "bigint"))
    return noSuchOverload();
  if (depth < 0) return new EvalFailure("level must be non-negative");
  const items: Value[] = [];
  return flatten(list, Number(depth), items) ?? new ArrayList(items);
}

function distinct(list: Value = null): Result {
  if (!(list instanceof CelList)) return noSuchOverload();
  const items: Value[] = [];
  const seen = new Set<Value>();
  for (const item of list) {
    const simple = typeof item === "string" || typeof item === "boolean";
    if (simple ? seen.has(item) : items.some((known) => equal(known, item))) continue;
    if (simple) seen.add(item);
    items.push(item);
  }
  return new ArrayList(items);
}

function sortBy(list: Value = null, keys: Value = list): Result {
  if (!(list instanceof CelList) || !(keys instanceof CelList)) return noSuchOverload();
  if (list.size !== keys.size)
    return new EvalFailure(
      "@sortByAssociatedKeys() expected a list of the same size as the associated keys list",
    );
  const pairs = [...list].map((item, index) => ({ item, key: keys.at(index) }));
  const kind = pairs[0]?.key;
  for (const { key } of pairs) {
    if (typeof order(key, kind ?? null) !== "number" || typeof key !== typeof kind) {
      return new EvalFailure("list elements must be comparable and have the same type");
    }
  }
  pairs.sort((a, b) => {
    const result = order(a.key, b.key);
    return typeof result === "number" ? result : 0;
  });
  return new ArrayList(pairs.map((pair) => pair.item));
}

function range(size: Value = null): Result {
  if (typeof size !== "number") return noSuchOverload();
  if (size > maxListSize) return new EvalFailure("list exceeds the maximum size");
  return new ArrayList(Array.from({ length: Math.max(0, size) }, (_, index) => index));
}

/** `list.sortBy(x, key)`: sorts by keys computed once per element. */
const sortByMacro: Macro = {
  name: "sortBy",
  member: true,
  arity: 2,
  expand(builder, call) {
    const { target, args } = operands(call);
    const { at } = call;
    if (!["list", "ident", "select", "comprehension", "call"].includes(target.kind)) {
      throw new SyntaxIssue(
        target.at,
        "sortBy can only be applied to a list, identifier, comprehension, call or select expression",
      );
    }
    const iterVar = variableName(args[0], at);
    const input = (): Expr => builder.ident(at, "@__sortBy_input__");
    const accu = (): Expr => builder.ident(at, accumulator);
    const keys = builder.fold(at, {
      range: input(),
      iterVar,
      accuVar: accumulator,
      accuInit: builder.list(at, []),
      condition: builder.literal(at, true),
      step: builder.call(at, "_+_", accu(), builder.list(at, [argument(args, 1, at)])),
      result: accu(),
    });
    const sorted = builder.memberCall(at, "@sortByAssociatedKeys", input(), keys);
    return bindFold(builder, at, "@__sortBy_input__", target, sorted);
  },
};

const functions: readonly FunctionDecl[] = [
  declare("slice", method("list_slice", [listT, intType, intType], listT, slice)),
  declare(
    "flatten",
    method("list_flatten", [listType(listT)], listT, flattenTo),
    method("list_flatten_int", [listType(dynType), intType], listType(dynType), flattenTo),
  ),
  declare(
    "sort",
    ...comparable.map((type) =>
      method(`list_${type.kind}_sort`, [listType(type)], listType(type), (list = null) => sortBy(list)),
    ),
  ),
  declare(
    "@sortByAssociatedKeys",
    ...comparable.map((type) =>
      method(`list_${type.kind}_sortByAssociatedKeys`, [listT, listType(type)], listT, sortBy),
    ),
  ),
  declare("lists.range", overload("lists_range", [intType], listType(intType), range)),
  declare(
    "reverse",
    method("list_reverse", [listT], listT, (list = null) =>
      list instanceof CelList ? new ArrayList([...list].reverse()) : noSuchOverload(),
    ),
  ),
  declare("distinct", method("list_distinct", [listT], listT, distinct)),
];

/** The list extensions: `slice`, `flatten`, `sort`, `sortBy`, `distinct`, `reverse`, `lists.range`. */
export const listsLibrary: Library = { functions, macros: [sortByMacro] };
