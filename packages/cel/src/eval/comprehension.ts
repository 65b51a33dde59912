import type { ComprehensionExpr } from "../syntax/ast.js";
import { ArrayList, CelList, CelMap, EntryMap } from "../value/container.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import type { Eval, Frame } from "./frame.js";
import type { SubPlanner } from "./planner.js";

/** The variables of the comprehensions around a node. */
export class Scope {
  private readonly names: ReadonlyMap<string, number>;
  private readonly outer: Scope | undefined;

  constructor(names: ReadonlyMap<string, number>, outer: Scope | undefined) {
    this.names = names;
    this.outer = outer;
  }

  /** The slot of a variable; undefined for a name that no comprehension declares. */
  find(name: string): number | undefined {
    return this.names.get(name) ?? this.outer?.find(name);
  }
}

interface Loop {
  readonly accu: number;
  readonly first: number;
  readonly second: number | undefined;
  readonly condition: Eval;
  readonly step: Eval;
}

/** Compiles a fold. The hidden list or map that a macro collects into is appended to in place. */
export function planComprehension(
  expr: ComprehensionExpr,
  outer: Scope | undefined,
  planner: SubPlanner,
): Eval {
  const range = planner.plan(expr.range, outer);
  const init = planner.plan(expr.accuInit, outer);
  const accu = planner.newSlot();
  const first = planner.newSlot();
  const second = expr.iterVar2 === undefined ? undefined : planner.newSlot();
  const accuScope = new Scope(new Map([[expr.accuVar, accu]]), outer);
  const names = new Map([[expr.iterVar, first]]);
  if (expr.iterVar2 !== undefined && second !== undefined) names.set(expr.iterVar2, second);
  const inner = new Scope(names, accuScope);
  const loop: Loop = {
    accu,
    first,
    second,
    condition: planner.plan(expr.condition, inner),
    step: planner.plan(expr.step, inner),
  };
  const result = planner.plan(expr.result, accuScope);
  const collects = isEmptyLiteral(expr);
  return (frame) => {
    const over = range(frame);
    if (over instanceof EvalFailure) return over;
    const start = init(frame);
    frame.slots[accu] = collects ? growing(start) : start;
    const failed = fold(frame, loop, over);
    if (failed !== undefined) return failed;
    return settled(result(frame));
  };
}

function isEmptyLiteral({ accuInit }: ComprehensionExpr): boolean {
  if (accuInit.kind === "list") return accuInit.elements.length === 0;
  return accuInit.kind === "map" && accuInit.entries.length === 0;
}

function growing(start: Result): Result {
  return start instanceof EntryMap ? new EntryMap(true) : new ArrayList([], true);
}

function settled(result: Result): Result {
  if (result instanceof ArrayList || result instanceof EntryMap) result.growing = false;
  return result;
}

/** One turn of the loop; false when the condition ends it. */
function turn(frame: Frame, loop: Loop): boolean {
  if (loop.condition(frame) === false) return false;
  frame.slots[loop.accu] = loop.step(frame);
  return true;
}

function fold(frame: Frame, loop: Loop, over: Value): EvalFailure | undefined {
  const { slots } = frame;
  if (over instanceof CelList) {
    for (let index = 0; index < over.size; index += 1) {
      slots[loop.first] = loop.second === undefined ? over.at(index) : index;
      if (loop.second !== undefined) slots[loop.second] = over.at(index);
      if (!turn(frame, loop)) break;
    }
    return undefined;
  }
  if (!(over instanceof CelMap)) return noSuchOverload();
  for (const key of over.keys()) {
    slots[loop.first] = key;
    if (loop.second !== undefined) slots[loop.second] = over.find(key) ?? null;
    if (!turn(frame, loop)) break;
  }
  return undefined;
}
