import type { Library } from "../environment.js";
import { intType, listType, stringType } from "../types.js";
import { ArrayList } from "../value/container.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { declare, method } from "./declare.js";
import { compilePattern } from "./regex.js";

function find(text: Value = null, pattern: Value = null): Result {
  if (typeof text !== "string" || typeof pattern !== "string") return noSuchOverload();
  const compiled = compilePattern(pattern);
  if (compiled instanceof EvalFailure) return new EvalFailure(`Illegal regex: ${compiled.message}`);
  const matcher = compiled.matcher(text);
  return matcher.find() ? (matcher.group() ?? "") : "";
}

function findAll(text: Value = null, pattern: Value = null, limit: Value = -1): Result {
  if (typeof text !== "string" || typeof pattern !== "string" || typeof limit !== "number")
    return noSuchOverload();
  const compiled = compilePattern(pattern);
  if (compiled instanceof EvalFailure) return new EvalFailure(`Illegal regex: ${compiled.message}`);
  const matcher = compiled.matcher(text);
  const found: string[] = [];
  while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? "");
  return new ArrayList(found);
}

/** Kubernetes' `find` and `findAll` with RE2 expressions. */
export const kubernetesRegexLibrary: Library = {
  functions: [
    declare("find", method("string_find_string", [stringType, stringType], stringType, find)),
    declare(
      "findAll",
      method("string_find_all_string", [stringType, stringType], listType(stringType), findAll),
      method("string_find_all_string_int", [stringType, stringType, intType], listType(stringType), findAll),
    ),
  ],
};
