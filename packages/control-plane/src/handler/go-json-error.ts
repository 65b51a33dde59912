/**
 * What Go's decoder says about a text that is no JSON: at which character, and what it looked for. The text
 * must be one that `JSON.parse` refuses.
 */
export function goJsonError(text: string): string {
  const scanner = new JsonScanner(text);
  try {
    scanner.document();
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  return "unexpected end of JSON input";
}

const ESCAPES = 'bfnrt\\/"u';

/** Walks over a JSON text and throws `SyntaxError` in Go's words where it stops being one. */
class JsonScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail("after top-level value");
  }

  #value(): void {
    this.#space();
    const first = this.#text[this.#at];
    if (first === "{") this.#object();
    else if (first === "[") this.#array();
    else if (first === '"') this.#string();
    else if (first === "-" || (first !== undefined && /\d/.test(first))) this.#number();
    else if (first === "t" || first === "f" || first === "n") this.#word(first);
    else this.#fail("looking for beginning of value");
  }

  #object(): void {
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === "}") {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail("looking for beginning of object key string");
      this.#string();
      this.#space();
      if (this.#text[this.#at] !== ":") this.#fail("after object key");
      this.#at += 1;
      this.#value();
      if (this.#closes("}", "after object key:value pair")) return;
    }
  }

  #array(): void {
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === "]") {
      this.#at += 1;
      return;
    }
    do this.#value();
    while (!this.#closes("]", "after array element"));
  }

  /** Whether a collection ends here; false where a comma goes on with it. */
  #closes(end: string, context: string): boolean {
    this.#space();
    const found = this.#text[this.#at];
    if (found !== end && found !== ",") this.#fail(context);
    this.#at += 1;
    return found === end;
  }

  #string(): void {
    for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at += 1) {
      const found = this.#text[this.#at];
      if (found === undefined || found < " ") this.#fail("in string literal");
      if (found !== "\\") continue;
      this.#at += 1;
      const letter = this.#text[this.#at];
      if (letter === undefined || !ESCAPES.includes(letter)) this.#fail("in string escape code");
      if (letter === "u") this.#hexadecimal();
    }
    this.#at += 1;
  }

  #hexadecimal(): void {
    for (let digit = 0; digit < 4; digit += 1) {
      this.#at += 1;
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? "")) this.#fail("in \\u hexadecimal character escape");
    }
  }

  #number(): void {
    const digits = (context: string) => {
      if (!/\d/.test(this.#text[this.#at] ?? "")) this.#fail(context);
      while (/\d/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    };
    if (this.#text[this.#at] === "-") this.#at += 1;
    if (this.#text[this.#at] === "0") this.#at += 1;
    else digits("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at += 1;
      digits("after decimal point in numeric literal");
    }
    if (!/[eE]/.test(this.#text[this.#at] ?? "")) return;
    this.#at += 1;
    if (/[-+]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    digits("in exponent of numeric literal");
  }

  #word(first: "t" | "f" | "n"): void {
    const word = first === "t" ? "true" : first === "f" ? "false" : "null";
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`);
      this.#at += 1;
    }
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #fail(context: string): never {
    const found = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#text.length) throw new SyntaxError("unexpected end of JSON input");
    const shown = found === "'" ? "'\\''" : found === '"' ? `'"'` : `'${JSON.stringify(found).slice(1, -1)}'`;
    throw new SyntaxError(`invalid character ${shown} ${context}`);
  }
}
