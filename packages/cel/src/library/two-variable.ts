import type { Library } from "../environment.js";
import { accumulator, type Expr } from "../syntax/ast.js";
import type { NodeBuilder } from "../syntax/builder.js";
import { SyntaxIssue } from "../syntax/lexer.js";
import type { Macro, MacroCall } from "../syntax/macro.js";
import { argument, operands, quantifierFold, variableName } from "../syntax/standard-macros.js";
import { mapType, typeParam } from "../types.js";
import { CelMap, EntryMap } from "../value/container.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { declare, overload } from "./declare.js";

const K = typeParam("K");
const V = typeParam("V");
const mapKV = mapType(K, V);

function variables(call: MacroCall): { iterVar: string; iterVar2: string } {
  const iterVar = variableName(call.args[0], call.at);
  const iterVar2 = variableName(call.args[1], call.at);
  if (iterVar === iterVar2) {
    throw new SyntaxIssue(
      call.args[1]?.at ?? call.at,
      "duplicate variable name: second variable must differ from the first",
    );
  }
  return { iterVar, iterVar2 };
}

function quantifier(name: string, kind: "all" | "exists" | "exists_one"): Macro {
  return {
    name,
    member: true,
    arity: 3,
    expand(builder, call) {
      const { target, args } = operands(call);
      return quantifierFold(builder, call.at, kind, target, variables(call), argument(args, 2, call.at));
    },
  };
}

type Collect = (builder: NodeBuilder, at: number, element: Expr, key: string) => Expr;

const intoList: Collect = (builder, at, element) =>
  builder.call(at, "_+_", builder.ident(at, accumulator), builder.list(at, [element]));
const intoMap: Collect = (builder, at, element, key) =>
  builder.call(at, "cel.@mapInsert", builder.ident(at, accumulator), builder.ident(at, key), element);
const entryIntoMap: Collect = (builder, at, element) =>
  builder.call(at, "cel.@mapInsert", builder.ident(at, accumulator), element);

function transform(name: string, arity: 3 | 4, collect: Collect): Macro {
  return {
    name,
    member: true,
    arity,
    expand(builder, call) {
      const { target, args } = operands(call);
      const { at } = call;
      const names = variables(call);
      const step = collect(builder, at, argument(args, arity - 1, at), names.iterVar);
      const filter = arity === 4 ? argument(args, 2, at) : undefined;
      return builder.fold(at, {
        range: target,
        ...names,
        accuVar: accumulator,
        accuInit: collect === intoList ? builder.list(at, []) : builder.map(at, []),
        condition: builder.literal(at, true),
        step:
          filter === undefined
            ? step
            : builder.call(at, "_?_:_", filter, step, builder.ident(at, accumulator)),
        result: builder.ident(at, accumulator),
      });
    },
  };
}

function copyOf(map: CelMap): EntryMap {
  const copy = new EntryMap();
  for (const key of map.keys()) copy.add(key, map.find(key) ?? null);
  return copy;
}

function insert(into: Value = null, key: Value = null, value: Value = null): Result {
  if (!(into instanceof CelMap)) return noSuchOverload();
  const target = into instanceof EntryMap && into.growing ? into : copyOf(into);
  return target.add(key, value)
    ? target
    : new EvalFailure("insert failed: key already exists or is not a key");
}

function insertAll(into: Value = null, entries: Value = null): Result {
  if (!(entries instanceof CelMap)) return noSuchOverload();
  let result: Result = into;
  for (const key of entries.keys()) {
    if (result instanceof EvalFailure) return result;
    result = insert(result, key, entries.find(key) ?? null);
  }
  return result;
}

/** Macros over key and value, or index and element: `all`, `exists`, `existsOne`, `transformList`, `transformMap`, `transformMapEntry`. */
export const twoVariableLibrary: Library = {
  macros: [
    quantifier("all", "all"),
    quantifier("exists", "exists"),
    quantifier("existsOne", "exists_one"),
    quantifier("exists_one", "exists_one"),
    transform("transformList", 3, intoList),
    transform("transformList", 4, intoList),
    transform("transformMap", 3, intoMap),
    transform("transformMap", 4, intoMap),
    transform("transformMapEntry", 3, entryIntoMap),
    transform("transformMapEntry", 4, entryIntoMap),
  ],
  functions: [
    declare(
      "cel.@mapInsert",
      overload("@mapInsert_map_key_value", [mapKV, K, V], mapKV, insert),
      overload("@mapInsert_map_map", [mapKV, mapKV], mapKV, insertAll),
    ),
  ],
};
