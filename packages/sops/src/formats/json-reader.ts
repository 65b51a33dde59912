import { SopsError } from "../errors.js";
import { Budget } from "../tree/bounds.js";
import { type Entry, type MapNode, NULL, type Scalar, type TreeNode } from "../tree/tree.js";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANK = /[ \t\r\n]*/y;

/** Reads JSON with members in order and integers apart from floats, neither of which `JSON.parse` keeps. */
export class JsonReader {
  readonly #text: string;
  readonly #budget = new Budget();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The object at the top; what follows it is not looked at, as SOPS does. */
  read(): MapNode {
    this.#skip();
    if (this.#text[this.#at] !== "{") {
      throw new SopsError(
        "malformed",
        "SOPS only supports JSON files with a top-level object (starting with '{')",
      );
    }
    return this.#map(1);
  }

  #value(depth: number): TreeNode {
    this.#budget.spend(depth);
    this.#skip();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#map(depth + 1);
      case "[":
        return this.#list(depth + 1);
      case '"':
        return { type: "str", value: this.#string() };
      case "t":
        return this.#word("true", { type: "bool", value: true });
      case "f":
        return this.#word("false", { type: "bool", value: false });
      case "n":
        return this.#word("null", NULL);
      default:
        return this.#number();
    }
  }

  #map(depth: number): MapNode {
    const items: Entry[] = [];
    this.#members("}", () => {
      this.#skip();
      const key = this.#string();
      this.#skip();
      if (this.#text[this.#at] !== ":") this.#fail();
      this.#at += 1;
      items.push({ type: "entry", key, value: this.#value(depth) });
    });
    return { type: "map", items };
  }

  #list(depth: number): TreeNode {
    const items: TreeNode[] = [];
    this.#members("]", () => items.push(this.#value(depth)));
    return { type: "list", items };
  }

  #members(close: string, read: () => void): void {
    this.#at += 1;
    this.#skip();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      read();
      this.#skip();
      const next = this.#text[this.#at];
      this.#at += 1;
      if (next === close) return;
      if (next !== ",") this.#fail();
    }
  }

  #string(): string {
    return String(JSON.parse(this.#match(STRING)));
  }

  #number(): Scalar {
    const text = this.#match(NUMBER);
    if (/^-?\d{1,19}$/.test(text)) {
      const value = BigInt(text);
      if (BigInt.asIntN(64, value) === value) return { type: "int", value };
    }
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new SopsError("malformed", "a number of the JSON does not fit 64 bits");
    return { type: "float", value };
  }

  #word(word: string, value: Scalar): Scalar {
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    this.#at += word.length;
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) this.#fail();
    this.#at += found.length;
    return found;
  }

  #skip(): void {
    BLANK.lastIndex = this.#at;
    this.#at += BLANK.exec(this.#text)?.[0].length ?? 0;
  }

  #fail(): never {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    throw new SopsError("malformed", `Could not unmarshal input data: no valid JSON at line ${line}`);
  }
}
