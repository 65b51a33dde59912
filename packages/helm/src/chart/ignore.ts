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

/** Go's filepath.Match as an expression: `*` and `?` stop at `/`. Linear: the text is a file's path. */
export function glob(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? "";
    if (char === "*") source += source.endsWith("[^/]*") ? "" : "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = pattern.indexOf("]", at + 1);
      if (end < 0) throw new ChartError("syntax error in pattern");
      source += `[${pattern.slice(at + 1, end).replaceAll("\\", "\\\\")}]`;
      at = end;
    } else if (char === "\\") {
      at += 1;
      source += escapeChar(pattern[at] ?? "\\");
    } else source += escapeChar(char);
  }
  return new RegExp(`^${source}$`, "su");
}

function escapeChar(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
