import type { Answer, Api, Json } from "./api.js";
import type { Home } from "./home.js";
import type { Tools } from "./tools.js";

/**
 * What a bare API server, without its controller manager and without Capstan's workloads, does not have;
 * and an audit log by the policy beside these files.
 */
export type Need = "controllers" | "workloads" | "process" | "audit";

/** What a check works with: a namespace of its group, names of its own. */
export interface Trial {
  readonly api: Api;
  readonly ns: string;
  /** A name that nothing else uses; a DNS label. */
  readonly name: string;
  readonly tools: Tools;
  readonly home: Home;
  /** `/api/v1/namespaces/<ns>/<resource>` or that below `/apis/<group>/<version>`. */
  path(resource: string, groupVersion?: string): string;
  /** Runs when the check is over, whatever came of it. */
  after(undo: () => unknown): void;
}

/** One behaviour that clients rely on. */
export interface Check {
  readonly name: string;
  /** The statement that it follows: a page and heading of the documentation, or what was observed on the real server. */
  readonly cite: string;
  /** Other parts of a cluster that the behaviour takes. */
  readonly needs?: readonly Need[];
  run(trial: Trial): Promise<void>;
}

export interface Group {
  readonly name: string;
  readonly checks: readonly Check[];
}

export function check(
  name: string,
  cite: string,
  run: (trial: Trial) => Promise<unknown>,
  ...needs: Need[]
): Check {
  return {
    name,
    cite,
    ...(needs.length === 0 ? {} : { needs }),
    run: async (trial) => {
      await run(trial);
    },
  };
}

/** The body of an answer that must have this code. */
export function answers(answer: Answer, code = 200): Json {
  if (answer.code !== code) {
    throw new Error(
      `answered ${answer.code}, not ${code}: ${answer.json?.message ?? answer.text.slice(0, 400)}`,
    );
  }
  return answer.json;
}

/** An error that must have this code, and hold each of these texts in its message. */
export function refuses(answer: Answer, code: number, ...messages: readonly (string | RegExp)[]): Json {
  answers(answer, code);
  const text: string = answer.json?.message ?? answer.text;
  for (const wanted of messages) {
    const holds = typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    if (!holds) throw new Error(`the message is ${JSON.stringify(text)}, without ${String(wanted)}`);
  }
  return answer.json;
}

export function same(actual: unknown, wanted: unknown, what = "the value"): void {
  const [seen, expected] = [sorted(actual), sorted(wanted)];
  if (seen !== expected) throw new Error(`${what} is ${seen}, not ${expected}`);
}

export function holds(test: unknown, what: string): void {
  if (!test) throw new Error(`does not hold: ${what}`);
}

/** `undefined` in a wanted object: the member must be absent. Lists are of equal length. */
export function like(actual: Json, wanted: Json, path = ""): void {
  if (wanted instanceof RegExp) {
    if (typeof actual !== "string" || !wanted.test(actual)) differs(path, actual, wanted);
  } else if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length) differs(path, actual, wanted);
    for (const [index, each] of wanted.entries()) like(actual[index], each, `${path}[${index}]`);
  } else if (wanted !== null && typeof wanted === "object") {
    if (actual === null || typeof actual !== "object") differs(path, actual, wanted);
    for (const [key, value] of Object.entries(wanted)) like(actual[key], value, `${path}.${key}`);
  } else if (actual !== wanted) differs(path, actual, wanted);
}

function differs(path: string, actual: unknown, wanted: unknown): never {
  const text = wanted instanceof RegExp ? String(wanted) : JSON.stringify(wanted);
  throw new Error(
    `${path === "" ? "the value" : path} is ${JSON.stringify(actual)?.slice(0, 500)}, not ${text}`,
  );
}

function sorted(value: unknown): string {
  return (
    JSON.stringify(value, (_key, each: unknown) =>
      each !== null && typeof each === "object" && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
        : each,
    ) ?? "undefined"
  );
}

/** Asks again until it holds; the last failure is what is reported. */
export async function eventually(probe: () => Promise<unknown>, within = 15_000): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      await probe();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
