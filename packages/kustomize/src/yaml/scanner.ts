import {
  Cursor,
  checkPrintable,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  SPACE,
  scanError,
  TAB,
} from "./cursor.js";
import { YamlSyntaxError } from "./error.js";
import { scanBlockScalar, scanPlain, scanQuoted } from "./scalars.js";
import { type Token, type TokenKind, token } from "./token.js";

const DASH = 45;
const DOT = 46;
const COLON = 58;
const QUESTION = 63;
const PERCENT = 37;
const BAR = 124;
const GREATER = 62;
/** A key must be on one line and no longer than this, as in every YAML 1.1 reader. */
const MAX_KEY_LENGTH = 1024;

interface SimpleKey {
  possible: boolean;
  required: boolean;
  tokenNumber: number;
  pos: number;
  line: number;
  column: number;
}

/**
 * Turns YAML text into tokens, in the way of libyaml: indentation becomes block tokens, and a key is
 * recognised only when its `:` comes, so that tokens are inserted behind those already read.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #maxDepth: number;
  #queue: Token[] = [];
  #head = 0;
  /** Tokens already handed out; with the queue position it numbers a token. */
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #keyAllowed = true;
  readonly #keys: SimpleKey[] = [noKey()];
  #ended = false;

  constructor(text: string, maxDepth: number) {
    checkPrintable(text);
    this.#cursor = new Cursor(text);
    this.#maxDepth = maxDepth;
  }

  peek(): Token {
    this.#fill();
    return this.#queue[this.#head] as Token;
  }

  next(): Token {
    this.#fill();
    const taken = this.#queue[this.#head++] as Token;
    this.#taken++;
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  #fill(): void {
    while (!this.#ended && (this.#head >= this.#queue.length || this.#keyPendingAtHead())) this.#fetch();
  }

  #keyPendingAtHead(): boolean {
    for (const key of this.#keys) {
      if (key.possible && key.tokenNumber === this.#taken && this.#keyStillValid(key)) return true;
    }
    return false;
  }

  #keyStillValid(key: SimpleKey): boolean {
    const cursor = this.#cursor;
    if (key.line < cursor.line || cursor.pos - key.pos > MAX_KEY_LENGTH) {
      if (key.required) throw scanError("could not find expected ':'", key.line, cursor.line);
      key.possible = false;
      return false;
    }
    return true;
  }

  #push(kind: TokenKind, line: number, value = ""): void {
    this.#queue.push(token(kind, line, value));
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unroll(cursor.column);
    const c = cursor.peek();
    if (Number.isNaN(c)) this.#fetchEnd();
    else if (cursor.column === 0 && c === PERCENT) this.#fetchDirective();
    else if (cursor.atDocumentMark(DASH)) this.#fetchDocumentMark("document-start");
    else if (cursor.atDocumentMark(DOT)) this.#fetchDocumentMark("document-end");
    else if (!this.#fetchIndicator(c)) this.#fetchOther(c, cursor.peek(1));
  }

  /** Tokens that one character tells; false where it tells none. */
  #fetchIndicator(c: number): boolean {
    switch (String.fromCharCode(c)) {
      case "[":
        this.#fetchFlowStart("flow-seq-start");
        return true;
      case "{":
        this.#fetchFlowStart("flow-map-start");
        return true;
      case "]":
        this.#fetchFlowEnd("flow-seq-end");
        return true;
      case "}":
        this.#fetchFlowEnd("flow-map-end");
        return true;
      case ",":
        this.#fetchFlowEntry();
        return true;
      case "*":
        this.#fetchNamed("alias");
        return true;
      case "&":
        this.#fetchNamed("anchor");
        return true;
      case "!":
        this.#fetchTag();
        return true;
      case "'":
      case '"':
        this.#fetchQuoted();
        return true;
      default:
        return false;
    }
  }

  #fetchOther(c: number, next: number): void {
    const flow = this.#flowLevel > 0;
    const apart = isBlankOrEnd(next);
    if (c === DASH && apart) this.#fetchBlockEntry();
    else if (c === QUESTION && (flow || apart)) this.#fetchKey();
    else if (c === COLON && (flow || apart)) this.#fetchValue();
    else if ((c === BAR || c === GREATER) && !flow) this.#fetchBlockScalar();
    else if (startsPlain(c, next, flow)) this.#fetchPlain();
    else {
      const { line } = this.#cursor;
      throw scanError("found character that cannot start any token", line, line);
    }
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      let c = cursor.peek();
      while (c === SPACE || ((this.#flowLevel > 0 || !this.#keyAllowed) && c === TAB)) {
        cursor.pos++;
        c = cursor.peek();
      }
      if (c === 35) {
        while (!isBreakOrEnd(cursor.peek())) cursor.pos++;
        c = cursor.peek();
      }
      if (!isBreak(c)) return;
      cursor.takeBreak();
      if (this.#flowLevel === 0) this.#keyAllowed = true;
    }
  }

  #fetchEnd(): void {
    const cursor = this.#cursor;
    this.#unroll(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#push("stream-end", cursor.line);
    this.#ended = true;
  }

  #fetchDirective(): void {
    const cursor = this.#cursor;
    this.#unroll(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    const from = cursor.pos;
    while (!isBreakOrEnd(cursor.peek())) cursor.pos++;
    this.#push("directive", cursor.line, cursor.text.slice(from, cursor.pos));
  }

  #fetchDocumentMark(kind: "document-start" | "document-end"): void {
    this.#unroll(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#push(kind, this.#cursor.line);
    this.#cursor.pos += 3;
  }

  #fetchFlowStart(kind: TokenKind): void {
    this.#saveKey();
    this.#keys.push(noKey());
    this.#flowLevel++;
    this.#checkDepth(this.#flowLevel);
    this.#keyAllowed = true;
    this.#push(kind, this.#cursor.line);
    this.#cursor.pos++;
  }

  #fetchFlowEnd(kind: TokenKind): void {
    this.#dropKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#keys.pop();
    }
    this.#keyAllowed = false;
    this.#push(kind, this.#cursor.line);
    this.#cursor.pos++;
  }

  #fetchFlowEntry(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    this.#push("flow-entry", this.#cursor.line);
    this.#cursor.pos++;
  }

  #fetchBlockEntry(): void {
    const cursor = this.#cursor;
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) {
        throw scanError("block sequence entries are not allowed in this context", cursor.line, cursor.line);
      }
      this.#roll(cursor.column, -1, "block-seq-start", cursor.line);
    }
    this.#dropKey();
    this.#keyAllowed = true;
    this.#push("block-entry", cursor.line);
    cursor.pos++;
  }

  #fetchKey(): void {
    const cursor = this.#cursor;
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) {
        throw scanError("mapping keys are not allowed in this context", cursor.line, cursor.line);
      }
      this.#roll(cursor.column, -1, "block-map-start", cursor.line);
    }
    this.#dropKey();
    this.#keyAllowed = this.#flowLevel === 0;
    this.#push("key", cursor.line);
    cursor.pos++;
  }

  #fetchValue(): void {
    const cursor = this.#cursor;
    const key = this.#keys[this.#keys.length - 1] as SimpleKey;
    if (key.possible && this.#keyStillValid(key)) {
      this.#insert(key.tokenNumber, token("key", key.line));
      this.#roll(key.column, key.tokenNumber, "block-map-start", key.line);
      key.possible = false;
      this.#keyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#keyAllowed) {
          throw scanError("mapping values are not allowed in this context", cursor.line, cursor.line);
        }
        this.#roll(cursor.column, -1, "block-map-start", cursor.line);
      }
      this.#keyAllowed = this.#flowLevel === 0;
    }
    this.#push("value", cursor.line);
    cursor.pos++;
  }

  #fetchNamed(kind: "alias" | "anchor"): void {
    const cursor = this.#cursor;
    this.#saveKey();
    this.#keyAllowed = false;
    cursor.pos++;
    let at = cursor.pos;
    while (isWord(cursor.text.charCodeAt(at))) at++;
    const name = cursor.text.slice(cursor.pos, at);
    cursor.pos = at;
    const c = cursor.peek();
    const ends = isBlankOrEnd(c) || "?:,]}%@`".includes(String.fromCharCode(c));
    if (name === "" || !ends) {
      throw scanError("did not find expected alphabetic or numeric character", cursor.line, cursor.line);
    }
    this.#push(kind, cursor.line, name);
  }

  #fetchTag(): void {
    const cursor = this.#cursor;
    this.#saveKey();
    this.#keyAllowed = false;
    const from = cursor.pos;
    let at = from + 1;
    if (cursor.text.charCodeAt(at) === 60) {
      while (!isBlankOrEnd(cursor.text.charCodeAt(at)) && cursor.text.charCodeAt(at) !== 62) at++;
      if (cursor.text.charCodeAt(at) !== 62)
        throw scanError("did not find the expected '>'", cursor.line, cursor.line);
      at++;
    } else {
      while (isTagCharacter(cursor.text.charCodeAt(at), this.#flowLevel > 0)) at++;
    }
    cursor.pos = at;
    const c = cursor.peek();
    if (!isBlankOrEnd(c) && !(this.#flowLevel > 0 && c === 44)) {
      throw scanError("did not find expected whitespace or line break", cursor.line, cursor.line);
    }
    this.#push("tag", cursor.line, cursor.text.slice(from, at));
  }

  #fetchBlockScalar(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    this.#queue.push(scanBlockScalar(this.#cursor, this.#indent));
  }

  #fetchQuoted(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    this.#queue.push(scanQuoted(this.#cursor));
  }

  #fetchPlain(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const { scalar, broken } = scanPlain(this.#cursor, this.#flowLevel > 0, this.#indent);
    this.#queue.push(scalar);
    if (broken) this.#keyAllowed = true;
  }

  #saveKey(): void {
    const cursor = this.#cursor;
    if (!this.#keyAllowed) return;
    const required = this.#flowLevel === 0 && this.#indent === cursor.column;
    this.#dropKey();
    const key = this.#keys[this.#keys.length - 1] as SimpleKey;
    key.possible = true;
    key.required = required;
    key.tokenNumber = this.#taken + this.#queue.length - this.#head;
    key.pos = cursor.pos;
    key.line = cursor.line;
    key.column = cursor.column;
  }

  #dropKey(): void {
    const key = this.#keys[this.#keys.length - 1] as SimpleKey;
    if (key.possible && key.required) {
      throw scanError("could not find expected ':'", key.line, this.#cursor.line);
    }
    key.possible = false;
  }

  #roll(column: number, number: number, kind: TokenKind, line: number): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#checkDepth(this.#indents.length);
    this.#indent = column;
    if (number < 0) this.#push(kind, line);
    else this.#insert(number, token(kind, line));
  }

  #insert(number: number, inserted: Token): void {
    this.#queue.splice(this.#head + number - this.#taken, 0, inserted);
  }

  #unroll(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#push("block-end", this.#cursor.line);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#maxDepth) return;
    const line = this.#cursor.line + 1;
    throw new YamlSyntaxError(`yaml: line ${line}: exceeded max depth of ${this.#maxDepth}`, line, true);
  }
}

function noKey(): SimpleKey {
  return { possible: false, required: false, tokenNumber: 0, pos: 0, line: 0, column: 0 };
}

function startsPlain(c: number, next: number, flow: boolean): boolean {
  if (c === DASH) return !isBlank(next);
  if (!flow && (c === QUESTION || c === COLON)) return !isBlankOrEnd(next);
  return !isBlankOrEnd(c) && !"-?:,[]{}#&*!|>'\"%@`".includes(String.fromCharCode(c));
}

function isWord(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || c === 95 || (c >= 97 && c <= 122) || c === DASH;
}

function isTagCharacter(c: number, flow: boolean): boolean {
  if (isBlankOrEnd(c)) return false;
  return !flow || !",[]{}".includes(String.fromCharCode(c));
}
