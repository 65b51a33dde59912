import { type Part, parseExpressions, SubstitutionError } from "./expression.js";
import { applyOperator, toleratesUnset } from "./operators.js";

/** What a variable may be called. */
const NAME = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const NAME_PATTERN = "^[_[:alpha:]][_[:alpha:][:digit:]]*$";
/** Text may grow by expansion, not without end. */
const MAX_LENGTH = 64 * 1024 * 1024;

/**
 * Puts variables into a text with `${name}`, `${name:-default}` and the other expressions of Flux's
 * post-build substitution. Throws `SubstitutionError`, which names variables and never their values.
 *
 * @param strict whether a variable that is not set and has no default is an error, instead of empty
 */
export function substitute(text: string, variables: ReadonlyMap<string, string>, strict: boolean): string {
  for (const name of variables.keys()) {
    if (!NAME.test(name)) {
      throw new SubstitutionError(`'${name}' var name is invalid, must match '${NAME_PATTERN}'`);
    }
  }
  try {
    return evaluate(parseExpressions(text), variables, strict);
  } catch (error) {
    if (!(error instanceof SubstitutionError)) throw error;
    throw new SubstitutionError(`variable substitution failed: ${error.message}`, { cause: error });
  }
}

function evaluate(parts: readonly Part[], variables: ReadonlyMap<string, string>, strict: boolean): string {
  let out = "";
  for (const part of parts) {
    out += part.kind === "text" ? part.text : expand(part, variables, strict);
    if (out.length > MAX_LENGTH)
      throw new SubstitutionError(`the result is longer than ${MAX_LENGTH} characters`);
  }
  return out;
}

function expand(
  part: Extract<Part, { kind: "expansion" }>,
  variables: ReadonlyMap<string, string>,
  strict: boolean,
): string {
  const args = part.args.map((arg) => evaluate([arg], variables, strict));
  const value = variables.get(part.name);
  if (value === undefined && strict && !toleratesUnset(part.operator)) {
    throw new SubstitutionError(`variable not set (strict mode): "${part.name}"`);
  }
  return applyOperator(part.operator, value ?? "", args);
}
