import { quote } from "../value/quote.js";
import { TemplateParseError } from "./error.js";
import { type Token, type TokenKind, tokenize } from "./lexer.js";
import { charNode, numberNode, unquote } from "./literal.js";
import type {
  ArgNode,
  BranchNode,
  CommandNode,
  ListNode,
  PipeNode,
  StatementNode,
  Template,
  TemplateNode,
  VariableNode,
} from "./node.js";

const maxDepth = 500;

/** Tokens that a command starts with. */
const operands: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "charConstant",
  "dot",
  "field",
  "ident",
  "number",
  "nil",
  "rawString",
  "string",
  "variable",
  "leftParen",
]);

/**
 * Reads a template file: its own body under its name, and the templates it defines. `knows` tells which
 * functions exist. Throws TemplateParseError.
 */
export function parseTemplate(name: string, source: string, knows: (name: string) => boolean): Template[] {
  return new Parser(name, source, knows).run();
}

/** Whether a template's body holds nothing but space. */
export function isEmptyBody(body: ListNode): boolean {
  return body.every((node) => node.kind === "text" && node.text.trim() === "");
}

class Parser {
  private readonly file: string;
  private readonly source: string;
  private readonly knows: (name: string) => boolean;
  private readonly tokens: readonly Token[];
  private readonly defined = new Map<string, Template>();
  private index = 0;
  private variables: string[] = ["$"];
  private rangeDepth = 0;
  private depth = 0;
  private actionLine = 0;

  constructor(file: string, source: string, knows: (name: string) => boolean) {
    this.file = file;
    this.source = source;
    this.knows = knows;
    this.tokens = tokenize(file, source);
  }

  run(): Template[] {
    const body: StatementNode[] = [];
    for (;;) {
      const token = this.peek();
      if (token.kind === "eof") break;
      if (token.kind === "leftDelim" && this.isKeywordAfter("define")) {
        this.definition();
        continue;
      }
      const node = this.textOrAction();
      if (typeof node === "object") body.push(node);
      else throw this.fail(`unexpected {{${node}}}`);
    }
    this.add({ name: this.file, file: this.file, source: this.source, body });
    return [...this.defined.values()];
  }

  private add(template: Template): void {
    const known = this.defined.get(template.name);
    if (known === undefined || isEmptyBody(known.body)) this.defined.set(template.name, template);
    else if (!isEmptyBody(template.body)) {
      throw this.fail(`template: multiple definition of template ${quote(template.name)}`);
    }
  }

  private fail(message: string, line = this.line()): TemplateParseError {
    return new TemplateParseError(this.file, line, message);
  }

  private line(): number {
    return (this.tokens[Math.max(0, this.index - 1)] ?? this.tokens[0])?.line ?? 1;
  }

  private peek(): Token {
    return this.tokens[this.index] ?? { kind: "eof", text: "", at: this.source.length, line: this.line() };
  }

  private next(): Token {
    const token = this.peek();
    this.index += 1;
    if (token.kind === "leftDelim") this.actionLine = token.line;
    if (token.kind === "rightDelim") this.actionLine = 0;
    if (token.kind === "error") {
      const started = this.actionLine !== 0 && this.actionLine !== token.line;
      const where = `${token.text.endsWith(" action") ? "" : " in action"} started at ${this.file}:${this.actionLine}`;
      throw new TemplateParseError(this.file, token.line, started ? token.text + where : token.text);
    }
    return token;
  }

  private nextNonSpace(): Token {
    let token = this.next();
    while (token.kind === "space") token = this.next();
    return token;
  }

  private peekNonSpace(): Token {
    while (this.peek().kind === "space") this.index += 1;
    return this.peek();
  }

  private isKeywordAfter(word: string): boolean {
    let index = this.index + 1;
    while (this.tokens[index]?.kind === "space") index += 1;
    const token = this.tokens[index];
    return token?.kind === "keyword" && token.text === word;
  }

  private expect(kind: TokenKind, context: string): Token {
    const token = this.nextNonSpace();
    if (token.kind !== kind) throw this.unexpected(token, context);
    return token;
  }

  private unexpected(token: Token, context: string): TemplateParseError {
    if (token.kind === "eof") return this.fail(`unexpected EOF`);
    const shown =
      token.kind === "keyword" || token.kind === "dot" || token.kind === "nil"
        ? `<${token.text}>`
        : token.text.length > 10
          ? `${quote(token.text.slice(0, 10))}...`
          : quote(token.text);
    return this.fail(`unexpected ${shown} in ${context}`);
  }

  private definition(): void {
    this.next();
    this.nextNonSpace();
    const name = this.templateName(this.nextNonSpace(), "define clause");
    this.expect("rightDelim", "define clause");
    const [outer, depth] = [this.variables, this.rangeDepth];
    this.variables = ["$"];
    this.rangeDepth = 0;
    const { body, end } = this.itemList();
    if (end !== "end") throw this.fail(`unexpected {{${end}}} in define clause`);
    this.variables = outer;
    this.rangeDepth = depth;
    this.add({ name, file: this.file, source: this.source, body });
  }

