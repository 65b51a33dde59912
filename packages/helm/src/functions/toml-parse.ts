import { GoInt, GoMap, type GoValue } from "../value/go-value.js";
import { quoteRune } from "../value/quote.js";

/** The text with every whole character outside the basic plane blanked, so that only strays are left. */
const wellPaired = (text: string): string => text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, "  ");

class TomlError extends Error {}

const shown = (char: string | undefined): string => `'${quoteRune(char?.codePointAt(0) ?? 0, "'")}'`;

/** Reads TOML: integers as int64, times as text. The error names line and last key. */
export function parseToml(text: string): { readonly value: GoMap } | { readonly error: string } {
  try {
    return { value: new Reader(text).run() };
  } catch (error) {
    if (error instanceof TomlError) return { error: error.message };
    throw error;
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  '"': '"',
  "\\": "\\",
  e: "\x1b",
};

class Reader {
  private readonly text: string;
  private readonly root = new GoMap();
  private current = this.root;
  private at = 0;
  private lastKey = "";

  constructor(text: string) {
    this.text = text.replaceAll("\r\n", "\n");
  }

  run(): GoMap {
    const stray = /[\udc80-\udcff]/.exec(wellPaired(this.text));
    if (stray !== null) {
      this.at = stray.index;
      throw this.fail(`invalid UTF-8 byte: 0x${(stray[0].charCodeAt(0) - 0xdc00).toString(16)}`);
    }
    for (this.blank(); this.at < this.text.length; this.blank()) {
      if (this.text[this.at] === "[") this.header();
      else this.pair(this.current);
      this.lineEnd();
    }
    return this.root;
  }

  private fail(message: string): TomlError {
    const line = this.text.slice(0, this.at).split("\n").length;
    const key = this.lastKey === "" ? "" : ` (last key "${this.lastKey}")`;
    return new TomlError(`toml: line ${line}${key}: ${message}`);
  }

  /** The character at the present place, whole. */
  private char(): string | undefined {
    return [...this.text.slice(this.at, this.at + 2)][0];
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.text);
    if (match !== null) this.at += match[0].length;
    return match;
  }

  private blank(): void {
    this.take(/(?:[ \t\n]|#[^\n]*)*/);
  }

  private lineEnd(): void {
    if (this.take(/[ \t]*(?:#[^\n]*)?(?:\n|$)/) === null)
      throw this.fail(
        `expected a top-level item to end with a newline, comment, or EOF, but got ${shown(this.char())} instead`,
      );
  }

  private key(): string[] {
    const parts: string[] = [];
    do {
      this.take(/[ \t]*/);
      const bare = this.take(/[A-Za-z0-9_-]+/);
      if (bare !== null) parts.push(bare[0]);
      else if (this.text[this.at] === '"' || this.text[this.at] === "'") parts.push(this.string());
      else if (this.text[this.at] === ".") throw this.fail("unexpected '.': keys cannot start with a '.'");
      else if (this.at >= this.text.length) throw this.fail("unexpected EOF; expected key separator '='");
      // A key without a name fails at what follows it.
      else parts.push("");
      this.take(/[ \t]*/);
    } while (this.take(/\./) !== null);
    return parts;
  }

  private table(from: GoMap, path: readonly string[]): GoMap {
    let table = from;
    for (const part of path) {
      const known = table.get(part);
      const last = Array.isArray(known) ? known.at(-1) : known;
      if (last instanceof GoMap) table = last;
      else if (last === undefined) {
        const fresh = new GoMap();
        table.set(part, fresh);
        table = fresh;
      } else throw this.fail(`Key '${part}' has already been defined.`);
    }
    return table;
  }

  private header(): void {
    const isList = this.take(/\[\[/) !== null;
    if (!isList) this.take(/\[/);
    if (/^[ \t]*\]/.test(this.text.slice(this.at, this.at + 50)))
      throw this.fail("unexpected end of table name (table names cannot be empty)");
    const path = this.key();
    if (this.take(isList ? /\]\]/ : /\]/) === null)
      throw this.fail(`expected '.' or ']' to end table name, but got ${shown(this.char())} instead`);
    this.lastKey = path.join(".");
    if (!isList) {
      this.current = this.table(this.root, path);
      return;
    }
    const parent = this.table(this.root, path.slice(0, -1));
    const name = path.at(-1) ?? "";
    const list = parent.get(name);
    this.current = new GoMap();
    if (Array.isArray(list)) list.push(this.current);
    else parent.set(name, [this.current]);
  }

  private pair(table: GoMap): void {
    const path = this.key();
    if (this.take(/=/) === null)
      throw this.fail(
        this.at >= this.text.length
          ? "unexpected EOF; expected key separator '='"
          : `expected '.' or '=', but got ${shown(this.char())} instead`,
      );
    this.lastKey = path.join(".");
    this.take(/[ \t]*/);
    const name = path.at(-1) ?? "";
    const parent = this.table(table, path.slice(0, -1));
    if (parent.has(name)) throw this.fail(`Key '${name}' has already been defined.`);
    parent.set(name, this.value());
  }

  private value(): GoValue {
    const char = this.text[this.at];
    if (char === undefined) throw this.fail("unexpected EOF; expected value");
    if (char === '"' || char === "'") return this.string();
    if (this.take(/\[/) !== null) return this.list();
    if (this.take(/\{/) !== null) return this.inline();
    const time = this.take(
      /\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?|\d{2}:\d{2}:\d{2}(?:\.\d+)?/,
    );
    if (time !== null) return time[0];
    const word = this.take(/true|false|[+-]?(?:inf|nan)/)?.[0];
    if (word === "true" || word === "false") return word === "true";
    if (word !== undefined)
      return word.endsWith("nan")
        ? Number.NaN
        : word.startsWith("-")
          ? Number.NEGATIVE_INFINITY
          : Number.POSITIVE_INFINITY;
    return this.number();
  }

  private number(): GoValue {
    const float = this.take(/[+-]?\d[\d_]*(?:\.\d[\d_]*)?[eE][+-]?\d+|[+-]?\d[\d_]*\.\d[\d_]*/);
    if (float !== null) return Number(float[0].replaceAll("_", ""));
    const integer = this.take(/0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[+-]?\d[\d_]*/);
    if (integer === null) throw this.fail(`expected value but found ${shown(this.char())} instead`);
    return new GoInt(BigInt(integer[0].replaceAll("_", "").replace("+", "")), "int64");
  }

  private list(): GoValue {
    const items: GoValue[] = [];
    for (this.blank(); this.take(/\]/) === null; this.blank()) {
      items.push(this.value());
      this.blank();
      if (this.take(/,/) === null && this.text[this.at] !== "]")
        throw this.fail("expected a comma (',') or array terminator (']')");
    }
    return items;
  }

  private inline(): GoValue {
    const table = new GoMap();
    for (this.blank(); this.take(/\}/) === null; this.blank()) {
      this.pair(table);
      this.blank();
      if (this.take(/,/) === null && this.text[this.at] !== "}")
        throw this.fail("expected a comma or an inline table terminator '}'");
    }
    return table;
  }

  private string(): string {
    const literal = this.take(/'''\n?([\s\S]*?'{0,2})'''(?!')|'([^'\n]*)'/);
    if (literal !== null) return literal[1] ?? literal[2] ?? "";
    const basic = this.take(/"""\n?((?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*)"""|"((?:[^"\\\n]|\\.)*)"/);
    if (basic === null) {
      const isOneLine = !this.text.startsWith('"""', this.at) && !this.text.startsWith("'''", this.at);
      const hasNewline = this.text.indexOf("\n", this.at) >= 0;
      throw this.fail(
        isOneLine && hasNewline ? "strings cannot contain newlines" : "unexpected EOF; expected '\"'",
      );
    }
    return (basic[1] ?? basic[2] ?? "").replace(
      /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[ \t]*\n\s*|(.))/g,
      (_whole, short: string | undefined, long: string | undefined, simple: string | undefined) => {
        const code = short ?? long;
        if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff));
        return simple === undefined ? "" : (simpleEscapes[simple] ?? simple);
      },
    );
  }
}
