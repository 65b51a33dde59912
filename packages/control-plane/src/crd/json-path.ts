/** Reads values out of an object by a JSONPath as printer columns use it. */
export type JsonPath = (object: unknown) => readonly unknown[];

type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly at: number }
  | {
      readonly kind: "slice";
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly by: number;
    }
  | { readonly kind: "all" }
  | { readonly kind: "deep" }
  | {
      readonly kind: "filter";
      readonly path: readonly Step[];
      readonly operator: string | undefined;
      readonly operand: unknown;
    };

/** Longer paths are refused. */
const MAX_LENGTH = 4_096;
/** A path that finds more values than this finds none. */
const MAX_VALUES = 10_000;

/**
 * Compiles kubectl's JSONPath for one expression: fields, `['name']`, indices, slices, `*`, `..` and
 * filters such as `[?(@.type=="Ready")]`. Undefined where the text is no such path.
 */
export function compileJsonPath(text: string): JsonPath | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const steps = new Reader(text).steps();
  return steps && ((object) => walk([object], steps));
}

class Reader {
  private position = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  steps(): Step[] | undefined {
    const steps: Step[] = [];
    while (this.position < this.text.length) {
      const step = this.step();
      if (!step) return undefined;
      steps.push(step);
    }
    return steps;
  }

  private step(): Step | undefined {
    if (this.take("..")) {
      if (this.peek() !== "[") this.position--;
      return { kind: "deep" };
    }
    if (this.take("[")) return this.bracket();
    if (!this.take(".")) return undefined;
    if (this.take("*")) return { kind: "all" };
    if (this.peek() === "[") return this.step();
    const name = this.name();
    return name === "" ? undefined : { kind: "field", name };
  }

  private name(): string {
    let name = "";
    for (; this.position < this.text.length; this.position++) {
      const char = this.text.charAt(this.position);
      if (char === "\\") {
        this.position++;
        name += this.text.charAt(this.position);
      } else if (char === "." || char === "[") {
        break;
      } else {
        name += char;
      }
    }
    return name;
  }

  private bracket(): Step | undefined {
    const end = this.closing();
    if (end < 0) return undefined;
    const content = this.text.slice(this.position, end).trim();
    this.position = end + 1;
    if (content === "*") return { kind: "all" };
    const quoted = /^'((?:[^'\\]|\\.)*)'$|^"((?:[^"\\]|\\.)*)"$/.exec(content);
    if (quoted) return { kind: "field", name: (quoted[1] ?? quoted[2] ?? "").replaceAll(/\\(.)/g, "$1") };
    if (/^-?\d{1,9}$/.test(content)) return { kind: "index", at: Number(content) };
    const slice = /^(-?\d{1,9})?:(-?\d{1,9})?(?::(\d{1,9}))?$/.exec(content);
    if (slice) {
      const bound = (part: string | undefined): number | undefined =>
        part === undefined ? undefined : Number(part);
      return {
        kind: "slice",
        from: bound(slice[1]),
        to: bound(slice[2]),
        by: Math.max(1, Number(slice[3] ?? 1)),
      };
    }
    const filter = /^\?\((.*)\)$/s.exec(content);
    return filter ? readFilter(filter[1] ?? "") : undefined;
  }

  /** Where the bracket just opened closes, quotes and inner brackets respected. */
  private closing(): number {
    let depth = 1;
    let quote = "";
    for (let i = this.position; i < this.text.length; i++) {
      const char = this.text.charAt(i);
      if (quote !== "") {
        if (char === "\\") i++;
        else if (char === quote) quote = "";
      } else if (char === "'" || char === '"') quote = char;
      else if (char === "[") depth++;
      else if (char === "]" && --depth === 0) return i;
    }
    return -1;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  private peek(): string {
    return this.text.charAt(this.position);
  }
}

function readFilter(text: string): Step | undefined {
  const parts = /^\s*@((?:[^=!<>'"]|'[^']*'|"[^"]*")*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/s.exec(text);
  if (!parts) return undefined;
  const path = new Reader(parts[1] ?? "").steps();
  if (!path) return undefined;
  return {
    kind: "filter",
    path,
    operator: parts[2],
    operand: parts[3] === undefined ? undefined : readLiteral(parts[3]),
  };
}

function readLiteral(text: string): unknown {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted) return (quoted[2] ?? "").replaceAll(/\\(.)/g, "$1");
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function walk(values: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  let current = values;
  for (const step of steps) {
    const next: unknown[] = [];
    for (const value of current) {
      follow(value, step, next, 0);
      if (next.length > MAX_VALUES) return [];
    }
    current = next;
  }
  return current;
}

function follow(value: unknown, step: Step, out: unknown[], depth: number): void {
  if (typeof value !== "object" || value === null || depth > 100) return;
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  switch (step.kind) {
    case "field":
      if (!Array.isArray(value) && Object.hasOwn(value, step.name))
        out.push((value as Record<string, unknown>)[step.name]);
      return;
    case "index":
      if (Array.isArray(value) && value.at(step.at) !== undefined) out.push(value.at(step.at));
      return;
    case "slice":
      if (Array.isArray(value))
        out.push(...value.slice(step.from, step.to).filter((_, i) => i % step.by === 0));
      return;
    case "all":
      out.push(...children);
      return;
    case "deep":
      out.push(value);
      for (const child of children) if (out.length <= MAX_VALUES) follow(child, step, out, depth + 1);
      return;
    case "filter":
      if (Array.isArray(value)) out.push(...value.filter((item) => passes(item, step)));
  }
}

function passes(item: unknown, filter: Extract<Step, { kind: "filter" }>): boolean {
  const [found] = walk([item], filter.path);
  const { operator, operand } = filter;
  if (operator === undefined) return found !== undefined;
  if (typeof found !== typeof operand) return false;
  if (operator === "==") return found === operand;
  if (operator === "!=") return found !== operand;
  const [left, right] = [found as string | number, operand as string | number];
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  return operator === "<=" ? left <= right : left >= right;
}
