import {
  CR,
  type Cursor,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  LF,
  SPACE,
  scanError,
  TAB,
} from "./cursor.js";
import { type Token, token } from "./token.js";

const DASH = 45;
const DOT = 46;
const HASH = 35;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "'": "'",
  "/": "/",
  "\\": "\\",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};

const HEX_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads a `|` or `>` scalar; `parentIndent` is that of the collection it belongs to (-1: none). */
export function scanBlockScalar(cursor: Cursor, parentIndent: number): Token {
  const startLine = cursor.line;
  const literal = cursor.peek() === 124;
  cursor.pos++;
  const { chomp, increment } = scanBlockHeader(cursor, startLine);
  let indent = 0;
  if (increment > 0) indent = parentIndent >= 0 ? parentIndent + increment : increment;

  const breaks = { text: "", indent };
  scanBlockBreaks(cursor, breaks, startLine, parentIndent);
  indent = breaks.indent;
  const parts: string[] = [];
  let leadingBreak = "";
  let leadingBlank = false;
  while (cursor.column === indent && !Number.isNaN(cursor.peek())) {
    const trailingBlank = isBlank(cursor.peek());
    if (!literal && !leadingBlank && !trailingBlank && leadingBreak.startsWith("\n")) {
      if (breaks.text === "") parts.push(" ");
    } else {
      parts.push(leadingBreak);
    }
    leadingBreak = "";
    parts.push(breaks.text);
    breaks.text = "";
    leadingBlank = trailingBlank;
    const from = cursor.pos;
    let at = from;
    while (!isBreakOrEnd(cursor.text.charCodeAt(at))) at++;
    parts.push(cursor.text.slice(from, at));
    cursor.pos = at;
    if (at < cursor.text.length) leadingBreak = cursor.takeBreak();
    scanBlockBreaks(cursor, breaks, startLine, parentIndent);
  }
  if (chomp !== "-") parts.push(leadingBreak);
  if (chomp === "+") parts.push(breaks.text);
  return token("scalar", startLine, parts.join(""), literal ? "literal" : "folded");
}

function scanBlockHeader(cursor: Cursor, startLine: number): { chomp: string; increment: number } {
  let chomp = "";
  let increment = 0;
  for (let i = 0; i < 2; i++) {
    const c = cursor.peek();
    if (chomp === "" && (c === 43 || c === DASH)) {
      chomp = String.fromCharCode(c);
      cursor.pos++;
    } else if (increment === 0 && c >= 48 && c <= 57) {
      if (c === 48) throw scanError("found an indentation indicator equal to 0", startLine, cursor.line);
      increment = c - 48;
      cursor.pos++;
    }
  }
  while (isBlank(cursor.peek())) cursor.pos++;
  if (cursor.peek() === 35) while (!isBreakOrEnd(cursor.peek())) cursor.pos++;
  if (!isBreakOrEnd(cursor.peek())) {
    throw scanError("did not find expected comment or line break", startLine, cursor.line);
  }
  if (isBreak(cursor.peek())) cursor.takeBreak();
  return { chomp, increment };
}

function scanBlockBreaks(
  cursor: Cursor,
  breaks: { text: string; indent: number },
  startLine: number,
  parentIndent: number,
): void {
  let maxIndent = 0;
  for (;;) {
    while ((breaks.indent === 0 || cursor.column < breaks.indent) && cursor.peek() === SPACE) cursor.pos++;
    if (cursor.column > maxIndent) maxIndent = cursor.column;
    if ((breaks.indent === 0 || cursor.column < breaks.indent) && cursor.peek() === TAB) {
      throw scanError("found a tab character where an indentation space is expected", startLine, cursor.line);
    }
    if (!isBreak(cursor.peek())) break;
    breaks.text += cursor.takeBreak();
  }
  if (breaks.indent === 0) breaks.indent = Math.max(maxIndent, parentIndent + 1, 1);
}

/** Reads a quoted scalar with its folding and escapes. */
export function scanQuoted(cursor: Cursor): Token {
  const startLine = cursor.line;
  const single = cursor.peek() === APOSTROPHE;
  cursor.pos++;
  const parts: string[] = [];
  for (;;) {
    if (cursor.atDocumentMark(DASH) || cursor.atDocumentMark(DOT)) {
      throw scanError("found unexpected document indicator", startLine, cursor.line);
    }
    if (Number.isNaN(cursor.peek()))
      throw scanError("found unexpected end of stream", startLine, cursor.line);
    const joined = scanQuotedRun(cursor, single, parts, startLine);
    const c = cursor.peek();
    if (c === (single ? APOSTROPHE : QUOTE)) break;
    scanQuotedGap(cursor, parts, joined);
  }
  cursor.pos++;
  return token("scalar", startLine, parts.join(""), single ? "single" : "double");
}

