import type { CheckedExpr } from "../check/checker.js";
import type { Environment } from "../check/environment.js";
import { textSize } from "../eval/text.js";
import {
  accumulator,
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
} from "../syntax/ast.js";
import { type CelType, dynType, firstParam } from "../types.js";
import { type CallNode, type CallSize, estimateCall } from "./estimate-call.js";
import {
  addRanges,
  type CostRange,
  exactly,
  multiplyRanges,
  nothing,
  spanRanges,
  unbounded,
  unknownSize,
} from "./range.js";

export type { CostRange };

/** The sizes of what a list or map holds. */
interface EntrySize {
  readonly container: "list" | "map";
  readonly key: CostRange;
  readonly value: CostRange;
}

interface Local {
  readonly path: readonly string[];
  readonly size: CostRange | undefined;
  readonly entries: EntrySize | undefined;
}

/**
 * Bounds the cost of a checked expression as cel-go's estimator does, with the costs of Kubernetes'
 * libraries. Sizes of variables come from `maxElements` of their declared types.
 */
export function estimateCost(checked: CheckedExpr, environment: Environment): CostRange {
  return new Estimator(checked, environment).cost(checked.root);
}

class Estimator {
  private readonly checked: CheckedExpr;
  private readonly env: Environment;
  private readonly paths = new Map<number, readonly string[]>();
  private readonly sizes = new Map<number, CostRange>();
  private readonly entries = new Map<number, EntrySize>();
  private readonly locals = new Map<string, Local[]>();

  constructor(checked: CheckedExpr, env: Environment) {
    this.checked = checked;
    this.env = env;
  }

  cost(expr: Expr): CostRange {
    switch (expr.kind) {
      case "literal":
        return nothing;
      case "ident":
        return this.ident(expr.id, expr.name);
      case "select": {
        const reference = this.checked.references.get(expr.id);
        if (reference !== undefined && "name" in reference) return this.ident(expr.id, reference.name);
        const operand = this.cost(expr.operand);
        if (expr.testOnly) return addRanges(operand, exactly(this.env.presenceTestHasCost ? 1 : 0));
        this.paths.set(expr.id, [...this.pathOf(expr.operand), expr.field]);
        const { kind } = this.typeOf(expr.operand);
        return kind === "map" || kind === "struct" || kind === "typeParam"
          ? addRanges(operand, exactly(1))
          : operand;
      }
      case "call":
        return this.call(expr);
      case "list":
        return this.list(expr);
      case "map":
        return this.map(expr);
      case "struct":
        return addRanges(exactly(40), ...expr.fields.map((field) => this.cost(field.value)));
      case "comprehension":
        return isBind(expr) ? this.bind(expr) : this.comprehension(expr);
    }
  }

  private typeOf(expr: Expr): CelType {
    return this.checked.types.get(expr.id) ?? dynType;
  }

  private local(name: string): Local | undefined {
    return this.locals.get(name)?.at(-1);
  }

  private push(name: string, local: Local): void {
    const stack = this.locals.get(name) ?? [];
    stack.push(local);
    this.locals.set(name, stack);
  }

  private pop(name: string): void {
    this.locals.get(name)?.pop();
  }

  private ident(id: number, name: string): CostRange {
    const reference = this.checked.references.get(id);
    if (reference?.kind === "constant") return nothing;
    this.paths.set(id, this.local(name)?.path ?? [name]);
    return exactly(1);
  }

  private pathOf(expr: Expr): readonly string[] {
    const local = expr.kind === "ident" ? this.local(expr.name) : undefined;
    return local?.path ?? this.paths.get(expr.id) ?? [];
  }

