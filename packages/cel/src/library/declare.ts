import type { FunctionDecl, OverloadDecl } from "../check/environment.js";
import type { CelType } from "../types.js";
import type { Implementation } from "../value/value.js";

/** A signature called as `f(a, b)`. */
export function overload(
  id: string,
  args: readonly CelType[],
  result: CelType,
  run?: Implementation,
): OverloadDecl {
  return { id, member: false, args, result, ...(run !== undefined && { run }) };
}

/** A signature called as `a.f(b)`; the first argument type is that of `a`. */
export function method(
  id: string,
  args: readonly CelType[],
  result: CelType,
  run?: Implementation,
): OverloadDecl {
  return { id, member: true, args, result, ...(run !== undefined && { run }) };
}

/** A function whose overloads each bring what they run. */
export function declare(name: string, ...overloads: OverloadDecl[]): FunctionDecl {
  return { name, overloads };
}

/** A function with one implementation for all its overloads, which checks its arguments itself. */
export function declareWith(name: string, run: Implementation, ...overloads: OverloadDecl[]): FunctionDecl {
  return { name, run, overloads };
}
