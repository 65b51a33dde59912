import { RE2JS } from "re2js";
import { BuildFailed } from "./build-failed.js";

/** Whether paths are what a pattern describes. */
export type PathMatcher = (path: string) => boolean;

const MAX_ALTERNATIVES = 1000;

/** A pattern as Go's `path.Match` reads it: `*` and `?` within a segment, classes. Linear in the path. */
export function shallowGlob(pattern: string): PathMatcher {
  return compile(
    pattern,
    pattern
      .split("/")
      .map((segment) => segmentExpression(segment, pattern))
      .join("/"),
  );
}

/** The same with `**` for any number of segments, `{a,b}` for alternatives, and `!` beside `^` in classes. */
export function deepGlob(pattern: string): PathMatcher {
  const matchers = alternatives(pattern).map((text) => compile(pattern, deepExpression(text, pattern)));
  return (path) => matchers.some((matches) => matches(path));
}

/** Whether a path is a pattern. */
export function isGlob(path: string): boolean {
  return /[*?[\]]/.test(path);
}

function compile(pattern: string, expression: string): PathMatcher {
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(`^${expression}$`, RE2JS.DOTALL);
  } catch (error) {
    throw invalid(pattern, error);
  }
  return (path) => regex.matcher(path).find();
}

function deepExpression(pattern: string, whole: string): string {
  const segments = pattern.split("/");
  let expression = "";
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment !== "**") expression += segmentExpression(segment, whole) + (last ? "" : "/");
    else if (!last) expression += "(?:[^/]+/)*";
    // `a/**` is `a` itself, too.
    else expression = index === 0 ? ".*" : `${expression.slice(0, -1)}(?:/.*)?`;
  });
  return expression;
}

function segmentExpression(segment: string, whole: string): string {
  let expression = "";
  for (let at = 0; at < segment.length; at++) {
    const char = segment[at] ?? "";
    if (char === "*") {
      if (!expression.endsWith("[^/]*")) expression += "[^/]*";
    } else if (char === "?") expression += "[^/]";
    else if (char === "[") {
      const end = classEnd(segment, at, whole);
      expression += classExpression(segment.slice(at + 1, end), whole);
      at = end;
    } else if (char === "\\") {
      at++;
      if (at >= segment.length) throw invalid(whole);
      expression += RE2JS.quote(segment[at] ?? "");
    } else expression += RE2JS.quote(char);
  }
  return expression;
}

/** Where a class ends; a bracket right at its start belongs to it. */
function classEnd(segment: string, start: number, whole: string): number {
  let at = start + 1;
  if (segment[at] === "^" || segment[at] === "!") at++;
  for (at++; at < segment.length; at++) {
    if (segment[at] === "\\") at++;
    else if (segment[at] === "]") return at;
  }
  throw invalid(whole);
}

function classExpression(text: string, whole: string): string {
  const negated = text.startsWith("^") || text.startsWith("!");
  const members = negated ? text.slice(1) : text;
  if (members === "") throw invalid(whole);
  const escaped = members.replace(
    /\\(.)|([[\]^&~])/gs,
    (_, given: string | undefined, plain: string | undefined) => {
      const char = given ?? plain ?? "";
      return /[\w]/.test(char) ? char : `\\${char}`;
    },
  );
  return negated ? `[^/${escaped}]` : `[${escaped}]`;
}

/** A pattern once for each choice among its braces. */
function alternatives(pattern: string): string[] {
  const open = pattern.indexOf("{");
  if (open < 0) return [pattern];
  let depth = 0;
  const cuts = [open];
  for (let at = open; at < pattern.length; at++) {
    if (pattern[at] === "{") depth++;
    else if (pattern[at] === "," && depth === 1) cuts.push(at);
    else if (pattern[at] === "}" && --depth === 0) {
      cuts.push(at);
      const choices = cuts.slice(1).map((cut, index) => pattern.slice((cuts[index] ?? 0) + 1, cut));
      const found = choices.flatMap((choice) =>
        alternatives(pattern.slice(0, open) + choice + pattern.slice(at + 1)),
      );
      if (found.length > MAX_ALTERNATIVES) throw invalid(pattern);
      return found;
    }
  }
  throw invalid(pattern);
}

function invalid(pattern: string, cause?: unknown): BuildFailed {
  return new BuildFailed(`syntax error in pattern '${pattern}'`, { cause });
}
