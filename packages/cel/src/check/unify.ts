import {
  type CelType,
  dynType,
  firstParam,
  nullType,
  sameType,
  CelType as Type,
  valueParam,
} from "../types.js";

/** What type parameters stand for so far. */
export type Bindings = ReadonlyMap<string, CelType>;

const nullable = new Set(["opaque", "struct", "any", "duration", "timestamp", "wrapper", "null"]);

function isDynOrError(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "error" || type.kind === "any";
}

/** Replaces type parameters by what they stand for; with `toDyn`, unbound ones become `dyn`. */
export function substitute(bindings: Bindings, type: CelType, toDyn: boolean): CelType {
  if (type.kind === "typeParam") {
    const bound = bindings.get(type.name);
    if (bound !== undefined) return substitute(bindings, bound, toDyn);
    return toDyn ? dynType : type;
  }
  if (type.params.length === 0) return type;
  const params = type.params.map((param) => substitute(bindings, param, toDyn));
  if (params.every((param, index) => param === type.params[index])) return type;
  return new Type(type.kind, type.name, params, type.fields, type.maxElements);
}

/** Attempts an assignment on a copy: the new bindings, or undefined when the types do not fit. */
export function assign(bindings: Bindings, to: CelType, from: CelType): Bindings | undefined {
  const trial = new Map(bindings);
  return assignable(trial, to, from) ? trial : undefined;
}

/** As `assign`, for argument lists of equal length. */
export function assignAll(
  bindings: Bindings,
  to: readonly CelType[],
  from: readonly CelType[],
): Bindings | undefined {
  const trial = new Map(bindings);
  return allAssignable(trial, to, from) ? trial : undefined;
}

function allAssignable(
  bindings: Map<string, CelType>,
  a: readonly CelType[],
  b: readonly CelType[],
): boolean {
  return a.length === b.length && a.every((type, index) => assignable(bindings, type, b[index] ?? dynType));
}

function assignable(bindings: Map<string, CelType>, a: CelType, b: CelType): boolean {
  if (b.kind === "typeParam") {
    const known = bindings.has(b.name);
    if (bindParam(bindings, a, b)) return true;
    if (known) return false;
  }
  if (a.kind === "typeParam") return bindParam(bindings, b, a);
  if (isDynOrError(a) || isDynOrError(b)) return true;
  if (a.kind === "null") return nullable.has(b.kind);
  if (b.kind === "null") return nullable.has(a.kind);
  if (a.kind === "wrapper" || b.kind === "wrapper") {
    return sameType(a.kind === "wrapper" ? firstParam(a) : a, b.kind === "wrapper" ? firstParam(b) : b);
  }
  if (a.kind !== b.kind) return false;
  if (a.kind === "type") return true;
  return a.name === b.name && (a.params.length === 0 || allAssignable(bindings, a.params, b.params));
}

function bindParam(bindings: Map<string, CelType>, type: CelType, param: CelType): boolean {
  if (sameType(type, param)) return true;
  const known = bindings.get(param.name);
  if (known !== undefined) {
    if (sameType(type, known)) return true;
    if (!assignable(bindings, type, known)) return false;
    const general = mostGeneral(type, known);
    if (!refersTo(bindings, param, general)) bindings.set(param.name, general);
    return true;
  }
  if (refersTo(bindings, param, type)) return false;
  bindings.set(param.name, type);
  return true;
}

function refersTo(bindings: Bindings, param: CelType, within: CelType): boolean {
  if (sameType(param, within)) return true;
  if (within.kind === "typeParam") {
    const bound = bindings.get(within.name);
    return bound !== undefined && refersTo(bindings, param, bound);
  }
  return within.params.some((inner) => refersTo(bindings, param, inner));
}

/** The one of two assignable types that admits more. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return lessOrEquallySpecific(a, b) ? a : b;
}

function lessOrEquallySpecific(a: CelType, b: CelType): boolean {
  if (a.kind === "dyn" || a.kind === "typeParam") return true;
  if (b.kind === "dyn" || b.kind === "typeParam") return false;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "opaque":
      return (
        a.name === b.name &&
        a.params.length === b.params.length &&
        a.params.every((param, index) => lessOrEquallySpecific(param, b.params[index] ?? nullType))
      );
    case "list":
      return lessOrEquallySpecific(firstParam(a), firstParam(b));
    case "map":
      return (
        lessOrEquallySpecific(firstParam(a), firstParam(b)) &&
        lessOrEquallySpecific(valueParam(a), valueParam(b))
      );
    case "type":
      return true;
    default:
      return sameType(a, b);
  }
}