/** Text up to a blank, a break or the end; true where an escaped line break ended it. */
function scanQuotedRun(cursor: Cursor, single: boolean, parts: string[], startLine: number): boolean {
  const { text } = cursor;
  for (;;) {
    const from = cursor.pos;
    let at = from;
    for (;;) {
      const c = text.charCodeAt(at);
      if (isBlankOrEnd(c) || (single ? c === APOSTROPHE : c === QUOTE || c === BACKSLASH)) break;
      at++;
    }
    if (at > from) parts.push(text.slice(from, at));
    cursor.pos = at;
    const c = text.charCodeAt(at);
    if (single && c === APOSTROPHE && text.charCodeAt(at + 1) === APOSTROPHE) {
      parts.push("'");
      cursor.pos += 2;
    } else if (!single && c === BACKSLASH) {
      if (isBreak(text.charCodeAt(at + 1))) {
        cursor.pos++;
        cursor.takeBreak();
        return true;
      }
      parts.push(scanEscape(cursor, startLine));
    } else {
      return false;
    }
  }
}

function scanEscape(cursor: Cursor, startLine: number): string {
  const name = cursor.text.charAt(cursor.pos + 1);
  const plain = Object.hasOwn(ESCAPES, name) ? ESCAPES[name] : undefined;
  if (plain !== undefined) {
    cursor.pos += 2;
    return plain;
  }
  const length = Object.hasOwn(HEX_LENGTH, name) ? HEX_LENGTH[name] : undefined;
  if (length === undefined) throw scanError("found unknown escape character", startLine, cursor.line);
  const digits = cursor.text.slice(cursor.pos + 2, cursor.pos + 2 + length);
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw scanError("did not find expected hexdecimal number", startLine, cursor.line);
  }
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw scanError("found invalid Unicode character escape code", startLine, cursor.line);
  }
  cursor.pos += 2 + length;
  return String.fromCodePoint(code);
}

/** Blanks and breaks inside quotes: one break folds to a space, more stay as breaks. */
function scanQuotedGap(cursor: Cursor, parts: string[], joined: boolean): void {
  const from = cursor.pos;
  while (isBlank(cursor.peek())) cursor.pos++;
  if (!isBreak(cursor.peek())) {
    if (!joined) parts.push(cursor.text.slice(from, cursor.pos));
    return;
  }
  let first = "";
  let rest = "";
  let seen = joined;
  while (isBlank(cursor.peek()) || isBreak(cursor.peek())) {
    if (isBlank(cursor.peek())) {
      cursor.pos++;
    } else if (!seen) {
      first = cursor.takeBreak();
      seen = true;
    } else {
      rest += cursor.takeBreak();
    }
  }
  if (first.startsWith("\n")) parts.push(rest === "" ? " " : rest);
  else parts.push(first, rest);
}

/** What stands between the words of a plain scalar. */
interface Gap {
  blanks: string;
  firstBreak: string;
  moreBreaks: string;
  broken: boolean;
}

/** Reads a plain scalar; returns whether a line break ended it, after which a key may follow. */
export function scanPlain(
  cursor: Cursor,
  flow: boolean,
  parentIndent: number,
): { scalar: Token; broken: boolean } {
  const startLine = cursor.line;
  const indent = parentIndent + 1;
  const parts: string[] = [];
  let gap: Gap = { blanks: "", firstBreak: "", moreBreaks: "", broken: false };
  for (;;) {
    if (cursor.atDocumentMark(DASH) || cursor.atDocumentMark(DOT) || cursor.peek() === HASH) break;
    const from = cursor.pos;
    const end = plainRunEnd(cursor.text, from, flow);
    if (end > from) {
      parts.push(joinGap(gap), cursor.text.slice(from, end));
      gap = { blanks: "", firstBreak: "", moreBreaks: "", broken: false };
      cursor.pos = end;
    }
    const c = cursor.peek();
    if (!isBlank(c) && !isBreak(c)) break;
    scanPlainGap(cursor, gap, indent, startLine);
    if (!flow && cursor.column < indent) break;
  }
  return { scalar: token("scalar", startLine, parts.join("")), broken: gap.broken };
}

function joinGap({ blanks, firstBreak, moreBreaks, broken }: Gap): string {
  if (!broken) return blanks;
  if (!firstBreak.startsWith("\n")) return firstBreak + moreBreaks;
  return moreBreaks === "" ? " " : moreBreaks;
}

function scanPlainGap(cursor: Cursor, gap: Gap, indent: number, startLine: number): void {
  const from = cursor.pos;
  for (let c = cursor.peek(); isBlank(c) || isBreak(c); c = cursor.peek()) {
    if (isBlank(c)) {
      if (gap.broken && cursor.column < indent && c === TAB) {
        throw scanError("found a tab character that violates indentation", startLine, cursor.line);
      }
      cursor.pos++;
    } else if (!gap.broken) {
      gap.firstBreak = cursor.takeBreak();
      gap.broken = true;
    } else {
      gap.moreBreaks += cursor.takeBreak();
    }
  }
  if (!gap.broken) gap.blanks = cursor.text.slice(from, cursor.pos);
}

function plainRunEnd(text: string, from: number, flow: boolean): number {
  let at = from;
  for (;;) {
    const c = text.charCodeAt(at);
    if (c === SPACE || c === LF || !(c >= 0) || c === TAB || c === CR) return at;
    if (c === 58) {
      if (isBlankOrEnd(text.charCodeAt(at + 1))) return at;
    } else if (flow) {
      if (c === 44 || c === 91 || c === 93 || c === 123 || c === 125) return at;
      if (c === 63 && isBlankOrEnd(text.charCodeAt(at + 1))) return at;
    }
    if (c > 0x7f && isBreak(c)) return at;
    at++;
  }
}
