import { accumulator, type Expr } from "./ast.js";
import type { NodeBuilder } from "./builder.js";
import { SyntaxIssue } from "./lexer.js";
import type { Macro, MacroCall } from "./macro.js";

/** The name of an iteration variable. Throws SyntaxIssue when the argument is not a plain name. */
export function variableName(expr: Expr | undefined, at: number): string {
  if (expr?.kind !== "ident") throw new SyntaxIssue(expr?.at ?? at, "argument must be a simple name");
  if (expr.name === accumulator || expr.name === "__result__") {
    throw new SyntaxIssue(expr.at, "iteration variable overwrites accumulator variable");
  }
  return expr.name;
}

/** The operands of a member macro, checked to be there. */
export function operands(call: MacroCall): { target: Expr; args: readonly Expr[] } {
  if (call.target === undefined) throw new SyntaxIssue(call.at, "macro requires a target");
  return { target: call.target, args: call.args };
}

/** The argument at an index; the arity of the macro promises that it is there. */
export function argument(args: readonly Expr[], index: number, at: number): Expr {
  const found = args[index];
  if (found === undefined) throw new SyntaxIssue(at, "missing argument");
  return found;
}

const has: Macro = {
  name: "has",
  member: false,
  arity: 1,
  expand(builder, { args, at }) {
    const [arg] = args;
    if (arg?.kind === "select") return builder.select(at, arg.operand, arg.field, true);
    throw new SyntaxIssue(arg?.at ?? at, "invalid argument to has() macro");
  },
};

type Quantifier = "all" | "exists" | "exists_one";

/** The fold of a quantifier over one or two iteration variables. */
export function quantifierFold(
  builder: NodeBuilder,
  at: number,
  kind: Quantifier,
  range: Expr,
  variables: { iterVar: string; iterVar2?: string },
  predicate: Expr,
): Expr {
  const accu = () => builder.ident(at, accumulator);
  const base = { range, ...variables, accuVar: accumulator };
  if (kind === "exists_one") {
    const increment = builder.call(at, "_+_", accu(), builder.literal(at, 1));
    return builder.fold(at, {
      ...base,
      accuInit: builder.literal(at, 0),
      condition: builder.literal(at, true),
      step: builder.call(at, "_?_:_", predicate, increment, accu()),
      result: builder.call(at, "_==_", accu(), builder.literal(at, 1)),
    });
  }
  const all = kind === "all";
  const test = all ? accu() : builder.call(at, "!_", accu());
  return builder.fold(at, {
    ...base,
    accuInit: builder.literal(at, all),
    condition: builder.call(at, "@not_strictly_false", test),
    step: builder.call(at, all ? "_&&_" : "_||_", accu(), predicate),
    result: accu(),
  });
}

function quantifier(name: string, kind: Quantifier): Macro {
  return {
    name,
    member: true,
    arity: 2,
    expand(builder, call) {
      const { target, args } = operands(call);
      const iterVar = variableName(args[0], call.at);
      return quantifierFold(builder, call.at, kind, target, { iterVar }, argument(args, 1, call.at));
    },
  };
}

/** A fold that collects into a list: `step` is appended where `filter` holds. */
function collect(
  builder: NodeBuilder,
  at: number,
  range: Expr,
  iterVar: string,
  element: Expr,
  filter: Expr | undefined,
): Expr {
  const accu = () => builder.ident(at, accumulator);
  const append = builder.call(at, "_+_", accu(), builder.list(at, [element]));
  return builder.fold(at, {
    range,
    iterVar,
    accuVar: accumulator,
    accuInit: builder.list(at, []),
    condition: builder.literal(at, true),
    step: filter === undefined ? append : builder.call(at, "_?_:_", filter, append, accu()),
    result: accu(),
  });
}

function mapMacro(arity: 2 | 3): Macro {
  return {
    name: "map",
    member: true,
    arity,
    expand(builder, call) {
      const { target, args } = operands(call);
      const iterVar = variableName(args[0], call.at);
      const filter = arity === 3 ? argument(args, 1, call.at) : undefined;
      return collect(builder, call.at, target, iterVar, argument(args, arity - 1, call.at), filter);
    },
  };
}

const filter: Macro = {
  name: "filter",
  member: true,
  arity: 2,
  expand(builder, call) {
    const { target, args } = operands(call);
    const iterVar = variableName(args[0], call.at);
    const element = builder.ident(call.at, iterVar);
    return collect(builder, call.at, target, iterVar, element, argument(args, 1, call.at));
  },
};

/** `has`, `all`, `exists`, `exists_one`, `existsOne`, `map`, `filter`. */
export const standardMacros: readonly Macro[] = [
  has,
  quantifier("all", "all"),
  quantifier("exists", "exists"),
  quantifier("exists_one", "exists_one"),
  quantifier("existsOne", "exists_one"),
  mapMacro(2),
  mapMacro(3),
  filter,
];
