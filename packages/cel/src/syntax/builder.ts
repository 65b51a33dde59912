import type { Expr, Literal, MapEntry, StructField } from "./ast.js";

/** Creates nodes with fresh ids; macros use it to write their expansion. */
export class NodeBuilder {
  private nextId = 1;

  /** One more than the highest id given out. */
  get idLimit(): number {
    return this.nextId;
  }

  private id(): number {
    const id = this.nextId;
    this.nextId += 1;
    return id;
  }

  literal(at: number, value: Literal): Expr {
    return { kind: "literal", id: this.id(), at, value };
  }

  ident(at: number, name: string): Expr {
    return { kind: "ident", id: this.id(), at, name };
  }

  select(at: number, operand: Expr, field: string, testOnly = false): Expr {
    return { kind: "select", id: this.id(), at, operand, field, testOnly };
  }

  call(at: number, name: string, ...args: Expr[]): Expr {
    return { kind: "call", id: this.id(), at, target: undefined, name, args };
  }

  memberCall(at: number, name: string, target: Expr, ...args: Expr[]): Expr {
    return { kind: "call", id: this.id(), at, target, name, args };
  }

  list(at: number, elements: readonly Expr[], optional: ReadonlySet<number> = new Set()): Expr {
    return { kind: "list", id: this.id(), at, elements, optional };
  }

  map(at: number, entries: readonly MapEntry[]): Expr {
    return { kind: "map", id: this.id(), at, entries };
  }

  mapEntry(at: number, key: Expr, value: Expr, optional: boolean): MapEntry {
    return { id: this.id(), at, key, value, optional };
  }

  struct(at: number, name: string, fields: readonly StructField[]): Expr {
    return { kind: "struct", id: this.id(), at, name, fields };
  }

  structField(at: number, name: string, value: Expr, optional: boolean): StructField {
    return { id: this.id(), at, name, value, optional };
  }

  /** The expression again with ids of its own, for a macro that uses an operand twice. */
  copy(expr: Expr): Expr {
    const { at } = expr;
    switch (expr.kind) {
      case "literal":
      case "ident":
        return { ...expr, id: this.id() };
      case "select":
        return this.select(at, this.copy(expr.operand), expr.field, expr.testOnly);
      case "call": {
        const args = expr.args.map((arg) => this.copy(arg));
        if (expr.target === undefined) return this.call(at, expr.name, ...args);
        return this.memberCall(at, expr.name, this.copy(expr.target), ...args);
      }
      case "list":
        return this.list(
          at,
          expr.elements.map((element) => this.copy(element)),
          expr.optional,
        );
      case "map":
        return this.map(
          at,
          expr.entries.map((e) => this.mapEntry(e.at, this.copy(e.key), this.copy(e.value), e.optional)),
        );
      case "struct":
        return this.struct(
          at,
          expr.name,
          expr.fields.map((f) => this.structField(f.at, f.name, this.copy(f.value), f.optional)),
        );
      case "comprehension":
        return {
          ...expr,
          id: this.id(),
          range: this.copy(expr.range),
          accuInit: this.copy(expr.accuInit),
          condition: this.copy(expr.condition),
          step: this.copy(expr.step),
          result: this.copy(expr.result),
        };
    }
  }

  fold(at: number, parts: Fold): Expr {
    return { kind: "comprehension", id: this.id(), at, iterVar2: undefined, ...parts };
  }
}

/** The parts of a comprehension. */
export interface Fold {
  readonly range: Expr;
  readonly iterVar: string;
  readonly iterVar2?: string;
  readonly accuVar: string;
  readonly accuInit: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}
