import { EvalFailure, noSuchOverload, Optional, type Result } from "../value/value.js";
import type { Eval } from "./frame.js";

function failure(left: Result, right: Result): EvalFailure {
  if (left instanceof EvalFailure) return left;
  return right instanceof EvalFailure ? right : noSuchOverload();
}

/** `a && b`: false if either is, whatever the other does. */
export function logicalAnd(left: Eval, right: Eval): Eval {
  return (frame) => {
    const a = left(frame);
    if (a === false) return false;
    const b = right(frame);
    if (b === false) return false;
    return a === true && b === true ? true : failure(a, b);
  };
}

/** `a || b`: true if either is, whatever the other does. */
export function logicalOr(left: Eval, right: Eval): Eval {
  return (frame) => {
    const a = left(frame);
    if (a === true) return true;
    const b = right(frame);
    if (b === true) return true;
    return a === false && b === false ? false : failure(a, b);
  };
}

/** `c ? a : b`: evaluates one branch only. */
export function conditional(condition: Eval, yes: Eval, no: Eval): Eval {
  return (frame) => {
    const choice = condition(frame);
    if (choice === true) return yes(frame);
    if (choice === false) return no(frame);
    return choice instanceof EvalFailure ? choice : noSuchOverload();
  };
}

/** True unless the operand is false: a loop goes on after an error. */
export function notStrictlyFalse(operand: Eval): Eval {
  return (frame) => {
    const value = operand(frame);
    frame.charge(1);
    return value !== false;
  };
}

/** `a.or(b)` and, with `unwrap`, `a.orValue(b)`: the second operand only where the first is absent. */
export function optionalOr(left: Eval, right: Eval, unwrap: boolean): Eval {
  return (frame) => {
    const value = left(frame);
    if (value instanceof EvalFailure) return value;
    if (!(value instanceof Optional)) return noSuchOverload();
    if (value.value !== undefined) return unwrap ? value.value : value;
    const other = right(frame);
    return unwrap || other instanceof Optional || other instanceof EvalFailure ? other : noSuchOverload();
  };
}
