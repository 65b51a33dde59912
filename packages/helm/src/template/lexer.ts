import { TemplateParseError } from "./error.js";

export type TokenKind =
  | "text"
  | "leftDelim"
  | "rightDelim"
  | "ident"
  | "field"
  | "variable"
  | "dot"
  | "nil"
  | "bool"
  | "keyword"
  | "string"
  | "rawString"
  | "charConstant"
  | "number"
  | "leftParen"
  | "rightParen"
  | "pipe"
  | "comma"
  | "declare"
  | "assign"
  | "space"
  | "char"
  | "eof"
  | "error";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
  readonly line: number;
}

const keywords = new Set([
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "range",
  "template",
  "with",
]);
const isSpace = (char: string | undefined): boolean =>
  char === " " || char === "\t" || char === "\r" || char === "\n";
const isAsciiWord = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f;
const isWord = (char: string | undefined): boolean =>
  char !== undefined && (char < "\x80" ? isAsciiWord(char.charCodeAt(0)) : /[\p{L}\p{Nd}_]/u.test(char));
/** What may follow a name or a number without being part of it, beside the end of the action. */
const terminators = new Set(" \t\r\n.,|:)(".split("").map((char) => char.charCodeAt(0)));
/** Tokens whose text may hold line breaks. */
const multiline: ReadonlySet<TokenKind> = new Set<TokenKind>(["text", "space", "rawString", "error"]);

/** Splits a template into tokens, the last of kind `eof`, or `error` with the message as its text. */
export function tokenize(file: string, source: string): Token[] {
  return new Lexer(file, source).run();
}

class Lexer {
  private readonly file: string;
  private readonly source: string;
  private readonly tokens: Token[] = [];
  private at = 0;
  private line = 1;
  private depth = 0;

  constructor(file: string, source: string) {
    this.file = file;
    this.source = source;
  }

  run(): Token[] {
    try {
      while (this.text()) this.action();
      this.push("eof", "");
    } catch (error) {
      if (!(error instanceof TemplateParseError)) throw error;
      // What was read before is parsed first: its faults are reported before this one.
      this.tokens.push({ kind: "error", text: error.detail, at: this.at, line: error.line });
    }
    return this.tokens;
  }

  private fail(message: string, line = this.line): TemplateParseError {
    return new TemplateParseError(this.file, line, message);
  }

  private push(kind: TokenKind, text: string): void {
    this.tokens.push({ kind, text, at: this.at, line: this.line });
    if (multiline.has(kind)) this.advance(text);
    else this.at += text.length;
  }

