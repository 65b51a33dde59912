import { type CelError, positionAt } from "../issue.js";
import {
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
  type ParsedExpr,
  qualifiedName,
  type SelectExpr,
  type StructExpr,
} from "../syntax/ast.js";
import {
  boolType,
  type CelType,
  dynType,
  errorType,
  firstParam,
  formatType,
  intType,
  isOptionalType,
  listType,
  mapType,
  optionalType,
  sameType,
  typeParam,
  valueParam,
} from "../types.js";
import type { Value } from "../value/value.js";
import { candidateNames, type Environment, type FunctionDecl, type OverloadDecl } from "./environment.js";
import { literalType } from "./literal-type.js";
import { assign, assignAll, type Bindings, mostGeneral, substitute } from "./unify.js";

/** What a name or call in the text turned out to mean. */
export type Reference =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "local"; readonly name: string }
  | { readonly kind: "constant"; readonly name: string; readonly value: Value }
  | { readonly kind: "struct"; readonly type: CelType }
  | {
      readonly kind: "function";
      readonly fn: FunctionDecl;
      readonly overloads: readonly OverloadDecl[];
      /** The target was part of the function's name, `math.greatest`. */
      readonly qualified: boolean;
    };

/** A parsed expression with the type and meaning of each node, by node id. */
export interface CheckedExpr extends ParsedExpr {
  readonly types: ReadonlyMap<number, CelType>;
  readonly references: ReadonlyMap<number, Reference>;
  readonly type: CelType;
}

/** Finds the type of every node. Returns what is wrong instead, in text order, when anything is. */
export function check(parsed: ParsedExpr, environment: Environment): CheckedExpr | CelError[] {
  const checker = new Checker(parsed, environment);
  return checker.run();
}

interface Scope {
  readonly names: ReadonlyMap<string, CelType>;
  readonly outer: Scope | undefined;
}

interface Problem {
  readonly at: number;
  readonly message: string;
}

class Checker {
  private readonly types = new Map<number, CelType>();
  private readonly references = new Map<number, Reference>();
  private readonly problems: Problem[] = [];
  private readonly parsed: ParsedExpr;
  private readonly env: Environment;
  private bindings: Bindings = new Map();
  private scope: Scope | undefined;
  private freeVariables = 0;

  constructor(parsed: ParsedExpr, env: Environment) {
    this.parsed = parsed;
    this.env = env;
  }

  run(): CheckedExpr | CelError[] {
    this.visit(this.parsed.root);
    if (this.problems.length > 0) {
      const sorted = [...this.problems].sort((a, b) => a.at - b.at);
      return sorted.map(({ at, message }) => ({ ...positionAt(this.parsed.text, at), message }));
    }
    for (const [id, type] of this.types) this.types.set(id, substitute(this.bindings, type, true));
    const type = this.types.get(this.parsed.root.id) ?? dynType;
    return { ...this.parsed, types: this.types, references: this.references, type };
  }

  private report(at: number, message: string): void {
    this.problems.push({ at, message });
  }

  private typeOf(expr: Expr): CelType {
    return this.types.get(expr.id) ?? errorType;
  }

  private set(expr: Expr, type: CelType): void {
    this.types.set(expr.id, type);
  }

  private assign(to: CelType, from: CelType): boolean {
    const bindings = assign(this.bindings, to, from);
    if (bindings !== undefined) this.bindings = bindings;
    return bindings !== undefined;
  }

  private freshType(): CelType {
    this.freeVariables += 1;
    return typeParam(`_var${this.freeVariables - 1}`);
  }

  private undeclared(at: number, name: string): void {
    this.report(at, `undeclared reference to '${name}' (in container '${this.env.container}')`);
  }