  private call(expr: CallExpr): CostRange {
    const [first] = expr.args;
    if (expr.name === "dyn" && first !== undefined && expr.target === undefined) {
      const cost = this.cost(first);
      this.copySizes(expr, first);
      return addRanges(exactly(1), cost);
    }
    const argCosts = expr.args.map((arg) => this.cost(arg));
    const reference = this.checked.references.get(expr.id);
    if (expr.name === "_?._" && first !== undefined) {
      this.paths.set(expr.id, []);
      return addRanges(exactly(1), ...argCosts);
    }
    if (reference?.kind !== "function") return nothing;
    const args = expr.args.map((arg) => this.node(arg));
    const hasTarget = expr.target !== undefined && !reference.qualified;
    const targetCost = hasTarget && expr.target !== undefined ? this.cost(expr.target) : nothing;
    const target = hasTarget && expr.target !== undefined ? this.node(expr.target) : undefined;
    let total: CostRange | undefined;
    let size: CostRange | undefined;
    for (const overload of reference.overloads) {
      const estimate = this.overload(expr, reference.fn.name, overload.id, { target, args, argCosts });
      total = total === undefined ? estimate.cost : spanRanges(total, estimate.cost);
      if (estimate.size !== undefined)
        size = size === undefined ? estimate.size : spanRanges(size, estimate.size);
      if (first !== undefined && (overload.id === "index_list" || overload.id === "index_map")) {
        size = this.entriesOf(first)?.value;
        this.paths.set(expr.id, [...this.pathOf(first), overload.id === "index_list" ? "@items" : "@values"]);
      }
      size ??= this.sizeOf(expr);
    }
    if (size !== undefined) this.sizes.set(expr.id, size);
    return addRanges(targetCost, total ?? nothing);
  }

  private overload(
    expr: CallExpr,
    name: string,
    overloadId: string,
    call: { target: CallNode | undefined; args: readonly CallNode[]; argCosts: readonly CostRange[] },
  ): CallSize {
    const [first = nothing, second = nothing, third = nothing] = call.argCosts;
    if (overloadId === "logical_and" || overloadId === "logical_or") {
      return { cost: { min: first.min, max: addRanges(first, second).max } };
    }
    const [, yes, no] = expr.args;
    if (overloadId === "conditional" && yes !== undefined && no !== undefined) {
      this.spanEntries(expr, yes, no);
      const size = spanRanges(this.sizeOrUnknown(yes), this.sizeOrUnknown(no));
      return { cost: addRanges(first, spanRanges(second, third)), size };
    }
    if (overloadId === "add_list" && yes !== undefined && expr.args[0] !== undefined)
      this.spanEntries(expr, expr.args[0], yes);
    const estimate = estimateCall(name, overloadId, call.target, call.args);
    return { ...estimate, cost: addRanges(estimate.cost, ...call.argCosts) };
  }

  private spanEntries(into: Expr, a: Expr, b: Expr): void {
    const left = this.entriesOf(a);
    const right = this.entriesOf(b);
    if (left === undefined || right === undefined) return;
    this.entries.set(into.id, {
      container: left.container,
      key: spanRanges(left.key, right.key),
      value: spanRanges(left.value, right.value),
    });
  }

  private node(expr: Expr): CallNode {
    const path = this.pathOf(expr);
    const known = path.length > 0 && path[0] !== accumulator ? path : undefined;
    return {
      expr,
      type: this.typeOf(expr),
      size: this.sizeOf(expr),
      itemSize: () => (known === undefined ? undefined : this.declaredSize([...known, "@items"])),
    };
  }

  private list(expr: ListExpr): CostRange {
    const costs = expr.elements.map((element) => this.cost(element));
    this.entries.set(expr.id, { container: "list", key: exactly(1), value: this.spanOf(expr.elements) });
    return addRanges(exactly(10), ...costs);
  }

  private map(expr: MapExpr): CostRange {
    const costs = expr.entries.map((entry) => addRanges(this.cost(entry.key), this.cost(entry.value)));
    this.entries.set(expr.id, {
      container: "map",
      key: this.spanOf(expr.entries.map((entry) => entry.key)),
      value: this.spanOf(expr.entries.map((entry) => entry.value)),
    });
    return addRanges(exactly(30), ...costs);
  }

  private spanOf(items: readonly Expr[]): CostRange {
    if (items.length === 0) return nothing;
    return items.map((item) => this.sizeOrUnknown(item)).reduce(spanRanges, { min: unbounded, max: 0 });
  }

  private comprehension(expr: ComprehensionExpr): CostRange {
    const before = addRanges(this.cost(expr.range), this.cost(expr.accuInit));
    this.push(expr.accuVar, {
      path: this.pathOf(expr.accuInit),
      size: this.sizeOf(expr.accuInit),
      entries: this.entriesOf(expr.accuInit),
    });
    this.pushIteration(expr);
    const turn = addRanges(this.cost(expr.condition), this.cost(expr.step));
    const stepEntries = this.entriesOf(expr.step);
    this.pop(expr.iterVar);
    if (expr.iterVar2 !== undefined) this.pop(expr.iterVar2);
    const result = this.cost(expr.result);
    this.pop(expr.accuVar);
    const count = this.sizeOrUnknown(expr.range);
    if (expr.accuInit.kind === "literal") {
      const size = this.sizeOf(expr.accuInit);
      if (size !== undefined) this.sizes.set(expr.id, size);
    } else if (expr.accuInit.kind === "list" || expr.accuInit.kind === "map") {
      this.sizes.set(expr.id, count);
      if (stepEntries !== undefined) this.entries.set(expr.id, stepEntries);
    }
    return addRanges(before, result, multiplyRanges(count, turn));
  }

