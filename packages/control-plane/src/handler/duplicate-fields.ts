/**
 * Members that occur twice in one object of a JSON text, as `duplicate field "spec.list[0].x"`, each
 * path once, in document order. The text must be valid JSON.
 */
export function duplicateFields(text: string): readonly string[] {
  const found: string[] = [];
  const scanner = new Scanner(text, found);
  scanner.value("");
  return found;
}

class Scanner {
  readonly #text: string;
  readonly #found: string[];
  readonly #escapes: boolean;
  #at = 0;

  constructor(text: string, found: string[]) {
    this.#text = text;
    this.#found = found;
    this.#escapes = text.includes("\\");
  }

  value(path: string): void {
    const code = this.#next();
    if (code === BRACE) this.#object(path);
    else if (code === BRACKET) this.#array(path);
    else if (code === QUOTE) this.#skipString();
    else this.#scalar();
  }

  #object(path: string): void {
    this.#at++;
    const seen = new Set<string>();
    while (this.#next() !== BRACE_END) {
      if (this.#next() === COMMA) this.#at++;
      this.#next();
      const key = this.#string();
      this.#next();
      this.#at++;
      const member = path === "" ? key : `${path}.${key}`;
      if (seen.has(key)) this.#report(member);
      seen.add(key);
      this.value(member);
    }
    this.#at++;
  }

  #array(path: string): void {
    this.#at++;
    for (let index = 0; this.#next() !== BRACKET_END; index++) {
      if (this.#next() === COMMA) this.#at++;
      this.value(`${path}[${index}]`);
    }
    this.#at++;
  }

  #string(): string {
    const start = ++this.#at;
    if (!this.#escapes) {
      const end = this.#text.indexOf('"', start);
      this.#at = end + 1;
      return this.#text.slice(start, end);
    }
    let escaped = false;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE || Number.isNaN(code)) break;
      if (code === BACKSLASH) {
        escaped = true;
        this.#at++;
      }
      this.#at++;
    }
    const raw = this.#text.slice(start, this.#at++);
    return escaped ? String(JSON.parse(`"${raw}"`)) : raw;
  }

  /** Past a string whose text does not matter. */
  #skipString(): void {
    if (this.#escapes) this.#string();
    else this.#at = this.#text.indexOf('"', this.#at + 1) + 1;
  }

  #scalar(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (
        code === COMMA ||
        code === BRACE_END ||
        code === BRACKET_END ||
        code <= SPACE ||
        Number.isNaN(code)
      ) {
        return;
      }
      this.#at++;
    }
  }

  #next(): number {
    let code = this.#text.charCodeAt(this.#at);
    while (code <= SPACE) code = this.#text.charCodeAt(++this.#at);
    return code;
  }

  #report(path: string): void {
    const text = `duplicate field "${path}"`;
    if (!this.#found.includes(text)) this.#found.push(text);
  }
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