  private advance(text: string): void {
    this.at += text.length;
    for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) this.line += 1;
  }

  /** Text up to the next action; false at the end. */
  private text(): boolean {
    const open = this.source.indexOf("{{", this.at);
    const end = open < 0 ? this.source.length : open;
    let text = this.source.slice(this.at, end);
    const whole = text;
    const trims = open >= 0 && this.source[open + 2] === "-" && isSpace(this.source[open + 3]);
    if (trims) {
      let kept = text.length;
      while (kept > 0 && isSpace(text[kept - 1])) kept -= 1;
      text = text.slice(0, kept);
    }
    if (text !== "") this.push("text", text);
    this.advance(whole.slice(text.length));
    return open >= 0;
  }

  private action(): void {
    const trims = this.source[this.at + 2] === "-" && isSpace(this.source[this.at + 3]);
    const start = this.at + 2 + (trims ? 2 : 0);
    if (this.source.startsWith("/*", start)) {
      this.comment(start);
      return;
    }
    this.push("leftDelim", "{{");
    if (trims) this.advance(this.source.slice(this.at, start));
    this.depth = 0;
    while (this.inside());
  }

  private comment(start: number): void {
    const close = this.source.indexOf("*/", start);
    if (close < 0) throw this.fail("unclosed comment");
    let end = close + 2;
    const trims =
      isSpace(this.source[end]) && this.source[end + 1] === "-" && this.source.startsWith("}}", end + 2);
    if (!trims && !this.source.startsWith("}}", end))
      throw this.fail("comment ends before closing delimiter");
    end += trims ? 4 : 2;
    this.advance(this.source.slice(this.at, end));
    if (trims) this.skipSpace();
  }

  private skipSpace(): void {
    let end = this.at;
    while (isSpace(this.source[end])) end += 1;
    this.advance(this.source.slice(this.at, end));
  }

  /** One token inside an action; false when the action ends. */
  private inside(): boolean {
    const { source, at } = this;
    const char = source[at];
    const trims = isSpace(char) && source[at + 1] === "-" && source.startsWith("}}", at + 2);
    if (trims || source.startsWith("}}", at)) {
      if (this.depth > 0) throw this.fail("unclosed left paren");
      if (trims) this.advance(source.slice(at, at + 2));
      this.push("rightDelim", "}}");
      if (trims) this.skipSpace();
      return false;
    }
    if (char === undefined) throw this.fail("unclosed action");
    if (isSpace(char)) this.space();
    else this.symbol(char);
    return true;
  }

  private space(): void {
    let end = this.at;
    while (isSpace(this.source[end])) {
      if (this.source[end + 1] === "-" && this.source.startsWith("}}", end + 2)) break;
      end += 1;
    }
    this.push("space", this.source.slice(this.at, end));
  }

  private symbol(char: string): void {
    const next = this.source[this.at + 1];
    if (char === "=") this.push("assign", "=");
    else if (char === ":") {
      if (next !== "=") throw this.fail("expected :=");
      this.push("declare", ":=");
    } else if (char === "|") this.push("pipe", "|");
    else if (char === '"') this.quoted();
    else if (char === "`") this.raw();
    else if (char === "$") this.nameAfter("variable");
    else if (char === "'") this.charConstant();
    else if (char === "." && !(next !== undefined && next >= "0" && next <= "9")) this.nameAfter("field");
    else if ((char >= "0" && char <= "9") || char === "." || char === "+" || char === "-") this.number();
    else if (isAsciiWord(char.charCodeAt(0)) || isWord(this.codePoint())) this.identifier();
    else if (char === "(") {
      this.push("leftParen", "(");
      this.depth += 1;
    } else if (char === ")") {
      this.depth -= 1;
      if (this.depth < 0) throw this.fail("unexpected right paren");
      this.push("rightParen", ")");
    } else if (char === ",") this.push("comma", ",");
    else if (char > " " && char <= "~") this.push("char", char);
    else throw this.fail(`unrecognized character in action: ${runeName(this.codePoint() ?? char)}`);
  }

  private codePoint(): string | undefined {
    return [...this.source.slice(this.at, this.at + 2)][0];
  }

  private quoted(): void {
    let end = this.at + 1;
    for (; this.source[end] !== '"'; end += 1) {
      if (this.source[end] === "\\" && this.source[end + 1] !== undefined && this.source[end + 1] !== "\n")
        end += 1;
      else if (this.source[end] === undefined || this.source[end] === "\n")
        throw this.fail("unterminated quoted string");
    }
    this.push("string", this.source.slice(this.at, end + 1));
  }

  private raw(): void {
    const end = this.source.indexOf("`", this.at + 1);
    if (end < 0) throw this.fail("unterminated raw quoted string");
    this.push("rawString", this.source.slice(this.at, end + 1));
  }

  private charConstant(): void {
    let end = this.at + 1;
    for (; this.source[end] !== "'"; end += 1) {
      if (this.source[end] === "\\" && this.source[end + 1] !== undefined && this.source[end + 1] !== "\n")
        end += 1;
      else if (this.source[end] === undefined || this.source[end] === "\n")
        throw this.fail("unterminated character constant");
    }
    this.push("charConstant", this.source.slice(this.at, end + 1));
  }

  private word(from: number): number {
    const { source } = this;
    let end = from;
    for (;;) {
      while (isAsciiWord(source.charCodeAt(end))) end += 1;
      if (!(source.charCodeAt(end) >= 0x80)) return end;
      const char = [...source.slice(end, end + 2)][0];
      if (char === undefined || !isWord(char)) return end;
      end += char.length;
    }
  }

  private nameAfter(kind: "field" | "variable"): void {
    const end = this.word(this.at + 1);
    if (end === this.at + 1) {
      this.checkTerminator(end);
      if (kind === "variable") this.push("variable", "$");
      else this.push("dot", ".");
      return;
    }
    this.checkTerminator(end);
    this.push(kind, this.source.slice(this.at, end));
  }

  private checkTerminator(end: number): void {
    if (terminators.has(this.source.charCodeAt(end))) return;
    const char = [...this.source.slice(end, end + 2)][0];
    if (char === undefined || this.source.startsWith("}}", end)) return;
    throw this.fail(`bad character ${runeName(char)}`);
  }

  private identifier(): void {
    const end = this.word(this.at);
    const word = this.source.slice(this.at, end);
    this.checkTerminator(end);
    if (keywords.has(word)) this.push("keyword", word);
    else if (word === "true" || word === "false") this.push("bool", word);
    else this.push(word === "nil" ? "nil" : "ident", word);
  }

  private number(): void {
    const rest = this.source.slice(this.at);
    const part =
      /^[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/;
    let text = part.exec(rest)?.[0] ?? "";
    const after = rest[text.length];
    if ((after === "+" || after === "-") && !text.endsWith("i")) {
      text += part.exec(rest.slice(text.length))?.[0] ?? "";
      if (!text.endsWith("i") || isWord(rest[text.length])) {
        const next = isWord(rest[text.length]) ? (rest[text.length] ?? "") : "";
        throw this.fail(`bad number syntax: ${JSON.stringify(text + next)}`);
      }
    }
    const tail = [...rest.slice(text.length, text.length + 2)][0];
    if (text === "" || isWord(tail)) {
      throw this.fail(
        `bad number syntax: ${JSON.stringify(rest.slice(0, text.length + (tail ?? "").length))}`,
      );
    }
    this.push("number", text);
  }
}

/** A character as Go's `%#U` prints it. */
export function runeName(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char) ? `${name} '${char}'` : name;
}
