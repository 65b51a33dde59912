import type { CheckedExpr, Reference } from "../check/checker.js";
import {
  candidateNames,
  type Environment,
  type FunctionDecl,
  type OverloadDecl,
} from "../check/environment.js";
import { callCost } from "../cost/call-cost.js";
import {
  type CallExpr,
  type Expr,
  type IdentExpr,
  type ListExpr,
  type MapExpr,
  type ParsedExpr,
  qualifiedName,
  type SelectExpr,
  type StructExpr,
} from "../syntax/ast.js";
import { adapt } from "../value/adapt.js";
import { ArrayList, EntryMap } from "../value/container.js";
import { StructValue } from "../value/struct.js";
import { adaptAs } from "../value/typed.js";
import { EvalFailure, noSuchOverload, Optional, type Result, type Value } from "../value/value.js";
import { hasField, optionalField, selectField } from "./access.js";
import { dispatcher, strictCall } from "./calls.js";
import { planComprehension, type Scope } from "./comprehension.js";
import type { Eval, Frame, VariableSlot } from "./frame.js";
import { conditional, logicalAnd, logicalOr, notStrictlyFalse, optionalOr } from "./logic.js";

const listCost = 10;
const mapCost = 30;
const structCost = 40;

/** A program ready to run. */
export interface Plan {
  readonly evaluate: Eval;
  readonly variables: readonly VariableSlot[];
}

/** Turns an expression into closures. Without a check, names and overloads are resolved while running. */
export function plan(expr: ParsedExpr | CheckedExpr, environment: Environment): Plan {
  const planner = new Planner(environment, "references" in expr ? expr.references : undefined);
  return { evaluate: planner.plan(expr.root, undefined), variables: planner.variables };
}

/** What a comprehension needs of the planner. */
export interface SubPlanner {
  plan(expr: Expr, scope: Scope | undefined): Eval;
  newSlot(): number;
}

class Planner implements SubPlanner {
  readonly variables: VariableSlot[] = [];
  private readonly indices = new Map<string, number>();
  private readonly env: Environment;
  private readonly references: ReadonlyMap<number, Reference> | undefined;
  private slots = 0;

  constructor(env: Environment, references: ReadonlyMap<number, Reference> | undefined) {
    this.env = env;
    this.references = references;
  }

  newSlot(): number {
    this.slots += 1;
    return this.slots - 1;
  }

  plan(expr: Expr, scope: Scope | undefined): Eval {
    switch (expr.kind) {
      case "literal": {
        const { value } = expr;
        return () => value;
      }
      case "ident":
        return this.ident(expr, scope);
      case "select":
        return this.select(expr, scope);
      case "call":
        return this.call(expr, scope);
      case "list":
        return this.list(expr, scope);
      case "map":
        return this.map(expr, scope);
      case "struct":
        return this.struct(expr, scope);
      case "comprehension":
        return planComprehension(expr, scope, this);
    }
  }

  private variable(name: string): Eval {
    const known = this.indices.get(name);
    const index = known ?? this.variables.length;
    if (known === undefined) {
      const type = this.env.variables.get(name);
      this.variables.push({ name, read: type === undefined ? adapt : (raw) => adaptAs(raw, type) });
      this.indices.set(name, index);
    }
    return (frame) => {
      frame.charge(1);
      return frame.variable(index);
    };
  }

  private referenced(reference: Reference | undefined): Eval | undefined {
    if (reference?.kind === "variable") return this.variable(reference.name);
    if (reference?.kind !== "constant") return undefined;
    const { value } = reference;
    return () => value;
  }

  private ident(expr: IdentExpr, scope: Scope | undefined): Eval {
    const slot = scope?.find(expr.name);
    if (slot !== undefined) {
      return (frame) => {
        frame.charge(1);
        const value = frame.slots[slot];
        return value === undefined ? new EvalFailure(`no such attribute(s): ${expr.name}`) : value;
      };
    }
    return this.referenced(this.references?.get(expr.id)) ?? this.unresolved(expr);
  }

