import {
  everything,
  type LabelOperator,
  type LabelRequirement,
  type LabelSelector,
  newRequirement,
  SelectorError,
} from "./label-selector.js";

interface Token {
  readonly kind: "word" | "symbol" | "end";
  readonly text: string;
}

const symbols = new Set(["=", "==", "!=", "!", ",", "(", ")", ">", "<"]);

/**
 * Reads a selector as `kubectl -l` and the `labelSelector` query parameter take it:
 * `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`. The empty text selects everything.
 *
 * @throws {SelectorError} in Kubernetes' words
 */
export function parseLabelSelector(text: string): LabelSelector {
  const parser = new SelectorParser(tokenize(text));
  const requirements = parser.parse();
  if (requirements.length === 0) return everything;
  return { requirements: requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) };
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (/\s/.test(char)) {
      at++;
    } else if (isSymbol(char)) {
      let end = at;
      while (end < text.length && isSymbol(text[end])) end++;
      let length = end - at;
      while (length > 1 && !symbols.has(text.slice(at, at + length))) length--;
      const symbol = text.slice(at, at + length);
      tokens.push({ kind: "symbol", text: symbol });
      at += length;
    } else {
      let end = at;
      while (end < text.length && !/\s/.test(text[end] as string) && !isSymbol(text[end])) end++;
      tokens.push({ kind: "word", text: text.slice(at, end) });
      at = end;
    }
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

function isSymbol(char: string | undefined): boolean {
  return char !== undefined && "=!(),><".includes(char);
}

class SelectorParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek().kind === "end") return requirements;
    for (;;) {
      const token = this.#peek();
      if (token.kind !== "word" && token.text !== "!") {
        throw fault(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.kind === "end") return requirements;
      if (separator.text !== ",") throw fault(`found '${separator.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (following.kind !== "word" && following.text !== "!") {
        throw fault(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "" };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #requirement(): LabelRequirement {
    let absent = false;
    if (this.#peek().text === "!") {
      this.#next();
      absent = true;
    }
    const name = this.#next();
    if (name.kind !== "word") throw fault(`found '${name.text}', expected: identifier`);
    const after = this.#peek();
    if (absent || after.kind === "end" || after.text === ",") {
      return newRequirement(name.text, absent ? "!" : "exists", []);
    }
    const operator = this.#operator();
    return newRequirement(name.text, operator, this.#values(operator));
  }

  #operator(): LabelOperator {
    const { text } = this.#next();
    switch (text) {
      case "=":
      case "==":
      case "!=":
      case "in":
      case "notin":
        return text;
      case ">":
        return "gt";
      case "<":
        return "lt";
      default:
        throw fault(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #values(operator: LabelOperator): string[] {
    if (operator === "in" || operator === "notin") return this.#set();
    const value = this.#peek();
    if (value.kind === "end" || value.text === ",") return [""];
    this.#next();
    if (value.kind === "word") return [value.text];
    throw fault(`found '${value.text}', expected: identifier`);
  }

  #set(): string[] {
    const open = this.#next();
    if (open.text !== "(") throw fault(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    for (;;) {
      const value = this.#peek();
      if (value.kind === "word") {
        values.add(this.#next().text);
      } else if (value.text === "," || value.text === ")") {
        values.add("");
      } else {
        throw fault(`found '${value.text}', expected: ',', ')' or identifier`);
      }
      const separator = this.#next();
      if (separator.text === ")") return [...values];
      if (separator.text !== ",") throw fault(`found '${separator.text}', expected: ',' or ')'`);
    }
  }
}

function fault(text: string): SelectorError {
  return new SelectorError(`unable to parse requirement: ${text}`);
}
