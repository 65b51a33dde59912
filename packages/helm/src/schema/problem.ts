import { quote } from "../value/quote.js";

/** Why a value does not fit a schema: a leaf, or what failed below it. */
export interface Problem {
  /** JSON pointer of the value. */
  readonly at: string;
  readonly text: string;
  /** Groups several problems of one schema, or of one that was referred to. */
  readonly grouping?: "group" | "reference";
  readonly causes: readonly Problem[];
}

/** Text in single quotes, as these messages show names and strings. */
export function quoted(text: string): string {
  return `'${quote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

export function quotedList(names: readonly string[]): string {
  return names.map(quoted).join(", ");
}

/** A number with its thousands apart. */
export function grouped(value: number): string {
  const [whole = "", rest = ""] = String(value).split(/(?=[.e])/);
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + rest + String(value).slice(whole.length + rest.length);
}

/** A child of a JSON pointer. */
export function pointer(at: string, name: string | number): string {
  return `${at}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** One problem for all of a schema's; nothing when there are none. */
export function joined(at: string, problems: readonly Problem[]): Problem | undefined {
  const [only] = problems;
  if (problems.length <= 1) return only;
  return { at, text: "validation failed", grouping: "group", causes: problems };
}

/** The problems as an indented list, a line each. */
export function listProblems(problems: readonly Problem[], depth = 0): string {
  return problems.map((problem) => listOne(problem, depth)).join("");
}

function listOne(problem: Problem, depth: number): string {
  const [only] = problem.causes;
  if (problem.grouping === "reference" && problem.causes.length === 1 && only !== undefined)
    return listOne(only, depth);
  const line = `\n${"  ".repeat(depth)}- at ${quoted(problem.at)}: ${problem.text}`;
  return line + listProblems(problem.causes, depth + 1);
}