  /** A dotted name looked up while running: the longest prefix that is bound, then its fields. */
  private unresolved(expr: IdentExpr | SelectExpr): Eval {
    const name = qualifiedName(expr) ?? "";
    const parts = name.split(".");
    const start = name.startsWith(".") ? 2 : 1;
    const attempts: { candidates: readonly string[]; rest: readonly string[] }[] = [];
    for (let length = parts.length; length >= start; length -= 1) {
      attempts.push({
        candidates: candidateNames(this.env.container, parts.slice(0, length).join(".")),
        rest: parts.slice(length),
      });
    }
    return (frame) => {
      for (const { candidates, rest } of attempts) {
        const found = this.firstBound(frame, candidates);
        if (found === undefined) continue;
        frame.charge(1 + rest.length);
        return rest.reduce<Result>(
          (value, field) => (value instanceof EvalFailure ? value : selectField(value, field)),
          found,
        );
      }
      return new EvalFailure(`no such attribute(s): ${name}`);
    };
  }

  private firstBound(frame: Frame, candidates: readonly string[]): Value | undefined {
    for (const candidate of candidates) {
      const raw = frame.named(candidate);
      if (raw !== undefined) {
        const type = this.env.variables.get(candidate);
        return type === undefined ? adapt(raw) : adaptAs(raw, type);
      }
      const constant = this.env.constants.get(candidate);
      if (constant !== undefined) return constant.value;
    }
    return undefined;
  }

  private select(expr: SelectExpr, scope: Scope | undefined): Eval {
    const resolved = this.referenced(this.references?.get(expr.id));
    if (resolved !== undefined) return resolved;
    const name = qualifiedName(expr);
    const head = name?.split(".", 1)[0];
    const isDynamic = this.references === undefined && head !== undefined && scope?.find(head) === undefined;
    if (isDynamic && !expr.testOnly) return this.unresolved(expr);
    const operand = this.plan(expr.operand, scope);
    const { field } = expr;
    if (expr.testOnly) {
      const cost = this.env.presenceTestHasCost ? 1 : 0;
      return (frame) => {
        const value = operand(frame);
        if (value instanceof EvalFailure) return value;
        frame.charge(cost);
        return hasField(value, field);
      };
    }
    return (frame) => {
      const value = operand(frame);
      if (value instanceof EvalFailure) return value;
      frame.charge(1);
      return selectField(value, field);
    };
  }

  private call(expr: CallExpr, scope: Scope | undefined): Eval {
    const special = this.specialCall(expr, scope);
    if (special !== undefined) return special;
    const found = this.resolveCall(expr, scope);
    if (found === undefined) return () => new EvalFailure(`unbound function: ${expr.name}`);
    const { fn, overloads, target } = found;
    const args = (target === undefined ? expr.args : [target, ...expr.args]).map((arg) =>
      this.plan(arg, scope),
    );
    if (target !== undefined && (fn.name === "or" || fn.name === "orValue")) {
      const [left, right] = args;
      if (left !== undefined && right !== undefined) return optionalOr(left, right, fn.name === "orValue");
    }
    const id = overloads.length === 1 ? (overloads[0]?.id ?? "") : "";
    return strictCall(dispatcher(fn, overloads, args.length), args, callCost(fn.name, id));
  }

  private specialCall(expr: CallExpr, scope: Scope | undefined): Eval | undefined {
    if (expr.target !== undefined) return undefined;
    const [first, second, third] = expr.args;
    if (first === undefined) return undefined;
    const plan = (arg: Expr) => this.plan(arg, scope);
    if (expr.name === "@not_strictly_false") return notStrictlyFalse(plan(first));
    if (second === undefined) return undefined;
    switch (expr.name) {
      case "_&&_":
        return logicalAnd(plan(first), plan(second));
      case "_||_":
        return logicalOr(plan(first), plan(second));
      case "_?_:_":
        return third === undefined ? undefined : conditional(plan(first), plan(second), plan(third));
      case "_?._":
        return this.optionalSelect(plan(first), second);
      default:
        return undefined;
    }
  }

  private optionalSelect(operand: Eval, name: Expr): Eval {
    const field = name.kind === "literal" && typeof name.value === "string" ? name.value : "";
    return (frame) => {
      const value = operand(frame);
      if (value instanceof EvalFailure) return value;
      frame.charge(1);
      return optionalField(value, field);
    };
  }

