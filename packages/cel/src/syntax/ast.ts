import type { CelDouble, CelUint } from "../value/number.js";

/** A literal: int is a number or, beyond 2^53, a bigint. */
export type Literal = null | boolean | number | bigint | CelUint | CelDouble | string | Uint8Array;

interface Node {
  /** Unique within one expression, from 1 up, dense. */
  readonly id: number;
  /** Offset in the text, in UTF-16 units, of the token that errors about this node point at. */
  readonly at: number;
}

export interface LiteralExpr extends Node {
  readonly kind: "literal";
  readonly value: Literal;
}

export interface IdentExpr extends Node {
  readonly kind: "ident";
  readonly name: string;
}

export interface SelectExpr extends Node {
  readonly kind: "select";
  readonly operand: Expr;
  readonly field: string;
  /** The expansion of `has(operand.field)`. */
  readonly testOnly: boolean;
}

export interface CallExpr extends Node {
  readonly kind: "call";
  readonly target: Expr | undefined;
  readonly name: string;
  readonly args: readonly Expr[];
}

export interface ListExpr extends Node {
  readonly kind: "list";
  readonly elements: readonly Expr[];
  /** Indices of elements written `?x`. */
  readonly optional: ReadonlySet<number>;
}

export interface MapEntry extends Node {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapExpr extends Node {
  readonly kind: "map";
  readonly entries: readonly MapEntry[];
}

export interface StructField extends Node {
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface StructExpr extends Node {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: readonly StructField[];
}

/** A fold over a list or map: what `all`, `map` and the other macros become. */
export interface ComprehensionExpr extends Node {
  readonly kind: "comprehension";
  readonly range: Expr;
  readonly iterVar: string;
  readonly iterVar2: string | undefined;
  readonly accuVar: string;
  readonly accuInit: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export type Expr =
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | StructExpr
  | ComprehensionExpr;

/** The hidden variable in which a macro collects its result. */
export const accumulator = "@result";

/** A parsed expression. */
export interface ParsedExpr {
  readonly text: string;
  readonly root: Expr;
  /** One more than the highest node id. */
  readonly idLimit: number;
}

/** `a.b.c` of a chain of identifiers and selects; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.testOnly) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}
