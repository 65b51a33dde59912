import type { Library } from "../environment.js";
import type { Expr } from "../syntax/ast.js";
import type { NodeBuilder } from "../syntax/builder.js";
import { SyntaxIssue } from "../syntax/lexer.js";
import type { Macro } from "../syntax/macro.js";
import { argument, operands, variableName } from "../syntax/standard-macros.js";

/** A fold over nothing: evaluates `init` into `name` for `result`. */
export function bindFold(builder: NodeBuilder, at: number, name: string, init: Expr, result: Expr): Expr {
  return builder.fold(at, {
    range: builder.list(at, []),
    iterVar: "#unused",
    accuVar: name,
    accuInit: init,
    condition: builder.literal(at, false),
    step: builder.ident(at, name),
    result,
  });
}

function isNamespace(target: Expr | undefined, name: string): boolean {
  return target?.kind === "ident" && target.name === name;
}

const bind: Macro = {
  name: "bind",
  member: true,
  arity: 3,
  expand(builder, call) {
    const { target, args } = operands(call);
    if (!isNamespace(target, "cel")) return undefined;
    const name = variableName(args[0], call.at);
    return bindFold(builder, call.at, name, argument(args, 1, call.at), argument(args, 2, call.at));
  },
};

function literalIndex(expr: Expr | undefined, at: number): number {
  if (expr?.kind === "literal" && typeof expr.value === "number" && expr.value >= 0) return expr.value;
  throw new SyntaxIssue(expr?.at ?? at, "index must be a non-negative int literal");
}

const block: Macro = {
  name: "block",
  member: true,
  arity: 2,
  expand(builder, call) {
    const { target, args } = operands(call);
    const [list, result] = args;
    if (!isNamespace(target, "cel") || result === undefined) return undefined;
    if (list?.kind !== "list") throw new SyntaxIssue(call.at, "cel.block expects a list of expressions");
    return list.elements.reduceRight(
      (body, element, index) => bindFold(builder, call.at, `@index${index}`, element, body),
      result,
    );
  },
};

const index: Macro = {
  name: "index",
  member: true,
  arity: 1,
  expand(builder, { target, args, at }) {
    return isNamespace(target, "cel") ? builder.ident(at, `@index${literalIndex(args[0], at)}`) : undefined;
  },
};

function variableMacro(name: string, prefix: string): Macro {
  return {
    name,
    member: true,
    arity: 2,
    expand(builder, { target, args, at }) {
      if (!isNamespace(target, "cel")) return undefined;
      return builder.ident(at, `${prefix}:${literalIndex(args[0], at)}:${literalIndex(args[1], at)}`);
    },
  };
}

/** `cel.bind(name, value, expression)`. */
export const bindingsLibrary: Library = { macros: [bind] };

/** `cel.block`, `cel.index`, `cel.iterVar`: how optimizers write common subexpressions. */
export const blockLibrary: Library = {
  macros: [block, index, variableMacro("iterVar", "@it"), variableMacro("accuVar", "@ac")],
};
