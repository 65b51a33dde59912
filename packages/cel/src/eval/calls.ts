import type { FunctionDecl, OverloadDecl } from "../check/environment.js";
import type { CallCost } from "../cost/size.js";
import { typeGuard } from "../value/type-of.js";
import { EvalFailure, type Implementation, noSuchOverload, type Value } from "../value/value.js";
import type { Eval } from "./frame.js";

/** The implementation that picks among overloads by the values it gets. */
export function dispatcher(
  fn: FunctionDecl,
  overloads: readonly OverloadDecl[],
  argc: number,
): Implementation {
  if (fn.run !== undefined) return fn.run;
  const candidates = overloads
    .filter((overload) => overload.args.length === argc && overload.run !== undefined)
    .map((overload) => ({ run: overload.run ?? noSuchOverload, guards: overload.args.map(typeGuard) }));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1 && only.guards.every((guard) => guard === undefined))
    return only.run;
  return (...args: Value[]) => {
    for (const { run, guards } of candidates) {
      if (guards.every((guard, index) => guard === undefined || guard(args[index] ?? null)))
        return run(...args);
    }
    return noSuchOverload();
  };
}

/** A call that evaluates its arguments in order, fails with the first that fails, and charges its cost. */
export function strictCall(run: Implementation, args: readonly Eval[], cost: CallCost): Eval {
  const [first, second, third] = args;
  if (first === undefined) return plainCall(run, args, cost);
  if (second === undefined) return unaryCall(run, first, cost);
  return third === undefined ? binaryCall(run, first, second, cost) : plainCall(run, args, cost);
}

function unaryCall(run: Implementation, first: Eval, cost: CallCost): Eval {
  if (typeof cost === "number") {
    return (frame) => {
      const a = first(frame);
      if (a instanceof EvalFailure) return a;
      frame.charge(cost);
      return run(a);
    };
  }
  return (frame) => {
    const a = first(frame);
    if (a instanceof EvalFailure) return a;
    const result = run(a);
    frame.charge(cost([a], result));
    return result;
  };
}

function binaryCall(run: Implementation, first: Eval, second: Eval, cost: CallCost): Eval {
  if (typeof cost === "number") {
    return (frame) => {
      const a = first(frame);
      const b = second(frame);
      if (a instanceof EvalFailure) return a;
      if (b instanceof EvalFailure) return b;
      frame.charge(cost);
      return run(a, b);
    };
  }
  return (frame) => {
    const a = first(frame);
    const b = second(frame);
    if (a instanceof EvalFailure) return a;
    if (b instanceof EvalFailure) return b;
    const result = run(a, b);
    frame.charge(cost([a, b], result));
    return result;
  };
}

function plainCall(run: Implementation, evals: readonly Eval[], cost: CallCost): Eval {
  return (frame) => {
    const args: Value[] = [];
    let failed: EvalFailure | undefined;
    for (const evaluate of evals) {
      const value = evaluate(frame);
      if (value instanceof EvalFailure) failed ??= value;
      else args.push(value);
    }
    if (failed !== undefined) return failed;
    const result = run(...args);
    frame.charge(typeof cost === "number" ? cost : cost(args, result));
    return result;
  };
}