  private pushIteration(expr: ComprehensionExpr): void {
    const entries = this.entriesOf(expr.range);
    const path = this.pathOf(expr.range);
    const isList = (entries?.container ?? this.typeOf(expr.range).kind) === "list";
    const value: Local = {
      path: [...path, isList ? "@items" : "@values"],
      size: entries?.value,
      entries: undefined,
    };
    const key: Local = {
      path: [...path, isList ? "@indices" : "@keys"],
      size: entries?.key,
      entries: undefined,
    };
    if (expr.iterVar2 === undefined) {
      this.push(expr.iterVar, isList ? value : key);
      return;
    }
    this.push(expr.iterVar, key);
    this.push(expr.iterVar2, value);
  }

  private bind(expr: ComprehensionExpr): CostRange {
    const before = addRanges(this.cost(expr.range), this.cost(expr.accuInit));
    this.push(expr.accuVar, {
      path: this.pathOf(expr.accuInit),
      size: this.sizeOf(expr.accuInit),
      entries: this.entriesOf(expr.accuInit),
    });
    const result = this.cost(expr.result);
    this.copySizes(expr, expr.result);
    this.pop(expr.accuVar);
    return addRanges(before, result);
  }

  private copySizes(to: Expr, from: Expr): void {
    const size = this.sizeOf(from);
    if (size !== undefined) this.sizes.set(to.id, size);
    const entries = this.entriesOf(from);
    if (entries !== undefined) this.entries.set(to.id, entries);
  }

  private sizeOrUnknown(expr: Expr): CostRange {
    return this.sizeOf(expr) ?? unknownSize;
  }

  private sizeOf(expr: Expr): CostRange | undefined {
    const known = this.sizes.get(expr.id) ?? literalSize(expr);
    if (known !== undefined) return known;
    const declared = this.declaredSize(this.pathOf(expr));
    if (declared !== undefined) return declared;
    if (isScalar(this.typeOf(expr))) return exactly(1);
    return expr.kind === "ident" ? this.local(expr.name)?.size : undefined;
  }

  private entriesOf(expr: Expr): EntrySize | undefined {
    return this.entries.get(expr.id) ?? (expr.kind === "ident" ? this.local(expr.name)?.entries : undefined);
  }

  /** The size that the declared type at a path from a variable allows. */
  private declaredSize(path: readonly string[]): CostRange | undefined {
    const [root, ...rest] = path;
    let type = root === undefined ? undefined : this.env.variables.get(root);
    for (const step of rest) {
      if (type === undefined) return undefined;
      if (step === "@items" || step === "@values") type = type.params.at(-1);
      else if (step === "@keys") type = type.kind === "map" ? firstParam(type) : undefined;
      else type = type.fields?.get(step);
    }
    return type?.maxElements === undefined
      ? undefined
      : { min: 0, max: Math.min(type.maxElements, unbounded) };
  }
}

function isBind(expr: ComprehensionExpr): boolean {
  return (
    expr.range.kind === "list" &&
    expr.range.elements.length === 0 &&
    expr.condition.kind === "literal" &&
    expr.condition.value === false &&
    expr.accuVar !== accumulator
  );
}

function literalSize(expr: Expr): CostRange | undefined {
  if (expr.kind === "list") return exactly(expr.elements.length);
  if (expr.kind === "map") return exactly(expr.entries.length);
  if (expr.kind !== "literal") return undefined;
  if (typeof expr.value === "string") return exactly(textSize(expr.value));
  return exactly(expr.value instanceof Uint8Array ? expr.value.length : 1);
}

const scalars = new Set(["bool", "double", "duration", "int", "timestamp", "uint"]);

function isScalar(type: CelType): boolean {
  if (type.kind === "opaque" && type.name === "optional_type") return isScalar(firstParam(type));
  return scalars.has(type.kind);
}
