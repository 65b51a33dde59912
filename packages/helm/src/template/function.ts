import type { GoValue, ParamType } from "../value/go-value.js";

/** A function that templates can call. */
export interface TemplateFunction {
  readonly params: readonly ParamType[];
  /** The last parameter takes any number of arguments. */
  readonly variadic: boolean;
  /** Arguments have been checked against `params`. Throws for a failure. */
  readonly run: (...args: GoValue[]) => GoValue;
  /** `call`: the text of the first argument comes before it. */
  readonly takesText?: boolean;
  /** `and` and `or`: arguments are evaluated until one decides. */
  readonly shortCircuit?: "and" | "or";
}

/** Functions by name. */
export type FunctionTable = Pick<ReadonlyMap<string, TemplateFunction>, "get" | "has">;

/**
 * Declares a function by its signature: parameter types separated by spaces, `...` before the last for
 * a variadic one: `fn("string ...any", run)`.
 */
export function fn(signature: string, run: (...args: never[]) => GoValue): TemplateFunction {
  const words = signature === "" ? [] : signature.split(" ");
  const last = words.at(-1);
  const variadic = last?.startsWith("...") === true;
  const params = words.map((word) => word.replace("...", "") as ParamType);
  return { params, variadic, run: run as (...args: GoValue[]) => GoValue };
}