  private templateName(token: Token, context: string): string {
    if (token.kind !== "string" && token.kind !== "rawString") throw this.unexpected(token, context);
    return this.unquoted(token.text);
  }

  private unquoted(text: string): string {
    const value = unquote(text);
    if (value === undefined) throw this.fail("invalid syntax");
    return value;
  }

  /** Nodes up to `end` or `else`. */
  private itemList(): { body: ListNode; end: "end" | "else" } {
    const body: StatementNode[] = [];
    while (this.peekNonSpace().kind !== "eof") {
      const node = this.textOrAction();
      if (typeof node === "string") return { body, end: node };
      body.push(node);
    }
    this.next();
    throw this.fail("unexpected EOF");
  }

  private textOrAction(): StatementNode | "end" | "else" {
    const token = this.nextNonSpace();
    if (token.kind === "text") return { kind: "text", text: token.text };
    if (token.kind !== "leftDelim") throw this.unexpected(token, "input");
    return this.action();
  }

  private action(): StatementNode | "end" | "else" {
    const token = this.nextNonSpace();
    if (token.kind === "keyword") {
      switch (token.text) {
        case "if":
        case "with":
        case "range":
          return this.control(token.text, token.at);
        case "block":
          return this.block();
        case "template":
          return this.templateCall();
        case "end":
          this.expect("rightDelim", "end");
          return "end";
        case "else":
          return this.elseClause();
        case "break":
        case "continue":
          return this.jump(token.text);
        default:
          throw this.unexpected(token, "command");
      }
    }
    this.index -= 1;
    return { kind: "action", pipe: this.pipeline("command", "rightDelim") };
  }

  private elseClause(): "else" {
    const token = this.peekNonSpace();
    if (token.kind === "keyword" && (token.text === "if" || token.text === "with")) return "else";
    const end = this.nextNonSpace();
    if (end.kind !== "rightDelim") throw this.unexpected(end, "else");
    return "else";
  }

  private jump(kind: "break" | "continue"): StatementNode {
    const token = this.nextNonSpace();
    if (token.kind !== "rightDelim") throw this.unexpected(token, `{{${kind}}}`);
    if (this.rangeDepth === 0) throw this.fail(`{{${kind}}} outside {{range}}`);
    return { kind };
  }

  private control(kind: "if" | "with" | "range", at: number): BranchNode {
    this.depth += 1;
    if (this.depth > maxDepth) throw this.fail("exceeded maximum nesting of control structures");
    const scope = this.variables.length;
    const pipe = this.pipeline(kind, "rightDelim");
    if (kind === "range") this.rangeDepth += 1;
    const { body, end } = this.itemList();
    if (kind === "range") this.rangeDepth -= 1;
    const otherwise = end === "else" ? this.otherwise(kind) : undefined;
    this.variables.length = scope;
    this.depth -= 1;
    return { kind, at, pipe, body, otherwise };
  }

  private otherwise(kind: "if" | "with" | "range"): ListNode {
    const token = this.peek();
    if (token.kind === "keyword" && (token.text === "if" || token.text === "with")) {
      if (token.text !== kind) throw this.unexpected(token, kind === "range" ? "else" : "input");
      this.next();
      return [this.control(kind, token.at)];
    }
    const { body, end } = this.itemList();
    if (end === "else") throw this.fail("expected end; found {{else}}");
    return body;
  }

  private block(): TemplateNode {
    const { at } = this.peekNonSpace();
    const name = this.templateName(this.nextNonSpace(), "block clause");
    const pipe = this.pipeline("block clause", "rightDelim");
    const [outer, depth] = [this.variables, this.rangeDepth];
    this.variables = ["$"];
    this.rangeDepth = 0;
    const { body, end } = this.itemList();
    if (end !== "end") throw this.fail(`unexpected {{${end}}} in block clause`);
    this.variables = outer;
    this.rangeDepth = depth;
    this.add({ name, file: this.file, source: this.source, body });
    return { kind: "template", at, name, pipe };
  }

  private templateCall(): TemplateNode {
    const { at } = this.peekNonSpace();
    const name = this.templateName(this.nextNonSpace(), "template clause");
    if (this.peekNonSpace().kind === "rightDelim") {
      this.next();
      return { kind: "template", at, name, pipe: undefined };
    }
    return { kind: "template", at, name, pipe: this.pipeline("template clause", "rightDelim") };
  }

