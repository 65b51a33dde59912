import { ChartError } from "./chart.js";

/** How the values of `--set` are read. */
export type SetMode = "typed" | "string";

const maxIndex = 65_536;
const maxNesting = 30;

/**
 * Sets values by an expression of `--set` (`a.b=1,c[0]=x,d={1,2}`) in a copy of `values`. Integers are
 * numbers, `true`, `false` and `null` are what they say; with mode `string` all are text. Throws ChartError
 * in Helm's words.
 */
export function setValues(
  values: Readonly<Record<string, unknown>>,
  expression: string,
  mode: SetMode = "typed",
): Record<string, unknown> {
  const root: Record<string, unknown> = structuredClone({ ...values });
  for (const pair of splitOutside(expression, ",")) {
    const equals = indexOutside(pair, "=");
    if (equals === 0) continue;
    if (equals < 0) {
      if (pair === "") continue;
      throw new ChartError(`failed parsing --set data: key ${JSON.stringify(pair)} has no value`);
    }
    assign(root, pathOf(pair.slice(0, equals)), parsedValue(pair.slice(equals + 1), mode));
  }
  return root;
}

/** The first place of a character that is neither escaped nor in braces. */
function indexOutside(text: string, wanted: string, from = 0): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\") at += 1;
    else if (depth === 0 && char === wanted) return at;
    else if (char === "{") depth += 1;
    else if (char === "}") depth = Math.max(0, depth - 1);
  }
  return -1;
}

function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = indexOutside(text, separator); at >= 0; at = indexOutside(text, separator, start)) {
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return [...parts, text.slice(start)];
}

const unescaped = (text: string): string => text.replace(/\\([\s\S]?)/g, "$1");

function pathOf(key: string): (string | number)[] {
  const path: (string | number)[] = [];
  for (const part of splitOutside(key, ".")) {
    const [, name = "", indices = ""] = /^((?:\\[\s\S]|[^[\\])*)((?:\[[^\]]*\])*)$/.exec(part) ?? [
      undefined,
      part,
      "",
    ];
    if (name === "" && indices === "")
      throw new ChartError(
        `failed parsing --set data: key map ${JSON.stringify(String(path.at(-1) ?? ""))} has no value`,
      );
    if (name !== "") path.push(unescaped(name));
    for (const [, digits = ""] of indices.matchAll(/\[([^\]]*)\]/g)) path.push(indexOf(digits));
  }
  if (path.length > maxNesting)
    throw new ChartError(
      `failed parsing --set data: value name nested level is greater than maximum supported nested level of ${maxNesting}`,
    );
  return path;
}

function indexOf(digits: string): number {
  const fail = (message: string) => new ChartError(`failed parsing --set data: ${message}`);
  if (!/^[+-]?\d+$/.test(digits))
    throw fail(`error parsing index: strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax`);
  const index = Number(digits);
  if (index < 0) throw fail(`negative ${index} index not allowed`);
  if (index > maxIndex)
    throw fail(`index of ${index} is greater than maximum supported index of ${maxIndex}`);
  return index;
}

function parsedValue(text: string, mode: SetMode): unknown {
  if (!text.startsWith("{")) return scalar(text, mode);
  if (!text.endsWith("}")) throw new ChartError("failed parsing --set data: list must terminate with '}'");
  return splitOutside(text.slice(1, -1), ",").map((item) => scalar(item, mode));
}

function scalar(text: string, mode: SetMode): unknown {
  const value = unescaped(text);
  if (mode === "string") return value;
  const word = value.toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  if (value === "0" || /^[+-]?[1-9]\d*$/.test(value)) {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
  }
  return value;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function put(container: Record<string, unknown> | unknown[], key: string | number, value: unknown): void {
  if (Array.isArray(container)) {
    const index = Number(key);
    while (container.length < index) container.push(null);
    container[index] = value;
  } else
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function assign(root: Record<string, unknown>, path: readonly (string | number)[], value: unknown): void {
  let container: Record<string, unknown> | unknown[] = root;
  path.forEach((key, position) => {
    const next = path[position + 1];
    if (next === undefined) {
      put(container, key, value);
      return;
    }
    const known: unknown = Array.isArray(container)
      ? container[Number(key)]
      : Object.hasOwn(container, key)
        ? container[key]
        : undefined;
    const fits = typeof next === "number" ? Array.isArray(known) : isTable(known);
    if (fits) container = known as Record<string, unknown> | unknown[];
    else {
      const fresh: Record<string, unknown> | unknown[] = typeof next === "number" ? [] : {};
      put(container, key, fresh);
      container = fresh;
    }
  });
}
