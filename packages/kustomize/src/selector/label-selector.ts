import { KustomizeError } from "../errors.js";

type Operator = "=" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<";

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** A parsed Kubernetes label selector; every requirement must hold. */
export type LabelSelector = readonly Requirement[];

/**
 * Parses `a=b,c in (d,e),!f`.
 * @throws KustomizeError worded as Kubernetes words it
 */
export function parseSelector(text: string): LabelSelector {
  if (text.trim() === "") return [];
  return new SelectorParser(text).parse();
}

/** Whether all requirements hold for labels. */
export function selectorMatches(selector: LabelSelector, labels: ReadonlyMap<string, string>): boolean {
  return selector.every((requirement) => requirementHolds(requirement, labels.get(requirement.key)));
}

function requirementHolds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "=":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    default: {
      if (value === undefined || !/^[-+]?\d+$/.test(value)) return false;
      const bound = Number(values[0]);
      return operator === ">" ? Number(value) > bound : Number(value) < bound;
    }
  }
}

const TOKEN = /\s*(==|!=|=|!|,|\(|\)|>|<|[^\s=!,()<>]+)/y;
const SYMBOLS = new Set(["==", "!=", "=", "!", ",", "(", ")", ">", "<"]);

class SelectorParser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text))
      this.#tokens.push(match[1] as string);
  }

  parse(): LabelSelector {
    const requirements: Requirement[] = [];
    for (;;) {
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next === "") return requirements;
      if (next !== ",") throw parseFailure(`found '${next}', expected: ',' or 'end of string'`);
      if (this.#peek() === "") throw parseFailure("found '', expected: identifier after ','");
    }
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #take(): string {
    const next = this.#peek();
    this.#at++;
    return next;
  }

  #requirement(): Requirement {
    let first = this.#take();
    const absent = first === "!";
    if (absent) first = this.#take();
    if (SYMBOLS.has(first) || first === "") {
      throw parseFailure(`found '${first}', expected: !, identifier, or 'end of string'`);
    }
    if (absent) return { key: first, operator: "!", values: [] };
    const next = this.#peek();
    if (next === "" || next === ",") return { key: first, operator: "exists", values: [] };
    this.#at++;
    return this.#operation(first, next);
  }

  #operation(key: string, operator: string): Requirement {
    switch (operator) {
      case "=":
      case "==":
        return { key, operator: "=", values: [this.#value()] };
      case "!=":
      case ">":
      case "<":
        return { key, operator, values: [this.#value()] };
      case "in":
      case "notin":
        return { key, operator, values: this.#values() };
      default:
        throw parseFailure(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #value(): string {
    const next = this.#peek();
    if (next === "," || next === "") return "";
    if (SYMBOLS.has(next)) throw parseFailure(`found '${next}', expected: identifier`);
    return this.#take();
  }

  #values(): string[] {
    const open = this.#take();
    if (open !== "(") throw parseFailure(`found '${open}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      const next = this.#take();
      if (next === ")") return values.length === 0 ? [""] : values;
      if (next === ",") {
        if (this.#peek() === "," || this.#peek() === ")") values.push("");
      } else if (SYMBOLS.has(next) || next === "") {
        throw parseFailure(`found '${next}', expected: ',', or identifier`);
      } else {
        values.push(next);
      }
    }
  }
}

function parseFailure(problem: string): KustomizeError {
  return new KustomizeError("patch", `unable to parse requirement: ${problem}`);
}
