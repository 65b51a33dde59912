import type { Library } from "../environment.js";
import { optionalIndex } from "../eval/access.js";
import type { Macro } from "../syntax/macro.js";
import { argument, operands, variableName } from "../syntax/standard-macros.js";
import {
  boolType,
  dynType,
  intType,
  listType,
  mapType,
  opaqueType,
  optionalType,
  stringType,
  typeParam,
} from "../types.js";
import { ArrayList, CelList, CelMap } from "../value/container.js";
import { CelDouble, CelUint } from "../value/number.js";
import { Duration, Timestamp } from "../value/time.js";
import { EvalFailure, noSuchOverload, Optional, type Result, type Value } from "../value/value.js";
import { bindFold } from "./bindings.js";
import { declare, method, overload } from "./declare.js";

const K = typeParam("K");
const V = typeParam("V");
const optionalV = optionalType(V);
const listV = listType(V);
const mapKV = mapType(K, V);

function optionalMacro(name: "optMap" | "optFlatMap"): Macro {
  return {
    name,
    member: true,
    arity: 2,
    expand(builder, call) {
      const { target, args } = operands(call);
      const { at } = call;
      const variable = variableName(args[0], at);
      const value = builder.memberCall(at, "value", builder.copy(target));
      const body = bindFold(builder, at, variable, value, argument(args, 1, at));
      const namespace = () => builder.ident(at, "optional");
      return builder.call(
        at,
        "_?_:_",
        builder.memberCall(at, "hasValue", target),
        name === "optMap" ? builder.memberCall(at, "of", namespace(), body) : body,
        builder.memberCall(at, "none", namespace()),
      );
    },
  };
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === "") return true;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof CelDouble) return value.value === 0;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Optional) return value.value === undefined;
  return value instanceof Duration
    ? value.nanos === 0n
    : value instanceof Timestamp && value.nanos === -62_135_596_800_000_000_000n;
}

function unwrapAll(list: Value = null): Result {
  if (!(list instanceof CelList)) return noSuchOverload();
  const items: Value[] = [];
  for (const item of list) {
    if (!(item instanceof Optional)) return noSuchOverload();
    if (item.value !== undefined) items.push(item.value);
  }
  return new ArrayList(items);
}

function endOf(position: (size: number) => number): (list?: Value) => Result {
  return (list = null) => {
    if (!(list instanceof CelList)) return noSuchOverload();
    return list.size === 0 ? Optional.none : new Optional(list.at(position(list.size)));
  };
}

const optIndex = (container: Value = null, key: Value = null): Result => optionalIndex(container, key);

/** `optional_type`: `a.?b`, `a[?b]`, `optional.of`, `orValue`, `optMap` and the rest. */
export const optionalLibrary: Library = {
  optionalSyntax: true,
  types: [opaqueType("optional_type")],
  macros: [optionalMacro("optMap"), optionalMacro("optFlatMap")],
  functions: [
    declare(
      "optional.of",
      overload("optional_of", [V], optionalV, (value = null) => new Optional(value)),
    ),
    declare(
      "optional.ofNonZeroValue",
      overload("optional_ofNonZeroValue", [V], optionalV, (value = null) =>
        isZero(value) ? Optional.none : new Optional(value),
      ),
    ),
    declare(
      "optional.none",
      overload("optional_none", [], optionalV, () => Optional.none),
    ),
    declare(
      "value",
      method("optional_value", [optionalV], V, (optional = null) => {
        if (!(optional instanceof Optional)) return noSuchOverload();
        return (
          optional.value ?? (optional.value === null ? null : new EvalFailure("optional.none() dereference"))
        );
      }),
    ),
    declare(
      "hasValue",
      method("optional_hasValue", [optionalV], boolType, (optional = null) =>
        optional instanceof Optional ? optional.value !== undefined : noSuchOverload(),
      ),
    ),
    // Evaluated by the planner, because the second operand is evaluated only where it is needed.
    declare("or", method("optional_or_optional", [optionalV, optionalV], optionalV)),
    declare("orValue", method("optional_orValue_value", [optionalV, V], V)),
    declare("_?._", overload("select_optional_field", [dynType, stringType], optionalV)),
    declare(
      "_[?_]",
      overload("list_optindex_optional_int", [listV, intType], optionalV, optIndex),
      overload("optional_list_optindex_optional_int", [optionalType(listV), intType], optionalV, optIndex),
      overload("map_optindex_optional_value", [mapKV, K], optionalV, optIndex),
      overload("optional_map_optindex_optional_value", [optionalType(mapKV), K], optionalV, optIndex),
    ),
    declare(
      "_[_]",
      overload("optional_list_index_int", [optionalType(listV), intType], optionalV),
      overload("optional_map_index_value", [optionalType(mapKV), K], optionalV),
    ),
    declare(
      "last",
      method(
        "list_last",
        [listV],
        optionalV,
        endOf((size) => size - 1),
      ),
    ),
    declare(
      "first",
      method(
        "list_first",
        [listV],
        optionalV,
        endOf(() => 0),
      ),
    ),
    declare("optional.unwrap", overload("optional_unwrap", [listType(optionalV)], listV, unwrapAll)),
    declare("unwrapOpt", method("optional_unwrapOpt", [listType(optionalV)], listV, unwrapAll)),
  ],
};
