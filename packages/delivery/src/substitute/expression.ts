/** A part of a text with shell-like expressions. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "expansion";
      readonly name: string;
      readonly operator: string;
      readonly args: readonly Part[];
    };

/** Text whose `${…}` expressions cannot be read, or use a variable that is not set. */
export class SubstitutionError extends Error {
  override readonly name = "SubstitutionError";
}

/** Expressions inside the arguments of expressions. */
const MAX_DEPTH = 100;
const IDENTIFIER = /[\p{L}\p{Nd}_]/u;

/**
 * Splits a text into plain text and `${…}` expressions, by the grammar of Flux's envsubst: `$$` is a
 * literal dollar, a `$` without a brace is text, and inside of replacements `\/` is a literal slash.
 */
export function parseExpressions(text: string): readonly Part[] {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly Part[] {
    const parts: Part[] = [];
    let plain = "";
    while (this.#at < this.#text.length) {
      const dollar = this.#text.indexOf("$", this.#at);
      if (dollar < 0) break;
      plain += this.#text.slice(this.#at, dollar);
      this.#at = dollar + 1;
      const next = this.#peek();
      if (next === "{") {
        this.#at += 1;
        if (plain !== "") parts.push({ kind: "text", text: plain });
        plain = "";
        parts.push(this.#expansion());
      } else {
        plain += "$";
        if (next === "$") this.#at += 1;
      }
    }
    plain += this.#text.slice(this.#at);
    if (plain !== "") parts.push({ kind: "text", text: plain });
    return parts;
  }

  /** Reads on after `${`. */
  #expansion(): Part {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new SubstitutionError("expressions are nested too deeply");
    const part = this.#peek() === "#" ? this.#length() : this.#named();
    this.#depth -= 1;
    return part;
  }

  #length(): Part {
    this.#at += 1;
    const name = this.#identifier("bad substitution");
    this.#close();
    return { kind: "expansion", name, operator: "#", args: [] };
  }

  #named(): Part {
    const name = this.#identifier("unable to parse variable name");
    switch (this.#peek()) {
      case ":":
        return "=-?+".includes(this.#text[this.#at + 1] ?? "!")
          ? this.#default(name, 2)
          : this.#substring(name);
      case "=":
        return this.#default(name, 1);
      case ",":
      case "^":
        return this.#casing(name);
      case "/":
        return this.#replacement(name);
      case "#":
      case "%":
        return this.#removal(name);
      case "}":
        this.#at += 1;
        return { kind: "expansion", name, operator: "", args: [] };
      default:
        throw new SubstitutionError("missing closing brace");
    }
  }

  #default(name: string, length: number): Part {
    const operator = this.#take(length);
    const args: Part[] = [];
    while (this.#peek() !== "}") args.push(this.#argument((char) => char !== "}", false));
    this.#close();
    return { kind: "expansion", name, operator, args };
  }

  #substring(name: string): Part {
    this.#at += 1;
    const args = [this.#argument((char) => char !== ":" && char !== "}", false)];
    if (this.#peek() === ":") {
      while (this.#peek() === ":") this.#at += 1;
      args.push(this.#argument((char) => char !== "}", false));
    }
    this.#close();
    return { kind: "expansion", name, operator: ":", args };
  }

  #casing(name: string): Part {
    const first = this.#peek();
    const operator = this.#take(",^".includes(this.#text[this.#at + 1] ?? "!") ? 2 : 1);
    this.#close();
    return { kind: "expansion", name, operator: operator.length === 2 ? operator : (first ?? ""), args: [] };
  }

  #removal(name: string): Part {
    const sign = this.#peek();
    const operator = this.#take(this.#text[this.#at + 1] === sign ? 2 : 1);
    const args = [this.#argument((char) => char !== "}", false)];
    this.#close();
    return { kind: "expansion", name, operator, args };
  }

  #replacement(name: string): Part {
    const operator = this.#take("/#%".includes(this.#text[this.#at + 1] ?? "!") ? 2 : 1);
    const args = [this.#argument((char) => char !== "/", true)];
    if (this.#peek() !== "/") throw new SubstitutionError("bad substitution");
    while (this.#peek() === "/") this.#at += 1;
    if (this.#peek() !== "}") args.push(this.#argument((char) => char !== "}", true));
    this.#close();
    return { kind: "expansion", name, operator, args };
  }

  /** An expression, or at least one character of text up to what `accept` refuses. */
  #argument(accept: (char: string) => boolean, escapes: boolean): Part {
    if (this.#text.startsWith("${", this.#at)) {
      this.#at += 2;
      return this.#expansion();
    }
    let text = "";
    for (let first = true; ; first = false) {
      const char = this.#peek();
      const next = this.#text[this.#at + 1];
      if (char === undefined || (!first && this.#text.startsWith("${", this.#at))) break;
      if (escapes && ((char === "$" && next === "$") || (char === "\\" && (next === "/" || next === "\\")))) {
        text += next;
        this.#at += 2;
        continue;
      }
      if (!accept(char)) {
        if (first) throw new SubstitutionError("unable to parse substitution within function");
        break;
      }
      text += char;
      this.#at += char.length;
    }
    if (text === "") throw new SubstitutionError("unable to parse substitution within function");
    return { kind: "text", text };
  }

  #identifier(problem: string): string {
    let name = "";
    for (let char = this.#peek(); char !== undefined && IDENTIFIER.test(char); char = this.#peek()) {
      name += char;
      this.#at += char.length;
    }
    if (name === "") throw new SubstitutionError(problem);
    return name;
  }

  #close(): void {
    if (this.#peek() !== "}") throw new SubstitutionError("bad substitution");
    this.#at += 1;
  }

  #take(length: number): string {
    const taken = this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  #peek(): string | undefined {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }
}
