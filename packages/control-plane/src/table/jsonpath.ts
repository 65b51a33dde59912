/** A JSONPath that cannot be read. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

type Step =
  | { readonly kind: "member"; readonly names: readonly string[] }
  | { readonly kind: "index"; readonly indexes: readonly number[] }
  | { readonly kind: "slice"; readonly from?: number; readonly to?: number; readonly step: number }
  | { readonly kind: "all" }
  | { readonly kind: "descend" }
  | { readonly kind: "filter"; readonly left: Operand; readonly operator: string; readonly right?: Operand };

type Operand = { readonly path: readonly Step[] } | { readonly literal: string | number | boolean | null };

const MAX_LENGTH = 4096;
const MAX_STEPS = 64;
/** Values that one evaluation may look at, so that nested `..` and `[*]` end. */
const MAX_VISITS = 100_000;

/** A JSONPath that was read once, to be evaluated on many objects. */
export interface JsonPath {
  /** All values that the path finds, in order; empty where it finds none. */
  readonly evaluate: (root: unknown) => readonly unknown[];
}

/**
 * Reads a JSONPath as the API uses it for printer columns and selectable fields: `.spec.a`,
 * `.metadata.labels.app\.kubernetes\.io/name`, `.items[0]['x','y']`, `[1:3]`, `[*]`, `..name`,
 * `[?(@.type=="Ready")].status`. Braces around the whole are ignored. Throws `JsonPathError`.
 */
export function parseJsonPath(text: string): JsonPath {
  if (text.length > MAX_LENGTH) throw new JsonPathError("the path is too long");
  const trimmed = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  const parser = new Parser(trimmed);
  const steps = parser.path(true);
  return { evaluate: (root) => walk(steps, root, { left: MAX_VISITS }) };
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(toEnd: boolean): readonly Step[] {
    const steps: Step[] = [];
    if (this.#text[this.#at] === "$" || this.#text[this.#at] === "@") this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === ".") this.#dot(steps);
      else if (char === "[") steps.push(this.#bracket());
      else if (steps.length === 0 && toEnd && char !== undefined) steps.push(...this.#name());
      else break;
      if (steps.length > MAX_STEPS) throw new JsonPathError("the path has too many steps");
    }
    if (toEnd && this.#at < this.#text.length) throw this.#unexpected();
    return steps;
  }

  #dot(steps: Step[]): void {
    this.#at++;
    if (this.#text[this.#at] === ".") {
      this.#at++;
      steps.push({ kind: "descend" });
    }
    if (this.#text[this.#at] === "[" || this.#at >= this.#text.length) return;
    steps.push(...this.#name());
  }

  #name(): Step[] {
    let name = "";
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || STOPS.has(char)) break;
      if (char === "\\") this.#at++;
      name += this.#text[this.#at] ?? "";
      this.#at++;
    }
    if (name === "") throw this.#unexpected();
    return [name === "*" ? { kind: "all" } : { kind: "member", names: [name] }];
  }

  #bracket(): Step {
    this.#at++;
    this.#space();
    const char = this.#text[this.#at];
    const step =
      char === "?"
        ? this.#filter()
        : char === "*"
          ? this.#star()
          : char === "'" || char === '"'
            ? this.#names()
            : this.#numbers();
    this.#space();
    this.#expect("]");
    return step;
  }

  #star(): Step {
    this.#at++;
    return { kind: "all" };
  }

  #names(): Step {
    const names: string[] = [];
    do {
      this.#space();
      names.push(this.#quoted());
      this.#space();
    } while (this.#take(","));
    return { kind: "member", names };
  }

  #numbers(): Step {
    const first = this.#integer();
    if (this.#text[this.#at] === ":") return this.#slice(first);
    if (first === undefined) throw this.#unexpected();
    const indexes = [first];
    while (this.#take(",")) {
      this.#space();
      const next = this.#integer();
      if (next === undefined) throw this.#unexpected();
      indexes.push(next);
    }
    return { kind: "index", indexes };
  }

  #slice(from: number | undefined): Step {
    this.#expect(":");
    const to = this.#integer();
    const step = this.#take(":") ? (this.#integer() ?? 1) : 1;
    if (step < 1) throw new JsonPathError("a slice needs a step above 0");
    return {
      kind: "slice",
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      step,
    };
  }

  #filter(): Step {
    this.#expect("?");
    this.#expect("(");
    this.#space();
    const left = this.#operand();
    this.#space();
    const operator = OPERATORS.find((candidate) => this.#text.startsWith(candidate, this.#at));
    if (operator === undefined) {
      this.#expect(")");
      return { kind: "filter", left, operator: "exists" };
    }
    this.#at += operator.length;
    this.#space();
    const right = this.#operand();
    this.#space();
    this.#expect(")");
    return { kind: "filter", left, operator, right };
  }

  #operand(): Operand {
    const char = this.#text[this.#at];
    if (char === "@" || char === "$" || char === ".") return { path: this.path(false) };
    if (char === "'" || char === '"') return { literal: this.#quoted() };
    const word = /^(?:true|false|null|-?\d+(?:\.\d+)?)/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0];
    if (word === undefined) throw this.#unexpected();
    this.#at += word.length;
    return { literal: JSON.parse(word) as string | number | boolean | null };
  }

  #quoted(): string {
    const quote = this.#text[this.#at];
    if (quote !== "'" && quote !== '"') throw this.#unexpected();
    this.#at++;
    let text = "";
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new JsonPathError("a quoted text does not end");
      this.#at++;
      if (char === quote) return text;
      if (char === "\\") {
        text += this.#text[this.#at] ?? "";
        this.#at++;
      } else {
        text += char;
      }
    }
  }

  #integer(): number | undefined {
    const digits = /^-?\d{1,9}/.exec(this.#text.slice(this.#at, this.#at + 10))?.[0];
    if (digits === undefined) return undefined;
    this.#at += digits.length;
    return Number(digits);
  }

  #space(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) throw this.#unexpected();
  }

  #unexpected(): JsonPathError {
    const char = this.#text[this.#at];
    return new JsonPathError(
      char === undefined ? "the path ends too early" : `unexpected ${char} at ${this.#at}`,
    );
  }
}