  private mismatch(expr: Expr, expected: CelType, found: CelType): void {
    this.report(expr.at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
  }

  private visit(expr: Expr): void {
    switch (expr.kind) {
      case "literal":
        this.set(expr, literalType(expr.value));
        break;
      case "ident":
        this.ident(expr);
        break;
      case "select":
        this.select(expr);
        break;
      case "call":
        this.call(expr);
        break;
      case "list":
        this.list(expr);
        break;
      case "map":
        this.map(expr);
        break;
      case "struct":
        this.struct(expr);
        break;
      case "comprehension":
        this.comprehension(expr);
        break;
    }
  }

  private local(name: string): CelType | undefined {
    for (let scope = this.scope; scope !== undefined; scope = scope.outer) {
      const type = scope.names.get(name);
      if (type !== undefined) return type;
    }
    return undefined;
  }

  private global(name: string): { type: CelType; reference: Reference } | undefined {
    for (const candidate of candidateNames(this.env.container, name)) {
      const variable = this.env.variables.get(candidate);
      if (variable !== undefined) return { type: variable, reference: { kind: "variable", name: candidate } };
      const constant = this.env.constants.get(candidate);
      if (constant !== undefined) {
        return {
          type: constant.type,
          reference: { kind: "constant", name: candidate, value: constant.value },
        };
      }
    }
    return undefined;
  }

  private ident(expr: Expr & { kind: "ident" }): void {
    const local = this.local(expr.name);
    if (local !== undefined) {
      this.set(expr, local);
      this.references.set(expr.id, { kind: "local", name: expr.name });
      return;
    }
    const found = this.global(expr.name);
    if (found === undefined) {
      this.set(expr, errorType);
      this.undeclared(expr.at, expr.name);
      return;
    }
    this.set(expr, found.type);
    this.references.set(expr.id, found.reference);
  }

  private select(expr: SelectExpr): void {
    const name = qualifiedName(expr);
    const head = name?.split(".", 1)[0];
    if (name !== undefined && head !== undefined && this.local(head) === undefined) {
      const found = this.global(name);
      if (found !== undefined) {
        this.set(expr, found.type);
        this.references.set(expr.id, found.reference);
        return;
      }
    }
    const field = this.field(expr.at, expr.operand, expr.field, false);
    this.set(expr, expr.testOnly ? boolType : substitute(this.bindings, field, false));
  }

  private field(at: number, operand: Expr, field: string, optional: boolean): CelType {
    this.visit(operand);
    const operandType = substitute(this.bindings, this.typeOf(operand), false);
    const wasOptional = isOptionalType(operandType);
    const target = wasOptional ? firstParam(operandType) : operandType;
    const result = this.fieldType(at, target, field);
    return wasOptional || optional ? optionalType(result) : result;
  }

  private fieldType(at: number, target: CelType, field: string): CelType {
    switch (target.kind) {
      case "map":
        return valueParam(target);
      case "struct": {
        const type = target.fields?.get(field);
        if (type === undefined) this.report(at, `undefined field '${field}'`);
        return type ?? errorType;
      }
      case "typeParam":
        this.assign(dynType, target);
        return dynType;
      case "dyn":
      case "any":
      case "error":
        return dynType;
      default:
        this.report(at, `type '${formatType(target)}' does not support field selection`);
        return dynType;
    }
  }

  private optionalSelect(expr: CallExpr): void {
    const [operand, name] = expr.args;
    if (operand === undefined || name?.kind !== "literal" || typeof name.value !== "string") {
      this.report(expr.at, "unsupported optional field selection");
      return;
    }
    this.set(name, literalType(name.value));
    const type = this.field(expr.at, operand, name.value, true);
    this.set(expr, substitute(this.bindings, type, false));
  }

  private call(expr: CallExpr): void {
    if (expr.name === "_?._") {
      this.optionalSelect(expr);
      return;
    }
    for (const arg of expr.args) this.visit(arg);
    const fn = this.lookupFunction(
      expr.target === undefined ? expr.name : `${qualifiedName(expr.target) ?? "\0"}.${expr.name}`,
    );
    if (expr.target === undefined || (fn !== undefined && !this.headIsLocal(expr.target))) {
      if (fn === undefined) {
        this.set(expr, errorType);
        this.undeclared(expr.at, expr.name);
        return;
      }
      this.resolve(expr, fn, undefined, expr.target !== undefined);
      return;
    }
    this.visit(expr.target);
    const method = this.lookupFunction(expr.name);
    if (method === undefined) {
      this.set(expr, errorType);
      this.undeclared(expr.at, expr.name);
      return;
    }
    this.resolve(expr, method, expr.target, false);
  }

  private headIsLocal(target: Expr): boolean {
    const head = qualifiedName(target)?.split(".", 1)[0];
    return head !== undefined && this.local(head) !== undefined;
  }

  private lookupFunction(name: string): FunctionDecl | undefined {
    for (const candidate of candidateNames(this.env.container, name)) {
      const fn = this.env.functions.get(candidate);
      if (fn !== undefined) return fn;
    }
    return undefined;
  }

  private resolve(expr: CallExpr, fn: FunctionDecl, target: Expr | undefined, qualified: boolean): void {
    const args = target === undefined ? expr.args : [target, ...expr.args];
    const argTypes = args.map((arg) => this.typeOf(arg));
    if (fn.name === "_&&_" || fn.name === "_||_") {
      args.forEach((arg, index) => {
        const type = argTypes[index] ?? errorType;
        if (!this.assign(boolType, type)) this.mismatch(arg, boolType, type);
      });
      this.references.set(expr.id, { kind: "function", fn, overloads: fn.overloads, qualified });
      this.set(expr, boolType);
      return;
    }
    const { overloads, result } = this.matchOverloads(fn, target !== undefined, argTypes);
    if (result === undefined) {
      this.set(expr, errorType);
      const shown = argTypes.map((type) => formatType(substitute(this.bindings, type, true)));
      const signature =
        target === undefined ? `(${shown.join(", ")})` : `${shown[0]}.(${shown.slice(1).join(", ")})`;
      this.report(expr.at, `found no matching overload for '${fn.name}' applied to '${signature}'`);
      return;
    }
    this.set(expr, result);
    this.references.set(expr.id, { kind: "function", fn, overloads, qualified });
  }

  private matchOverloads(
    fn: FunctionDecl,
    member: boolean,
    argTypes: readonly CelType[],
  ): { overloads: OverloadDecl[]; result: CelType | undefined } {
    const overloads: OverloadDecl[] = [];
    let result: CelType | undefined;
    for (const overload of fn.overloads) {
      if (overload.member !== member) continue;
      const fresh = this.instantiate(overload);
      const bindings = assignAll(this.bindings, argTypes, fresh.args);
      if (bindings === undefined) continue;
      this.bindings = bindings;
      overloads.push(overload);
      const type = substitute(bindings, fresh.result, false);
      if (result === undefined) result = type;
      else if (result.kind !== "dyn" && !sameType(type, result)) result = dynType;
    }
    return { overloads, result };
  }

  /** The overload with fresh names for its type parameters. */
  private instantiate(overload: OverloadDecl): { args: CelType[]; result: CelType } {
    const names = new Map<string, CelType>();
    const collect = (type: CelType): void => {
      if (type.kind === "typeParam" && !names.has(type.name)) names.set(type.name, this.freshType());
      for (const param of type.params) collect(param);
    };
    for (const arg of overload.args) collect(arg);
    collect(overload.result);
    return {
      args: overload.args.map((arg) => substitute(names, arg, false)),
      result: substitute(names, overload.result, false),
    };
  }

  private unwrapOptional(expr: Expr, optional: boolean): CelType {
    const type = this.typeOf(expr);
    if (!optional) return type;
    if (isOptionalType(type)) return firstParam(type);
    if (type.kind !== "dyn") this.mismatch(expr, optionalType(type), type);
    return type;
  }

  private join(expr: Expr, previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current;
    if (this.assign(previous, current)) return mostGeneral(previous, current);
    if (!this.env.homogeneousLiterals) return dynType;
    this.mismatch(expr, previous, current);
    return errorType;
  }

  private list(expr: ListExpr): void {
    let element: CelType | undefined;
    expr.elements.forEach((item, index) => {
      this.visit(item);
      element = this.join(item, element, this.unwrapOptional(item, expr.optional.has(index)));
    });
    this.set(expr, listType(element ?? this.freshType()));
  }

  private map(expr: MapExpr): void {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of expr.entries) {
      this.visit(entry.key);
      key = this.join(entry.key, key, this.typeOf(entry.key));
      this.visit(entry.value);
      value = this.join(entry.value, value, this.unwrapOptional(entry.value, entry.optional));
    }
    this.set(expr, mapType(key ?? this.freshType(), value ?? this.freshType()));
  }

