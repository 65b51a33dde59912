import { RE2JS } from "re2js";
import { KustomizeError } from "../errors.js";

/** Longer patterns are refused: compiling them could ask for more than a build may take. */
const MAX_PATTERN_LENGTH = 4096;

/** A regular expression in Go's syntax, matched in linear time. */
export interface Pattern {
  /** Whether some part of `text` matches. */
  find(text: string): boolean;
}

/** @throws KustomizeError for what is no expression in Go's syntax */
export function compilePattern(pattern: string): Pattern {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new KustomizeError("limit", `regular expression of ${pattern.length} characters is too long`);
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return { find: (text) => compiled.matcher(text).find() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = reason.startsWith("error parsing regexp") ? reason : `error parsing regexp: ${reason}`;
    throw new KustomizeError("patch", message, { cause: error });
  }
}

const LITERAL = /^[A-Za-z0-9_-]*$/;

/** A matcher for the whole text; undefined for an empty pattern, which matches anything. */
export function wholePattern(pattern: string | undefined): ((text: string) => boolean) | undefined {
  if (!pattern) return undefined;
  if (LITERAL.test(pattern)) return (text) => text === pattern;
  const compiled = compilePattern(`^(?:${pattern})$`);
  return (text) => compiled.find(text);
}
