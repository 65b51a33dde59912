import { compileSegment, type GlobToken, matchSegment } from "./glob.js";

/** One line of an ignore file, compiled. */
export interface IgnorePattern {
  /** Segments of the directory whose ignore file holds the line; the pattern applies below it only. */
  readonly domain: readonly string[];
  /** Whether the line starts with `!`: what it matches is taken in again. */
  readonly inclusion: boolean;
  readonly directoryOnly: boolean;
  /** A line with an inner `/` is matched from its domain down; any other one against every segment. */
  readonly anchored: boolean;
  readonly segments: readonly IgnoreSegment[];
}

type IgnoreSegment =
  | { readonly kind: "empty" }
  | { readonly kind: "anyDepth" }
  /** `**` glued to other characters: matches nothing. */
  | { readonly kind: "never" }
  | { readonly kind: "glob"; readonly glob: readonly GlobToken[] | undefined };

/**
 * Compiles the lines of an ignore file in the format of gitignore; blank lines and comments are skipped.
 * Semantics are those of Flux's `.sourceignore`, which differ from git's in small ways: a pattern that
 * names a directory also covers what is below it, yet an inclusion may take a file below it back in.
 */
export function parseIgnorePatterns(text: string, domain: readonly string[] = []): IgnorePattern[] {
  return text
    .split("\n")
    .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
    .filter((line) => !line.startsWith("#") && line.trim() !== "")
    .map((line) => parseIgnorePattern(line, domain));
}

function parseIgnorePattern(line: string, domain: readonly string[]): IgnorePattern {
  let pattern = line;
  const inclusion = pattern.startsWith("!");
  if (inclusion) pattern = pattern.slice(1);
  if (!pattern.endsWith("\\ ")) pattern = pattern.replace(/ +$/, "");
  const directoryOnly = pattern.endsWith("/");
  if (directoryOnly) pattern = pattern.slice(0, -1);
  const anchored = pattern.includes("/");
  const segments = pattern.split("/").map((segment): IgnoreSegment => {
    if (anchored && segment === "") return { kind: "empty" };
    if (anchored && segment === "**") return { kind: "anyDepth" };
    if (anchored && segment.includes("**")) return { kind: "never" };
    return { kind: "glob", glob: compileSegment(segment) };
  });
  return { domain, inclusion, directoryOnly, anchored, segments };
}

/** Whether `pattern` speaks about `path` (segments from the root of the tree). */
export function matchesIgnorePattern(
  pattern: IgnorePattern,
  path: readonly string[],
  isDirectory: boolean,
): boolean {
  if (path.length <= pattern.domain.length) return false;
  if (pattern.domain.some((segment, index) => path[index] !== segment)) return false;
  const below = path.slice(pattern.domain.length);
  return pattern.anchored
    ? matchesAnchored(pattern, below, isDirectory)
    : matchesAnySegment(pattern, below, isDirectory);
}

function matchesAnySegment(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  const glob = pattern.segments[0];
  if (glob?.kind !== "glob") return false;
  const found = path.findIndex((name) => matchSegment(glob.glob, name));
  if (found < 0) return false;
  return !(pattern.directoryOnly && !isDirectory && found === path.length - 1);
}

function matchesAnchored(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  const last = pattern.segments.length - 1;
  let rest = path;
  let matched = false;
  let anyDepth = false;
  for (const [index, segment] of pattern.segments.entries()) {
    if (segment.kind === "empty") {
      anyDepth = false;
      continue;
    }
    if (segment.kind === "anyDepth") {
      if (index === last) break;
      anyDepth = true;
      continue;
    }
    if (segment.kind === "never" || rest.length === 0) return false;
    if (anyDepth) {
      anyDepth = false;
      const found = rest.findIndex((name) => matchSegment(segment.glob, name));
      matched = found >= 0;
      rest = found >= 0 ? rest.slice(found + 1) : [];
    } else {
      if (!matchSegment(segment.glob, rest[0] ?? "")) return false;
      rest = rest.slice(1);
      matched = true;
    }
  }
  return matched && !(pattern.directoryOnly && !isDirectory && rest.length === 0);
}
