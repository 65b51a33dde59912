import { type CheckedExpr, check } from "./check/checker.js";
import type { Environment } from "./check/environment.js";
import { assign } from "./check/unify.js";
import { type CostRange, estimateCost } from "./cost/estimate.js";
import { CostExceeded, Frame } from "./eval/frame.js";
import { type Plan, plan } from "./eval/planner.js";
import type { CelError } from "./issue.js";
import { positionAt } from "./issue.js";
import { type ParseOptions, parse } from "./syntax/parser.js";
import { type CelType, dynType, formatType } from "./types.js";
import { EvalFailure, type Value } from "./value/value.js";

/** The most units one evaluation may cost unless the caller says otherwise; Kubernetes' limit per expression. */
export const defaultCostLimit = 1_000_000;

/** Bounds on the text of an expression. */
export type TextLimits = Pick<ParseOptions, "maxLength" | "maxDepth">;

export interface CompileOptions {
  /** What the expression may refer to; see `kubernetesEnvironment` and `extend`. */
  readonly declarations: Environment;
  readonly limits?: TextLimits;
  /** The types one of which the result must have, such as `[boolType]`; default any. */
  readonly resultTypes?: readonly CelType[];
  /** Skip the type check: names and overloads are resolved while running. Default false. */
  readonly unchecked?: boolean;
}

export interface EvaluateOptions {
  /** The most units this evaluation may cost. Default `defaultCostLimit`. */
  readonly costLimit?: number;
}

/** A failed evaluation. */
export interface EvaluationFailure {
  readonly code: "failed" | "costLimit";
  readonly message: string;
}

/** The outcome of an evaluation; `cost` is in units, also of a failed one. */
export type Evaluation =
  | { readonly ok: true; readonly value: Value; readonly cost: number }
  | { readonly ok: false; readonly error: EvaluationFailure; readonly cost: number };

/** Values for the variables: plain data or CEL values, by name. */
export type EvalBindings = ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;

/** A compiled expression. Stateless: it may be evaluated from anywhere any number of times. */
export class Program {
  readonly text: string;
  /** The type of the result. */
  readonly type: CelType;
  private readonly compiled: Plan;
  private readonly checked: CheckedExpr | undefined;
  private readonly environment: Environment;

  constructor(text: string, compiled: Plan, checked: CheckedExpr | undefined, environment: Environment) {
    this.text = text;
    this.compiled = compiled;
    this.checked = checked;
    this.type = checked?.type ?? dynType;
    this.environment = environment;
  }

  /** The names of the variables that the expression reads; empty for an unchecked one. */
  get variables(): readonly string[] {
    return this.compiled.variables.map((variable) => variable.name);
  }

  /** The least and the most that an evaluation can cost, as Kubernetes estimates it; unbounded when unchecked. */
  get estimatedCost(): CostRange {
    if (this.checked === undefined) return { min: 0, max: Number.POSITIVE_INFINITY };
    return estimateCost(this.checked, this.environment);
  }

  /** Evaluates with values for the variables. Never throws for what an expression or its data can cause. */
  evaluate(bindings: EvalBindings, options: EvaluateOptions = {}): Evaluation {
    const lookup =
      bindings instanceof Map
        ? (name: string): unknown => bindings.get(name)
        : (name: string): unknown =>
            Object.hasOwn(bindings, name) ? (bindings as Readonly<Record<string, unknown>>)[name] : undefined;
    const frame = new Frame(this.compiled.variables, lookup, options.costLimit ?? defaultCostLimit);
    try {
      const value = this.compiled.evaluate(frame);
      if (!(value instanceof EvalFailure)) return { ok: true, value, cost: frame.cost };
      return { ok: false, error: { code: "failed", message: value.message }, cost: frame.cost };
    } catch (error) {
      return { ok: false, error: failureOf(error), cost: frame.cost };
    }
  }
}

function failureOf(error: unknown): EvaluationFailure {
  if (error instanceof CostExceeded) {
    return { code: "costLimit", message: "operation cancelled: actual cost limit exceeded" };
  }
  // Deeply nested data can exhaust the stack where it is compared; that is the data's failure.
  if (error instanceof RangeError)
    return { code: "failed", message: `value too deeply nested or too large: ${error.message}` };
  throw error;
}

/** Compiles an expression. Returns why it does not compile instead, when it does not. */
export function compile(text: string, options: CompileOptions): Program | CelError[] {
  const { declarations } = options;
  const parsed = parse(text, {
    macros: declarations.macros,
    optionalSyntax: declarations.optionalSyntax,
    ...options.limits,
  });
  if (Array.isArray(parsed)) return parsed;
  if (options.unchecked === true)
    return new Program(text, plan(parsed, declarations), undefined, declarations);
  const checked = check(parsed, declarations);
  if (Array.isArray(checked)) return checked;
  const wanted = options.resultTypes;
  if (wanted !== undefined && !wanted.some((type) => assign(new Map(), type, checked.type) !== undefined)) {
    const names = wanted.map(formatType).join(" or ");
    return [
      { ...positionAt(text, 0), message: `must evaluate to ${names} but got ${formatType(checked.type)}` },
    ];
  }
  return new Program(text, plan(checked, declarations), checked, declarations);
}
