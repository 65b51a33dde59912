import { CelDouble, CelUint, maxInt64, maxUint64, normalizeInt } from "../value/number.js";
import type { Literal } from "./ast.js";
import { unescapeBytes, unescapeText } from "./unescape.js";

export type TokenKind = "ident" | "quotedIdent" | "literal" | "op" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** The identifier or operator; for a literal its spelling. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** For a literal. A negative int64 minimum arrives as 2^63 with `text` unsigned. */
  readonly value?: Literal;
}

/** Thrown for text that is not a token; the parser turns it into a CelError. */
export class SyntaxIssue extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const space = /[ \t\r\n\f]+|\/\/[^\n]*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const quotedWord = /`[A-Za-z0-9_.\-/ ]+`/y;
const number =
  /0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+[uU]?/y;
const operator = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y;
const stringStart = /(?:[rR][bB]?|[bB][rR]?)?(?:"""|'''|"|')/y;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Splits an expression into tokens, the last of kind `end`. Throws SyntaxIssue. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    let skipped = match(space, text, at);
    while (skipped !== undefined) {
      at += skipped.length;
      skipped = match(space, text, at);
    }
    if (at >= text.length) break;
    const token = readToken(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "<EOF>", at: text.length, end: text.length });
  return tokens;
}

function readToken(text: string, at: number): Token {
  const opening = match(stringStart, text, at);
  if (opening !== undefined) return readString(text, at, opening);
  const name = match(word, text, at);
  if (name !== undefined) return { kind: "ident", text: name, at, end: at + name.length };
  const quoted = match(quotedWord, text, at);
  if (quoted !== undefined) {
    return { kind: "quotedIdent", text: quoted.slice(1, -1), at, end: at + quoted.length };
  }
  const digits = match(number, text, at);
  if (digits !== undefined) {
    return { kind: "literal", text: digits, at, end: at + digits.length, value: readNumber(digits, at) };
  }
  const op = match(operator, text, at);
  if (op !== undefined) return { kind: "op", text: op, at, end: at + op.length };
  const [char = ""] = [...text.slice(at, at + 2)];
  throw new SyntaxIssue(at, `Syntax error: token recognition error at: '${char}'`);
}

function readNumber(digits: string, at: number): Literal {
  if (/[.]/.test(digits) || (/[eE]/.test(digits) && !/^0[xX]/.test(digits))) {
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new SyntaxIssue(at, "invalid double literal");
    return new CelDouble(value);
  }
  if (/[uU]$/.test(digits)) {
    const value = BigInt(digits.slice(0, -1));
    if (value > maxUint64) throw new SyntaxIssue(at, "invalid uint literal");
    return new CelUint(value);
  }
  const value = BigInt(digits);
  // 2^63 itself is allowed here: a minus sign before it makes the smallest int64.
  if (value > maxInt64 + 1n) throw new SyntaxIssue(at, "invalid int literal");
  return normalizeInt(value) ?? value;
}

function readString(text: string, at: number, opening: string): Token {
  const quote = opening.replace(/^[rRbB]*/, "");
  const prefix = opening.slice(0, opening.length - quote.length).toLowerCase();
  const raw = prefix.includes("r");
  const start = at + opening.length;
  let end = start;
  for (;;) {
    if (end >= text.length || (quote.length === 1 && (text[end] === "\n" || text[end] === "\r"))) {
      throw new SyntaxIssue(at, `Syntax error: token recognition error at: '${text.slice(at, end)}'`);
    }
    if (text.startsWith(quote, end)) break;
    end += text[end] === "\\" && !raw ? 2 : 1;
  }
  const body = text.slice(start, end).replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  const close = end + quote.length;
  const value = prefix.includes("b") ? unescapeBytes(body, raw) : unescapeText(body, raw);
  if (typeof value === "object" && "problem" in value) throw new SyntaxIssue(at, value.problem);
  return { kind: "literal", text: text.slice(at, close), at, end: close, value };
}
