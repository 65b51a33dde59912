import { ChartError } from "./chart.js";

interface Rule {
  readonly matches: (path: string, isDirectory: boolean) => boolean;
  readonly negate: boolean;
  readonly mustBeDirectory: boolean;
}

/** Reads a .helmignore; the result tells whether a path below the chart is left out. Throws ChartError. */
export function parseIgnore(text: string): (path: string, isDirectory: boolean) => boolean {
  const lines = [...text.split("\n"), "templates/.?*"];
  const rules = lines.map((line) => parseRule(line.trim())).filter((rule) => rule !== undefined);
  return (path, isDirectory) => {
    if (path === "" || path === "." || path === "./") return false;
    for (const rule of rules) {
      if (rule.negate) {
        if (rule.mustBeDirectory && !isDirectory) return true;
        if (!rule.matches(path, isDirectory)) return true;
        continue;
      }
      if (rule.mustBeDirectory && !isDirectory) continue;
      if (rule.matches(path, isDirectory)) return true;
    }
    return false;
  };
}

function parseRule(line: string): Rule | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  if (line.includes("**")) throw new ChartError("double-star (**) syntax is not supported");
  const negate = line.startsWith("!");
  let pattern = negate ? line.slice(1) : line;
  const mustBeDirectory = pattern.endsWith("/");
  if (mustBeDirectory) pattern = pattern.slice(0, -1);
  if (pattern.startsWith("/")) {
    const whole = glob(pattern.slice(1));
    return { matches: (path) => whole.test(path), negate, mustBeDirectory };
  }
  const expression = glob(pattern);
  if (pattern.includes("/")) return { matches: (path) => expression.test(path), negate, mustBeDirectory };
  return {
    matches: (path) => expression.test(path.slice(path.lastIndexOf("/") + 1)),
    negate,
    mustBeDirectory,
  };
}

/** A pattern's parts: a set of characters each, or a star. */
type Part = "star" | ((char: string) => boolean);

/** Go's filepath.Match: `*` and `?` stop at `/`. Throws ChartError for a malformed pattern. */
export function glob(pattern: string): { test(path: string): boolean } {
  if (!/[*?[\\]/.test(pattern)) return { test: (path) => path === pattern };
  const [, end] = /^\*([^*?[\\]+)$/.exec(pattern) ?? [];
  if (end !== undefined) {
    return { test: (path) => path.endsWith(end) && !path.slice(0, path.length - end.length).includes("/") };
  }
  const parts = partsOf([...pattern]);
  return { test: (path) => matchParts(parts, [...path]) };
}

function partsOf(points: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < points.length; at += 1) {
    const char = points[at] ?? "";
    if (char === "*") {
      if (parts.at(-1) !== "star") parts.push("star");
    } else if (char === "?") parts.push((found) => found !== "/");
    else if (char === "[") {
      const { matches, end } = classOf(points, at + 1);
      parts.push(matches);
      at = end;
    } else {
      if (char === "\\") at += 1;
      const wanted = points[at];
      if (wanted === undefined) throw malformed();
      parts.push((found) => found === wanted);
    }
  }
  return parts;
}

const malformed = (): ChartError => new ChartError("syntax error in pattern");

/** A class in brackets, from behind the opening one. */
function classOf(
  points: readonly string[],
  start: number,
): { matches: (char: string) => boolean; end: number } {
  const negated = points[start] === "^";
  const ranges: (readonly [string, string])[] = [];
  let at = negated ? start + 1 : start;
  const take = (): string => {
    if (points[at] === "\\") at += 1;
    const char = points[at];
    if (char === undefined || char === "-" || (char === "]" && points[at - 1] !== "\\")) throw malformed();
    at += 1;
    return char;
  };
  while (points[at] !== "]" || ranges.length === 0) {
    const low = take();
    if (points[at] !== "-") ranges.push([low, low]);
    else {
      at += 1;
      ranges.push([low, take()]);
    }
  }
  const isIn = (char: string): boolean => ranges.some(([low, high]) => char >= low && char <= high);
  return { matches: (char) => char !== "/" && isIn(char) !== negated, end: at };
}

/** Matches in time proportional to both lengths: only the last star is tried again. */
function matchParts(parts: readonly Part[], points: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  let star = -1;
  let resume = 0;
  while (at < points.length) {
    const wanted = parts[part];
    const char = points[at] ?? "";
    if (wanted === "star") {
      star = part;
      resume = at;
      part += 1;
    } else if (wanted?.(char) === true) {
      part += 1;
      at += 1;
    } else {
      if (star < 0 || points[resume] === "/") return false;
      resume += 1;
      at = resume;
      part = star + 1;
    }
  }
  while (parts[part] === "star") part += 1;
  return part === parts.length;
}
