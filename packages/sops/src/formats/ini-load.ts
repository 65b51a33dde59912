import { SopsError } from "../errors.js";
import { Budget } from "../tree/bounds.js";
import { type Entry, type MapItem, type Tree, text } from "../tree/tree.js";
import { trim, trimStart } from "./go-space.js";

interface Key {
  readonly name: string;
  value: string;
  comment: string;
}

interface Section {
  readonly name: string;
  readonly keys: Map<string, Key>;
  comment: string;
}

/**
 * Reads INI as gopkg.in/ini.v1 does for SOPS: sections are mappings of text, the one without header is
 * `DEFAULT`; what is commented above a key stands behind it in the tree.
 *
 * @throws {SopsError} `malformed` or `too-large`
 */
export function loadIni(source: string): Tree {
  const sections = new IniReader(source.replace(/^\ufeff/, "")).read();
  return [{ type: "map", items: sections.map(entryOf) }];
}

function entryOf({ name, keys, comment }: Section): Entry {
  const items: MapItem[] = [];
  if (comment !== "") items.push({ type: "comment", value: withoutSign(comment), inline: false });
  for (const key of keys.values()) {
    items.push({ type: "entry", key: key.name, value: text(key.value) });
    if (key.comment !== "") items.push({ type: "comment", value: withoutSign(key.comment), inline: false });
  }
  return { type: "entry", key: name, value: { type: "map", items } };
}

function withoutSign(comment: string): string {
  if (comment.startsWith(";")) return comment.replace(/^[; ]+/, "");
  return comment.startsWith("#") ? comment.replace(/^[# ]+/, "") : comment;
}

class IniReader {
  readonly #lines: readonly string[];
  readonly #budget = new Budget();
  #at = 0;
  #comment = "";
  #count = 1;

  constructor(source: string) {
    // Lines keep their end: comments of several lines are one text.
    this.#lines = source.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  }

  read(): readonly Section[] {
    let section: Section = { name: "DEFAULT", keys: new Map(), comment: "" };
    const sections = [section];
    while (this.#at < this.#lines.length) {
      const line = trimStart(this.#next());
      if (line === "") continue;
      if (line.startsWith("#") || line.startsWith(";")) this.#comment += line;
      else if (line.startsWith("[")) {
        section = this.#section(line);
        sections.push(section);
      } else this.#key(line, section);
    }
    return sections;
  }

  #next(): string {
    return this.#lines[this.#at++] ?? "";
  }

  #takeComment(): string {
    const comment = trim(this.#comment);
    this.#comment = "";
    return comment;
  }

  #section(line: string): Section {
    this.#budget.spend(1);
    const close = line.lastIndexOf("]");
    if (close < 0) this.#fail("unclosed section");
    const name = line.slice(1, close);
    if (name === "") this.#fail("empty section name");
    this.#comment += line.slice(close + 1).match(/[#;][\s\S]*$/)?.[0] ?? "";
    this.#count = 1;
    return { name, keys: new Map(), comment: this.#takeComment() };
  }

  #key(line: string, section: Section): void {
    this.#budget.spend(1);
    const { name: written, rest } = this.#name(line);
    const name = written === "-" ? `#${this.#count++}` : written;
    if (name === "") this.#fail("empty key name");
    const value = this.#value(rest);
    const comment = this.#takeComment();
    const known = section.keys.get(name);
    if (known === undefined) section.keys.set(name, { name, value, comment });
    else Object.assign(known, { value, comment });
  }

  #name(line: string): { readonly name: string; readonly rest: string } {
    const quote =
      line.length > 6 && line.startsWith('"""') ? '"""' : /^["`]/.test(line) ? line.charAt(0) : "";
    if (quote === "") {
      const end = line.search(/[=:]/);
      if (end < 0) this.#fail("key-value delimiter not found");
      return { name: trim(line.slice(0, end)), rest: line.slice(end + 1) };
    }
    const close = line.indexOf(quote, quote.length);
    if (close < 0) this.#fail("missing closing key quote");
    const delimiter = line.slice(close + quote.length).search(/[=:]/);
    if (delimiter < 0) this.#fail("key-value delimiter not found");
    return {
      name: trim(line.slice(quote.length, close)),
      rest: line.slice(close + quote.length + delimiter + 1),
    };
  }

  #value(rest: string): string {
    const line = trimStart(rest);
    if (line === "") return "";
    const quote = line.length > 3 && line.startsWith('"""') ? '"""' : line.startsWith("`") ? "`" : "";
    if (quote !== "") {
      const end = line.lastIndexOf(quote);
      return end >= quote.length
        ? line.slice(quote.length, end)
        : this.#untilQuote(quote, line.slice(quote.length));
    }
    const trimmed = trim(line);
    if (trimmed.endsWith("\\")) return this.#continued(trimmed.slice(0, -1));
    return unquoted(this.#withoutComment(trimmed));
  }

  #untilQuote(quote: string, start: string): string {
    let value = start;
    while (this.#at < this.#lines.length) {
      const next = this.#next();
      const end = next.lastIndexOf(quote);
      if (
        end < 0 ||
        next
          .slice(end + quote.length)
          .trim()
          .endsWith("\\")
      ) {
        value += next;
        continue;
      }
      this.#comment +=
        next
          .slice(end)
          .match(/[#;][\s\S]*$/)?.[0]
          .trim() ?? "";
      return value + next.slice(0, end);
    }
    this.#fail("missing closing value quote");
  }

  #continued(start: string): string {
    let value = start;
    while (this.#at < this.#lines.length) {
      const next = trim(this.#next());
      if (next === "") break;
      value += next;
      if (!value.endsWith("\\")) break;
      value = value.slice(0, -1);
    }
    return value;
  }

  #withoutComment(line: string): string {
    const at = line.search(/[#;]/);
    if (at < 0) return line;
    this.#comment += line.slice(at);
    return trim(line.slice(0, at));
  }

  #fail(reason: string): never {
    throw new SopsError("malformed", `Could not unmarshal input data: ${reason} at line ${this.#at}`);
  }
}

/** Quotes go where they stand at both ends and nowhere else. */
function unquoted(text: string): string {
  const [quote] = text;
  const surrounded =
    (quote === "'" || quote === '"') && text.length >= 2 && text.indexOf(quote, 1) === text.length - 1;
  return surrounded ? text.slice(1, -1) : text;
}