  private resolveCall(
    expr: CallExpr,
    scope: Scope | undefined,
  ): { fn: FunctionDecl; overloads: readonly OverloadDecl[]; target: Expr | undefined } | undefined {
    const reference = this.references?.get(expr.id);
    if (reference?.kind === "function") {
      return { ...reference, target: reference.qualified ? undefined : expr.target };
    }
    const prefix = expr.target === undefined ? undefined : qualifiedName(expr.target);
    const head = prefix?.split(".", 1)[0];
    if (
      expr.target === undefined ||
      (prefix !== undefined && (head === undefined || scope?.find(head) === undefined))
    ) {
      const full = prefix === undefined ? expr.name : `${prefix}.${expr.name}`;
      for (const candidate of candidateNames(this.env.container, full)) {
        const fn = this.env.functions.get(candidate);
        if (fn !== undefined)
          return { fn, overloads: fn.overloads.filter((o) => !o.member), target: undefined };
      }
      if (expr.target === undefined) return undefined;
    }
    const fn = this.env.functions.get(expr.name);
    return fn && { fn, overloads: fn.overloads.filter((overload) => overload.member), target: expr.target };
  }

  private list(expr: ListExpr, scope: Scope | undefined): Eval {
    const elements = expr.elements.map((element) => this.plan(element, scope));
    const { optional } = expr;
    return (frame) => {
      const items: Value[] = [];
      for (let index = 0; index < elements.length; index += 1) {
        const value = elements[index]?.(frame);
        if (value === undefined) continue;
        if (value instanceof EvalFailure) return value;
        if (!optional.has(index)) items.push(value);
        else if (!(value instanceof Optional)) return notOptional(value);
        else if (value.value !== undefined) items.push(value.value);
      }
      frame.charge(listCost);
      return new ArrayList(items);
    };
  }

  private map(expr: MapExpr, scope: Scope | undefined): Eval {
    const entries = expr.entries.map((entry) => ({
      key: this.plan(entry.key, scope),
      value: this.plan(entry.value, scope),
      optional: entry.optional,
    }));
    return (frame) => {
      const map = new EntryMap();
      for (const entry of entries) {
        const key = entry.key(frame);
        if (key instanceof EvalFailure) return key;
        let value: Result | undefined = entry.value(frame);
        if (value instanceof EvalFailure) return value;
        if (entry.optional) {
          if (!(value instanceof Optional)) return notOptional(value);
          value = value.value;
        }
        if (value !== undefined && !addKey(map, key, value))
          return new EvalFailure("failed to add key: repeated or unsupported");
      }
      frame.charge(mapCost);
      return map;
    };
  }

  private struct(expr: StructExpr, scope: Scope | undefined): Eval {
    const reference = this.references?.get(expr.id);
    const type = reference?.kind === "struct" ? reference.type : this.structType(expr.name);
    if (type === undefined) return () => new EvalFailure(`unknown type: ${expr.name}`);
    const fields = expr.fields.map((field) => ({ ...field, value: this.plan(field.value, scope) }));
    return (frame) => {
      const values = new Map<string, Value>();
      for (const field of fields) {
        const value = field.value(frame);
        if (value instanceof EvalFailure) return value;
        if (!field.optional) values.set(field.name, value);
        else if (!(value instanceof Optional)) return notOptional(value);
        else if (value.value !== undefined) values.set(field.name, value.value);
      }
      frame.charge(structCost);
      return new StructValue(type, values);
    };
  }

  private structType(name: string) {
    for (const candidate of candidateNames(this.env.container, name)) {
      const type = this.env.structs.find(candidate);
      if (type !== undefined) return type;
    }
    return undefined;
  }
}

function notOptional(value: Value): EvalFailure {
  return value === null
    ? noSuchOverload()
    : new EvalFailure("cannot initialize optional entry from non-optional value");
}

function addKey(map: EntryMap, key: Value, value: Value): boolean {
  return (typeof key !== "object" || key !== null) && map.add(key, value);
}
