import { RE2JS, RE2JSException } from "re2js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";

const maxCached = 500;
const cache = new Map<string, RE2JS | EvalFailure>();

/** Compiles an RE2 pattern, remembering the latest few hundred. Fails on a malformed pattern. */
export function compilePattern(pattern: string): RE2JS | EvalFailure {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const compiled = compileFresh(pattern);
  if (cache.size >= maxCached) {
    const [oldest] = cache.keys();
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(pattern, compiled);
  return compiled;
}

function compileFresh(pattern: string): RE2JS | EvalFailure {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return new EvalFailure(error.message);
    throw error;
  }
}

/** `text.matches(pattern)`: whether the pattern is found anywhere in the text. */
export function matches(text: Value, pattern: Value): Result {
  if (typeof text !== "string" || typeof pattern !== "string") return noSuchOverload();
  const compiled = compilePattern(pattern);
  return compiled instanceof EvalFailure ? compiled : compiled.matcher(text).find();
}