const STOPS = new Set([".", "[", "]", " ", "=", "!", "<", ">", ")", ","]);
const OPERATORS = ["==", "!=", "<=", ">=", "<", ">"];

interface Budget {
  left: number;
}

function walk(steps: readonly Step[], root: unknown, budget: Budget): readonly unknown[] {
  let values: unknown[] = [root];
  for (const step of steps) {
    const next: unknown[] = [];
    for (const value of values) {
      if (--budget.left < 0) return [];
      take(step, value, next, budget);
    }
    values = next;
  }
  return values;
}

function take(step: Step, value: unknown, found: unknown[], budget: Budget): void {
  switch (step.kind) {
    case "member":
      for (const name of step.names) {
        if (
          typeof value === "object" &&
          value !== null &&
          !Array.isArray(value) &&
          Object.hasOwn(value, name)
        ) {
          found.push((value as Record<string, unknown>)[name]);
        }
      }
      return;
    case "index":
      if (!Array.isArray(value)) return;
      for (const index of step.indexes) {
        const item: unknown = value[index < 0 ? value.length + index : index];
        if (item !== undefined) found.push(item);
      }
      return;
    case "slice":
      if (!Array.isArray(value)) return;
      value.slice(step.from, step.to).forEach((item, index) => {
        if (index % step.step === 0) found.push(item);
      });
      return;
    case "all":
      found.push(...childrenOf(value));
      return;
    case "descend":
      descend(value, found, budget);
      return;
    case "filter":
      for (const item of Array.isArray(value) ? value : []) {
        if (--budget.left < 0) return;
        if (matches(step, item, budget)) found.push(item);
      }
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

function descend(value: unknown, found: unknown[], budget: Budget): void {
  if (--budget.left < 0) return;
  found.push(value);
  for (const child of childrenOf(value)) descend(child, found, budget);
}

function matches(step: Extract<Step, { kind: "filter" }>, item: unknown, budget: Budget): boolean {
  const left = operandValue(step.left, item, budget);
  if (step.operator === "exists") return left !== undefined;
  const right = step.right === undefined ? undefined : operandValue(step.right, item, budget);
  if (left === undefined || right === undefined) return false;
  if (step.operator === "==") return left === right;
  if (step.operator === "!=") return left !== right;
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const [a, b] = [left as number, right as number];
  switch (step.operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

function operandValue(operand: Operand, item: unknown, budget: Budget): unknown {
  return "literal" in operand ? operand.literal : walk(operand.path, item, budget)[0];
}
