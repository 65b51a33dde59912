import { type CelError, positionAt } from "../issue.js";
import { CelDouble } from "../value/number.js";
import { type Expr, type MapEntry, type ParsedExpr, qualifiedName, type StructField } from "./ast.js";
import { NodeBuilder } from "./builder.js";
import { SyntaxIssue, type Token, tokenize } from "./lexer.js";
import { type Macro, macroKey } from "./macro.js";

export interface ParseOptions {
  readonly macros: readonly Macro[];
  /** `a.?b`, `a[?b]`, `[?a]`, `{?k: v}`. */
  readonly optionalSyntax: boolean;
  /** Fields in backquotes, ``a.`b-c` ``. Default true. */
  readonly quotedFields?: boolean;
  /** The longest accepted text, in UTF-16 units. Default 100,000. */
  readonly maxLength?: number;
  /** The deepest accepted nesting. Default 250. */
  readonly maxDepth?: number;
}

const reserved = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);
const keywords = new Set(["in", "true", "false", "null"]);
const binaryOperators: readonly (readonly string[])[] = [
  ["==", "!=", "<", "<=", ">", ">=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Parses an expression and expands macros. Returns the syntax errors found instead when there are any. */
export function parse(text: string, options: ParseOptions): ParsedExpr | CelError[] {
  const maxLength = options.maxLength ?? 100_000;
  if (text.length > maxLength) {
    return [
      {
        line: 1,
        column: 1,
        message: `expression code point size exceeds limit: size: ${text.length}, limit ${maxLength}`,
      },
    ];
  }
  try {
    const parser = new Parser(tokenize(text), options);
    const root = parser.parseAll();
    return { text, root, idLimit: parser.idLimit };
  } catch (error) {
    if (error instanceof SyntaxIssue) return [{ ...positionAt(text, error.at), message: error.message }];
    throw error;
  }
}

class Parser {
  private readonly builder = new NodeBuilder();
  private readonly macros: ReadonlyMap<string, Macro>;
  private readonly tokens: readonly Token[];
  private readonly options: ParseOptions;
  private readonly maxDepth: number;
  private index = 0;
  private depth = 0;
  private readonly depths = new WeakMap<Expr, number>();

  constructor(tokens: readonly Token[], options: ParseOptions) {
    this.tokens = tokens;
    this.options = options;
    this.maxDepth = options.maxDepth ?? 250;
    this.macros = new Map(
      options.macros.map((macro) => [macroKey(macro.name, macro.member, macro.arity), macro]),
    );
  }

  get idLimit(): number {
    return this.builder.idLimit;
  }

  parseAll(): Expr {
    const expr = this.expression();
    if (this.peek().kind !== "end") throw this.unexpected();
    return expr;
  }

  private peek(): Token {
    const token = this.tokens[this.index] ?? this.tokens.at(-1);
    if (token === undefined) throw new SyntaxIssue(0, "Syntax error: empty input");
    return token;
  }

  private next(): Token {
    const token = this.peek();
    this.index += 1;
    return token;
  }

  private isOp(text: string): boolean {
    const token = this.peek();
    return token.kind === "op" && token.text === text;
  }

  private takeOp(text: string): Token | undefined {
    return this.isOp(text) ? this.next() : undefined;
  }

  private expectOp(text: string): Token {
    const token = this.takeOp(text);
    if (token === undefined) throw this.unexpected(`'${text}'`);
    return token;
  }

  private unexpected(expecting?: string): SyntaxIssue {
    const token = this.peek();
    const wanted = expecting === undefined ? "" : ` expecting ${expecting}`;
    return new SyntaxIssue(token.at, `Syntax error: mismatched input '${token.text}'${wanted}`);
  }

  /** Wraps a node over others, refusing a tree too deep to walk. */
  private grown(expr: Expr, ...children: (Expr | undefined)[]): Expr {
    let depth = 0;
    for (const child of children)
      depth = Math.max(depth, child === undefined ? 0 : (this.depths.get(child) ?? 0));
    if (depth >= this.maxDepth) throw new SyntaxIssue(expr.at, "expression recursion limit exceeded");
    this.depths.set(expr, depth + 1);
    return expr;
  }

  private expression(): Expr {
    this.depth += 1;
    if (this.depth > this.maxDepth) {
      throw new SyntaxIssue(this.peek().at, `expression recursion limit exceeded: ${this.maxDepth}`);
    }
    const condition = this.logical("||", "_||_", () => this.logical("&&", "_&&_", () => this.binary(0)));
    let result = condition;
    const question = this.takeOp("?");
    if (question !== undefined) {
      const yes = this.logical("||", "_||_", () => this.logical("&&", "_&&_", () => this.binary(0)));
      this.expectOp(":");
      const no = this.expression();
      result = this.grown(this.builder.call(question.at, "_?_:_", condition, yes, no), condition, yes, no);
    }
    this.depth -= 1;
    return result;
  }

  /** A chain of one logical operator, built as a balanced tree so that long chains stay shallow. */
  private logical(op: string, name: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const places: number[] = [];
    for (let token = this.takeOp(op); token !== undefined; token = this.takeOp(op)) {
      places.push(token.at);
      terms.push(operand());
    }
    return this.balanced(name, terms, places, 0, places.length - 1);
  }

  private balanced(
    name: string,
    terms: readonly Expr[],
    places: readonly number[],
    low: number,
    high: number,
  ): Expr {
    const middle = (low + high + 1) >> 1;
    const leaf = terms[low];
    if (high < low) {
      if (leaf === undefined) throw this.unexpected();
      return leaf;
    }
    const left = this.balanced(name, terms, places, low, middle - 1);
    const right = this.balanced(name, terms, places, middle + 1, high);
    return this.grown(this.builder.call(places[middle] ?? 0, name, left, right), left, right);
  }

  private binary(level: number): Expr {
    const operators = binaryOperators[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const token = this.peek();
      const isOperator = token.kind === "op" || (token.kind === "ident" && token.text === "in");
      if (!isOperator || !operators.includes(token.text)) return left;
      this.next();
      const right = this.binary(level + 1);
      const name = token.text === "in" ? "@in" : `_${token.text}_`;
      left = this.grown(this.builder.call(token.at, name, left, right), left, right);
    }
  }

  private unary(): Expr {
    const first = this.peek();
    if (first.kind !== "op" || (first.text !== "!" && first.text !== "-")) return this.member();
    let count = 0;
    while (this.takeOp(first.text) !== undefined) count += 1;
    const next = this.peek();
    if (first.text === "-" && count === 1 && next.kind === "literal" && isSigned(next)) {
      this.next();
      return this.suffixes(this.builder.literal(first.at, negated(next)));
    }
    const operand = this.member();
    if (count % 2 === 0) return operand;
    return this.grown(this.builder.call(first.at, first.text === "!" ? "!_" : "-_", operand), operand);
  }

  private member(): Expr {
    return this.suffixes(this.primary());
  }

  private suffixes(start: Expr): Expr {
    let expr = start;
    for (;;) {
      const token = this.peek();
      if (token.kind !== "op") return expr;
      const operand = expr;
      if (token.text === ".") expr = this.grown(this.fieldOrMethod(expr), operand);
      else if (token.text === "[") expr = this.grown(this.index_(expr), operand);
      else if (token.text === "{") {
        const name = structName(expr);
        if (name === undefined) return expr;
        expr = this.structLiteral(name);
      } else return expr;
    }
  }

  private fieldOrMethod(operand: Expr): Expr {
    const dot = this.expectOp(".");
    if (this.isOp("?")) {
      const question = this.next();
      if (!this.options.optionalSyntax) throw new SyntaxIssue(dot.at, "unsupported syntax '.?'");
      const field = this.fieldName();
      return this.builder.call(dot.at, "_?._", operand, this.builder.literal(question.at, field));
    }
    const quoted = this.peek().kind === "quotedIdent";
    const field = this.fieldName();
    const open = quoted ? undefined : this.takeOp("(");
    if (open === undefined) return this.builder.select(dot.at, operand, field);
    return this.callNode(open.at, field, operand, this.list(")"));
  }

  private fieldName(): string {
    const token = this.next();
    const isName = token.kind === "ident" && !keywords.has(token.text);
    if (token.kind === "quotedIdent" && this.options.quotedFields === false) {
      throw new SyntaxIssue(token.at, "unsupported syntax: '`'");
    }
    if (isName || token.kind === "quotedIdent") return token.text;
    this.index -= 1;
    throw this.unexpected("IDENTIFIER");
  }

  private index_(operand: Expr): Expr {
    const open = this.expectOp("[");
    const optional = this.takeOp("?") !== undefined;
    if (optional && !this.options.optionalSyntax) throw new SyntaxIssue(open.at, "unsupported syntax '[?'");
    const key = this.expression();
    this.expectOp("]");
    return this.builder.call(open.at, optional ? "_[?_]" : "_[_]", operand, key);
  }

  /** Expressions up to a closing bracket; no trailing comma. */
  private list(close: string): Expr[] {
    const items: Expr[] = [];
    if (this.takeOp(close) !== undefined) return items;
    do items.push(this.expression());
    while (this.takeOp(",") !== undefined);
    this.expectOp(close);
    return items;
  }

  private callNode(at: number, name: string, target: Expr | undefined, args: Expr[]): Expr {
    const member = target !== undefined;
    const macro =
      this.macros.get(macroKey(name, member, args.length)) ?? this.macros.get(macroKey(name, member, -1));
    const expanded = macro?.expand(this.builder, { at, target, args });
    if (expanded !== undefined) return this.grown(expanded, target, ...args);
    const call =
      target === undefined
        ? this.builder.call(at, name, ...args)
        : this.builder.memberCall(at, name, target, ...args);
    return this.grown(call, target, ...args);
  }

  private primary(): Expr {
    const token = this.next();
    switch (token.kind) {
      case "literal":
        if (token.value === 2n ** 63n) throw new SyntaxIssue(token.at, "invalid int literal");
        return this.builder.literal(token.at, token.value ?? null);
      case "ident":
        return this.name(token, "");
      case "op":
        return this.bracketed(token);
      default:
        this.index -= 1;
        throw this.unexpected();
    }
  }

  private name(token: Token, prefix: string): Expr {
    if (prefix === "") {
      if (token.text === "true" || token.text === "false")
        return this.builder.literal(token.at, token.text === "true");
      if (token.text === "null") return this.builder.literal(token.at, null);
    }
    if (keywords.has(token.text)) {
      this.index -= 1;
      throw this.unexpected();
    }
    if (reserved.has(token.text)) throw new SyntaxIssue(token.at, `reserved identifier: ${token.text}`);
    const open = this.takeOp("(");
    if (open !== undefined) return this.callNode(open.at, prefix + token.text, undefined, this.list(")"));
    return this.builder.ident(token.at, prefix + token.text);
  }

  private bracketed(token: Token): Expr {
    switch (token.text) {
      case "(": {
        const expr = this.expression();
        this.expectOp(")");
        return expr;
      }
      case "[":
        return this.listLiteral(token);
      case "{":
        return this.mapLiteral(token);
      case ".": {
        const name = this.next();
        if (name.kind === "ident") return this.name(name, ".");
        this.index -= 1;
        throw this.unexpected("IDENTIFIER");
      }
      default:
        this.index -= 1;
        throw this.unexpected();
    }
  }

  private optionalMark(): boolean {
    const mark = this.takeOp("?");
    if (mark !== undefined && !this.options.optionalSyntax)
      throw new SyntaxIssue(mark.at, "unsupported syntax '?'");
    return mark !== undefined;
  }

  private listLiteral(open: Token): Expr {
    const elements: Expr[] = [];
    const optional = new Set<number>();
    while (!this.isOp("]")) {
      if (this.optionalMark()) optional.add(elements.length);
      elements.push(this.expression());
      if (this.takeOp(",") === undefined) break;
    }
    this.expectOp("]");
    return this.grown(this.builder.list(open.at, elements, optional), ...elements);
  }

  private mapLiteral(open: Token): Expr {
    const entries: MapEntry[] = [];
    while (!this.isOp("}")) {
      const optional = this.optionalMark();
      const key = this.expression();
      const colon = this.expectOp(":");
      entries.push(this.builder.mapEntry(colon.at, key, this.expression(), optional));
      if (this.takeOp(",") === undefined) break;
    }
    this.expectOp("}");
    return this.grown(
      this.builder.map(open.at, entries),
      ...entries.flatMap((entry) => [entry.key, entry.value]),
    );
  }

  private structLiteral(name: string): Expr {
    const open = this.expectOp("{");
    const fields: StructField[] = [];
    while (!this.isOp("}")) {
      const optional = this.optionalMark();
      const field = this.fieldName();
      const colon = this.expectOp(":");
      fields.push(this.builder.structField(colon.at, field, this.expression(), optional));
      if (this.takeOp(",") === undefined) break;
    }
    this.expectOp("}");
    return this.grown(this.builder.struct(open.at, name, fields), ...fields.map((field) => field.value));
  }
}

function structName(expr: Expr): string | undefined {
  return expr.kind === "ident" || expr.kind === "select" ? qualifiedName(expr) : undefined;
}

function isSigned(token: Token): boolean {
  return (
    typeof token.value === "number" || typeof token.value === "bigint" || token.value instanceof CelDouble
  );
}

function negated(token: Token): number | bigint | CelDouble {
  const { value } = token;
  if (value instanceof CelDouble) return new CelDouble(-value.value);
  if (typeof value === "bigint") return -value;
  // `-0` is the int 0: JavaScript's negative zero must not appear among ints.
  return value === 0 ? 0 : -Number(value);
}
