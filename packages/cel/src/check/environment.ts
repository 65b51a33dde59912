import type { Macro } from "../syntax/macro.js";
import type { CelType } from "../types.js";
import type { Implementation, Value } from "../value/value.js";

/** One signature of a function. */
export interface OverloadDecl {
  /** Unique among all overloads; costs are looked up by it. */
  readonly id: string;
  /** Called as `x.f()`: the first argument type is the target's. */
  readonly member: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  /** What runs; not needed where the function has one implementation for all overloads. */
  readonly run?: Implementation;
}

/** A function with all its signatures. */
export interface FunctionDecl {
  readonly name: string;
  readonly overloads: readonly OverloadDecl[];
  /** Runs every overload; it checks its arguments itself. */
  readonly run?: Implementation;
}

/** A named value known when compiling, such as an enum constant or a type name. */
export interface ConstantDecl {
  readonly type: CelType;
  readonly value: Value;
}

/** Everything an expression may refer to, and how it is read. */
export interface Environment {
  /** The namespace in which names are looked up first, `a.b`; empty for none. */
  readonly container: string;
  readonly variables: ReadonlyMap<string, CelType>;
  readonly constants: ReadonlyMap<string, ConstantDecl>;
  /** Resolves the names of types with fields; `find` must be pure. */
  readonly structs: { find(name: string): CelType | undefined };
  readonly functions: ReadonlyMap<string, FunctionDecl>;
  readonly macros: readonly Macro[];
  /** `a.?b`, `a[?b]`, `[?a]`, `{?k: v}`. */
  readonly optionalSyntax: boolean;
  /** Elements of a list or map literal must have one type. */
  readonly homogeneousLiterals: boolean;
  /** Whether `has(a.b)` costs one unit. */
  readonly presenceTestHasCost: boolean;
}

/** Adds functions to a table; overloads of one name are put together. */
export function mergeFunctions(
  base: ReadonlyMap<string, FunctionDecl>,
  added: Iterable<FunctionDecl>,
): ReadonlyMap<string, FunctionDecl> {
  const merged = new Map(base);
  for (const fn of added) {
    const known = merged.get(fn.name);
    if (known === undefined) {
      merged.set(fn.name, fn);
      continue;
    }
    if (
      known.run !== undefined &&
      fn.run === undefined &&
      fn.overloads.every((overload) => overload.run === undefined)
    ) {
      merged.set(fn.name, { ...known, overloads: [...known.overloads, ...fn.overloads] });
      continue;
    }
    const ids = new Set(fn.overloads.map((overload) => overload.id));
    const kept = known.overloads
      .filter((overload) => !ids.has(overload.id))
      .map((overload) => withRun(overload, known.run));
    const news = fn.overloads.map((overload) => withRun(overload, fn.run));
    merged.set(fn.name, { name: fn.name, overloads: [...kept, ...news] });
  }
  return merged;
}

function withRun(overload: OverloadDecl, run: Implementation | undefined): OverloadDecl {
  return overload.run !== undefined || run === undefined ? overload : { ...overload, run };
}

/** The names that `name` may stand for inside a container, most specific first. */
export function candidateNames(container: string, name: string): string[] {
  if (name.startsWith(".")) return [name.slice(1)];
  if (container === "") return [name];
  const names: string[] = [];
  for (
    let prefix = container;
    prefix !== "";
    prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf(".")))
  ) {
    names.push(`${prefix}.${name}`);
  }
  return [...names, name];
}
