import { resolvePlainScalar, type YamlDialect } from "./yaml-scalar.js";

/** What is seldom in a text, and left to the full parser: tabs, other line breaks, controls, marks. */
const seldom = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;
const plainKey = /[A-Za-z0-9_./$][A-Za-z0-9_./$-]*(?=:(?: |\n|$))/y;
const flowItem = /(?:"([^"\\\n]*)"|'([^'\n]*)'|([A-Za-z0-9_./][A-Za-z0-9_./-]*)) *([,\]]) */y;
const escapes = /\\[^"\\nt]/;

/** Deeper nesting, and longer keys, are for the full parser, which knows the limits. */
const maxDepth = 60;
const maxKey = 512;

const [SPACE, HASH, DASH, DOT, COLON, QUESTION] = [0x20, 0x23, 0x2d, 0x2e, 0x3a, 0x3f];
const [PERCENT, QUOTE, APOSTROPHE, OPEN_LIST, OPEN_MAP] = [0x25, 0x22, 0x27, 0x5b, 0x7b];
const [LITERAL, FOLDED] = [0x7c, 0x3e];
/** First characters that make something else of a scalar than a plain one, beside those above. */
const indicators = new Set(",]}&*!@`".split("").map((char) => char.charCodeAt(0)));
/** First characters of further lines of a plain scalar. */
const continues = /[A-Za-z0-9(]/;

/** Thrown where a text is not of the usual kind. */
const unusual = Symbol("unusual");

/**
 * Reads a text that is one document of block mappings and sequences with scalars of a line or literal
 * blocks: what nearly all manifests and values are, several times as fast as the full parser. `undefined`
 * for everything else, every fault included: the full parser says what it means.
 */
export function readUsualYaml(
  text: string,
  dialect: YamlDialect,
): { readonly value: unknown; readonly line: number } | undefined {
  if (seldom.test(text)) return undefined;
  try {
    return new UsualReader(text, dialect).document();
  } catch (error) {
    if (error === unusual) return undefined;
    throw error;
  }
}

/** Stands at the content of a line that is neither blank nor a comment; moves from one to the next. */
class UsualReader {
  readonly #text: string;
  readonly #dialect: YamlDialect;
  /** Where the next line starts. */
  #next = 0;
  #line = 0;
  /** Of the line: its indentation, -1 behind the last one; where its content, or what is left of it, starts; its end. */
  #indent = -1;
  #start = 0;
  #end = 0;
  /** Behind the colon of the key that was read last. */
  #afterKey = 0;

  constructor(text: string, dialect: YamlDialect) {
    this.#text = text;
    this.#dialect = dialect;
  }

  document(): { value: unknown; line: number } {
    this.#advance(true);
    if (this.#indent < 0) throw unusual;
    const line = this.#line;
    const value = this.#block(1);
    if (this.#indent >= 0) throw unusual;
    return { value, line };
  }

  /** Goes to the next line with content. Only the first may be the mark of a document's beginning. */
  #advance(first = false): void {
    const text = this.#text;
    while (this.#next < text.length) {
      const from = this.#next;
      let start = from;
      while (text.charCodeAt(start) === SPACE) start += 1;
      const found = text.indexOf("\n", start);
      const end = found < 0 ? text.length : found;
      this.#next = end + 1;
      this.#line += 1;
      const char = text.charCodeAt(start);
      if (start === end || char === HASH) continue;
      if (start === from && (char === DASH || char === DOT || char === PERCENT)) {
        const mark = text.slice(start, Math.min(end, start + 3));
        if (first && text.slice(start, end).trimEnd() === "---") {
          this.#advance();
          return;
        }
        if (mark === "---" || mark === "..." || char === PERCENT) throw unusual;
      }
      this.#indent = start - from;
      this.#start = start;
      this.#end = end;
      return;
    }
    this.#indent = -1;
  }

  /** The collection that starts at the line's content. */
  #block(depth: number): unknown {
    return this.#atItem() ? this.#sequence(this.#indent, depth) : this.#mapping(this.#indent, depth);
  }

  #atItem(): boolean {
    if (this.#text.charCodeAt(this.#start) !== DASH) return false;
    return this.#start + 1 === this.#end || this.#text.charCodeAt(this.#start + 1) === SPACE;
  }

  #sequence(column: number, depth: number): unknown[] {
    if (depth > maxDepth) throw unusual;
    const items: unknown[] = [];
    do {
      const dash = this.#start;
      this.#start = this.#content(dash + 1);
      if (this.#start < 0) {
        this.#advance();
        items.push(this.#indent > column ? this.#block(depth + 1) : null);
      } else {
        const inner = column + this.#start - dash;
        if (this.#atItem()) items.push(this.#sequence(inner, depth + 1));
        else if (this.#key() !== undefined) items.push(this.#mapping(inner, depth + 1));
        else items.push(this.#scalar(column));
      }
      if (this.#indent > column) throw unusual;
    } while (this.#indent === column && this.#atItem());
    return items;
  }

  #mapping(column: number, depth: number): Record<string, unknown> {
    if (depth > maxDepth) throw unusual;
    const members: Record<string, unknown> = {};
    do {
      const key = this.#key();
      if (key === undefined || key === "__proto__") throw unusual;
      if (this.#dialect === "kustomize" && Object.hasOwn(members, key)) throw unusual;
      this.#start = this.#content(this.#afterKey);
      members[key] = this.#start < 0 ? this.#nested(column, depth) : this.#scalar(column);
      if (this.#indent > column) throw unusual;
    } while (this.#indent === column);
    return members;
  }

  /** What stands on the lines below a key. */
  #nested(column: number, depth: number): unknown {
    this.#advance();
    if (this.#indent > column) return this.#block(depth + 1);
    return this.#indent === column && this.#atItem() ? this.#sequence(column, depth + 1) : null;
  }

  /** Where content starts behind a place; -1 where the line has only a comment left, or nothing. */
  #content(from: number): number {
    let at = from;
    while (this.#text.charCodeAt(at) === SPACE) at += 1;
    if (at >= this.#end) return -1;
    return this.#text.charCodeAt(at) === HASH && at > from ? -1 : at;
  }

  /** The key that the line's content starts with; `undefined` where it is none, or a seldom one. */
  #key(): string | undefined {
    const text = this.#text;
    const first = text.charCodeAt(this.#start);
    if (first === QUOTE || first === APOSTROPHE) {
      const close = text.indexOf(first === QUOTE ? '"' : "'", this.#start + 1);
      if (close < 0 || close >= this.#end || text.charCodeAt(close + 1) !== COLON) return undefined;
      if (close + 2 < this.#end && text.charCodeAt(close + 2) !== SPACE) return undefined;
      const key = text.slice(this.#start + 1, close);
      if (key.length > maxKey || key.includes("\\")) throw unusual;
      this.#afterKey = close + 2;
      return key;
    }
    plainKey.lastIndex = this.#start;
    const key = plainKey.exec(text)?.[0];
    if (key === undefined) return undefined;
    if (key.length > maxKey || typeof resolvePlainScalar(key, this.#dialect) !== "string") throw unusual;
    this.#afterKey = this.#start + key.length + 1;
    return key;
  }

  /** The scalar at the line's content, in a collection of that column; goes to the line behind it. */
  #scalar(column: number): unknown {
    const first = this.#text.charCodeAt(this.#start);
    if (first === LITERAL || first === FOLDED) return this.#lines(column, first === FOLDED);
    if (first !== QUOTE && first !== APOSTROPHE && first !== OPEN_LIST && first !== OPEN_MAP)
      return this.#plain(column, first);
    const value =
      first === QUOTE
        ? this.#doubleQuoted()
        : first === APOSTROPHE
          ? this.#singleQuoted()
          : this.#flow(first);
    this.#advance();
    return value;
  }

  #plain(column: number, first: number): unknown {
    if (indicators.has(first) || first === PERCENT || first === HASH) throw unusual;
    if (first === DASH || first === QUESTION || first === COLON) {
      const second = this.#text.charCodeAt(this.#start + 1);
      if (this.#start + 1 === this.#end || second === SPACE) throw unusual;
    }
    const rest = this.#text.slice(this.#start, this.#end);
    const comment = rest.indexOf(" #");
    let text = plainText(comment < 0 ? rest : rest.slice(0, comment));
    const next = this.#next;
    this.#advance();
    // Further lines stand right below, and deeper than what the scalar is in.
    if (this.#indent > column && comment < 0) text = this.#continued(text, column, next);
    const value = resolvePlainScalar(text, this.#dialect);
    if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) throw unusual;
    return value;
  }

  /** A plain scalar with its further lines, the first of which starts at a place of the text. */
  #continued(begun: string, column: number, first: number): string {
    const parts = [begun];
    for (let next = first; this.#indent > column; ) {
      if (this.#start - this.#indent !== next || !continues.test(this.#text[this.#start] ?? ""))
        throw unusual;
      const line = this.#text.slice(this.#start, this.#end);
      if (line.includes(" #")) throw unusual;
      parts.push(plainText(line));
      next = this.#next;
      this.#advance();
    }
    return parts.join(" ");
  }

  #doubleQuoted(): string {
    const text = this.#text;
    let close = text.indexOf('"', this.#start + 1);
    while (close > 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    this.#endsAt(close);
    const raw = text.slice(this.#start + 1, close);
    if (!raw.includes("\\")) return raw;
    if (escapes.test(raw.replaceAll("\\\\", ""))) throw unusual;
    return JSON.parse(`"${raw}"`);
  }

  #singleQuoted(): string {
    const text = this.#text;
    let close = text.indexOf("'", this.#start + 1);
    while (close > 0 && text.charCodeAt(close + 1) === APOSTROPHE) close = text.indexOf("'", close + 2);
    this.#endsAt(close);
    return text.slice(this.#start + 1, close).replaceAll("''", "'");
  }

  /** Empty collections, and lists of scalars on one line. */
  #flow(open: number): unknown {
    const text = this.#text;
    const start = this.#start;
    let at = start + 1;
    while (text.charCodeAt(at) === SPACE) at += 1;
    if (text[at] === (open === OPEN_MAP ? "}" : "]")) {
      this.#endsAt(at);
      return open === OPEN_MAP ? {} : [];
    }
    if (open === OPEN_MAP) throw unusual;
    const items: unknown[] = [];
    for (;;) {
      flowItem.lastIndex = at;
      const match = flowItem.exec(text);
      if (match === null) throw unusual;
      const [whole, double, single, plain, end] = match;
      const value = double ?? single ?? resolvePlainScalar(plain ?? "", this.#dialect);
      if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) throw unusual;
      items.push(value);
      at += whole.length;
      if (end !== "]") continue;
      this.#endsAt(text.lastIndexOf("]", at - 1));
      return items;
    }
  }

  /** Nothing but a comment may follow what ends on the line at a place. */
  #endsAt(close: number): void {
    if (close < 0 || close >= this.#end || this.#content(close + 1) >= 0) throw unusual;
  }

  /** A literal block, or a folded one whose lines are all alike. */
  #lines(column: number, folded: boolean): string {
    const header = this.#text.slice(this.#start + 1, this.#end).trimEnd();
    if (header !== "" && header !== "-") throw unusual;
    const lines = this.#literalLines(column);
    while (lines.at(-1) === "") lines.pop();
    if (folded && lines.some((line) => line === "" || line.startsWith(" "))) throw unusual;
    this.#advance();
    return `${lines.join(folded ? " " : "\n")}${header === "-" ? "" : "\n"}`;
  }

  #literalLines(column: number): string[] {
    const text = this.#text;
    const lines: string[] = [];
    let margin = -1;
    let widest = 0;
    while (this.#next < text.length) {
      let start = this.#next;
      while (text.charCodeAt(start) === SPACE) start += 1;
      const spaces = start - this.#next;
      const found = text.indexOf("\n", start);
      const end = found < 0 ? text.length : found;
      if (start === end) {
        widest = Math.max(widest, spaces);
        lines.push("");
      } else {
        if (margin < 0) margin = spaces;
        if (margin <= column) throw unusual;
        // A block at the very end has no line break that is not there.
        if (found < 0 && spaces >= margin) throw unusual;
        if (spaces < margin) {
          if (spaces > column) throw unusual;
          break;
        }
        lines.push(text.slice(this.#next + margin, end));
      }
      this.#next = end + 1;
      this.#line += 1;
    }
    if (margin < 0 || widest > margin) throw unusual;
    return lines;
  }
}

/** A line of a plain scalar. */
function plainText(line: string): string {
  const text = line.trimEnd();
  if (text.includes(": ") || text.endsWith(":")) throw unusual;
  return text;
}

/** Whether an odd number of backslashes stands before a place. */
function isEscaped(text: string, at: number): boolean {
  let count = 0;
  while (text[at - 1 - count] === "\\") count += 1;
  return count % 2 === 1;
}