  private struct(expr: StructExpr): void {
    const type = this.structType(expr);
    this.set(expr, type ?? errorType);
    if (type !== undefined) this.references.set(expr.id, { kind: "struct", type });
    for (const field of expr.fields) {
      this.visit(field.value);
      const declared = type?.fields?.get(field.name);
      if (type === undefined) continue;
      if (declared === undefined) {
        this.report(field.at, `undefined field '${field.name}'`);
        continue;
      }
      const found = this.unwrapOptional(field.value, field.optional);
      if (!this.assign(declared, found)) {
        this.report(
          field.at,
          `expected type of field '${field.name}' is '${formatType(declared)}' but provided type is '${formatType(found)}'`,
        );
      }
    }
  }

  private structType(expr: StructExpr): CelType | undefined {
    for (const name of candidateNames(this.env.container, expr.name)) {
      const type = this.env.structs.find(name);
      if (type !== undefined) return type;
      const known = this.env.constants.get(name);
      if (known === undefined && !this.env.variables.has(name)) continue;
      const isType = known?.type.kind === "type";
      this.report(expr.at, isType ? `'${name}' is not a message type` : `'${name}' is not a type`);
      return undefined;
    }
    this.undeclared(expr.at, expr.name);
    return undefined;
  }

  private comprehension(expr: ComprehensionExpr): void {
    this.visit(expr.range);
    this.visit(expr.accuInit);
    const range = substitute(this.bindings, this.typeOf(expr.range), false);
    const accu = this.typeOf(expr.accuInit);
    const outer = this.scope;
    const accuScope: Scope = { names: new Map([[expr.accuVar, accu]]), outer };
    this.scope = { names: this.iterationNames(expr, range), outer: accuScope };
    this.visit(expr.condition);
    this.require(expr.condition, boolType);
    this.visit(expr.step);
    this.require(expr.step, accu);
    this.scope = accuScope;
    this.visit(expr.result);
    this.scope = outer;
    this.set(expr, substitute(this.bindings, this.typeOf(expr.result), false));
  }

  private iterationNames(expr: ComprehensionExpr, range: CelType): Map<string, CelType> {
    const pair = expr.iterVar2 !== undefined;
    let first = firstParam(range);
    let second = dynType;
    switch (range.kind) {
      case "list":
        if (pair) [first, second] = [intType, first];
        break;
      case "map":
        second = valueParam(range);
        break;
      case "dyn":
      case "any":
      case "error":
      case "typeParam":
        this.assign(dynType, range);
        first = dynType;
        break;
      default:
        this.report(
          expr.range.at,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        first = errorType;
        second = errorType;
    }
    const names = new Map([[expr.iterVar, first]]);
    if (expr.iterVar2 !== undefined) names.set(expr.iterVar2, second);
    return names;
  }

  private require(expr: Expr, type: CelType): void {
    if (!this.assign(type, this.typeOf(expr))) this.mismatch(expr, type, this.typeOf(expr));
  }
}