  private pipeline(context: string, end: "rightDelim" | "rightParen"): PipeNode {
    const { at } = this.peekNonSpace();
    const { decl, isAssign } = this.declarations(context);
    const cmds: CommandNode[] = [];
    for (;;) {
      const token = this.nextNonSpace();
      if (token.kind === end) {
        this.checkPipeline(cmds, context);
        return { kind: "pipe", at, isAssign, decl, cmds };
      }
      if (operands.has(token.kind)) {
        this.index -= 1;
        cmds.push(this.command());
      } else throw this.unexpected(token, context);
    }
  }

  private checkPipeline(cmds: readonly CommandNode[], context: string): void {
    if (cmds.length === 0) throw this.fail(`missing value for ${context}`);
    cmds.slice(1).forEach((command, index) => {
      const kind = command.args[0]?.kind;
      if (kind === "bool" || kind === "dot" || kind === "nil" || kind === "number" || kind === "string") {
        throw this.fail(`non executable command in pipeline stage ${index + 2}`);
      }
    });
  }

  private declarations(context: string): { decl: VariableNode[]; isAssign: boolean } {
    const decl: VariableNode[] = [];
    for (;;) {
      const start = this.index;
      const variable = this.peekNonSpace();
      if (variable.kind !== "variable") return { decl, isAssign: false };
      this.next();
      const after = this.peekNonSpace();
      if (after.kind === "assign" || after.kind === "declare") {
        this.nextNonSpace();
        decl.push({ kind: "variable", at: variable.at, idents: [variable.text] });
        this.variables.push(variable.text);
        return { decl, isAssign: after.kind === "assign" };
      }
      if (after.kind !== "comma") {
        this.index = start;
        return { decl, isAssign: false };
      }
      this.nextNonSpace();
      decl.push({ kind: "variable", at: variable.at, idents: [variable.text] });
      this.variables.push(variable.text);
      if (context !== "range") throw this.fail(`too many declarations in ${context}`);
      if (decl.length >= 2 || this.peekNonSpace().kind !== "variable") {
        const next = this.peekNonSpace();
        if (decl.length >= 2) throw this.fail("too many declarations in range");
        if (next.kind !== "variable") throw this.fail("range can only initialize variables");
      }
    }
  }

  private command(): CommandNode {
    const { at } = this.peekNonSpace();
    const args: ArgNode[] = [];
    for (;;) {
      this.peekNonSpace();
      const operand = this.operand();
      if (operand !== undefined) args.push(operand);
      const token = this.next();
      if (token.kind === "space") continue;
      if (token.kind === "rightDelim" || token.kind === "rightParen") this.index -= 1;
      else if (token.kind !== "pipe") throw this.unexpected(token, "operand");
      break;
    }
    if (args.length === 0) throw this.fail("empty command");
    return { kind: "command", at, args };
  }

  private operand(): ArgNode | undefined {
    const node = this.term();
    if (node === undefined || this.peek().kind !== "field") return node;
    const { at } = this.peek();
    const fields: string[] = [];
    while (this.peek().kind === "field") fields.push(this.next().text.slice(1));
    if (node.kind === "field") return { kind: "field", at, idents: [...node.idents, ...fields] };
    if (node.kind === "variable") return { kind: "variable", at, idents: [...node.idents, ...fields] };
    if (
      node.kind === "bool" ||
      node.kind === "string" ||
      node.kind === "number" ||
      node.kind === "nil" ||
      node.kind === "dot"
    ) {
      const text =
        node.kind === "string"
          ? node.quoted
          : node.kind === "number"
            ? node.text
            : node.kind === "bool"
              ? String(node.value)
              : node.kind === "nil"
                ? "nil"
                : ".";
      throw this.fail(`unexpected . after term ${quote(text)}`);
    }
    return { kind: "chain", at, node, fields };
  }

  private term(): ArgNode | undefined {
    const token = this.nextNonSpace();
    const { at, text } = token;
    switch (token.kind) {
      case "ident":
        if (!this.knows(text)) throw this.fail(`function ${quote(text)} not defined`);
        return { kind: "ident", at, name: text };
      case "dot":
        return { kind: "dot", at };
      case "nil":
        return { kind: "nil", at };
      case "variable":
        if (!this.variables.includes(text)) throw this.fail(`undefined variable ${quote(text)}`);
        return { kind: "variable", at, idents: [text] };
      case "field":
        return { kind: "field", at, idents: [text.slice(1)] };
      case "bool":
        return { kind: "bool", at, value: text === "true" };
      case "charConstant":
      case "number": {
        const node = token.kind === "number" ? numberNode(at, text) : charNode(at, text);
        if (node === undefined)
          throw this.fail(
            token.kind === "number"
              ? `illegal number syntax: ${quote(text)}`
              : `malformed character constant: ${text}`,
          );
        return node;
      }
      case "leftParen":
        return this.pipeline("parenthesized pipeline", "rightParen");
      case "string":
      case "rawString":
        return { kind: "string", at, quoted: text, text: this.unquoted(text) };
      default:
        this.index -= 1;
        return undefined;
    }
  }
}
