import type { Expr } from "./ast.js";
import type { NodeBuilder } from "./builder.js";

/** What a macro sees of the call it replaces. */
export interface MacroCall {
  readonly at: number;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

/**
 * A call that the parser replaces by another expression. `expand` returns undefined to leave the
 * call as it is, and throws SyntaxIssue for a misuse.
 */
export interface Macro {
  readonly name: string;
  readonly member: boolean;
  /** Argument count; -1 for any. */
  readonly arity: number;
  expand(builder: NodeBuilder, call: MacroCall): Expr | undefined;
}

/** Key under which a parser finds a macro. */
export function macroKey(name: string, member: boolean, arity: number): string {
  return `${name}:${arity === -1 ? "*" : arity}:${member}`;
}
