import type { Problem } from "./problem.js";
import { type Json, member } from "./schema-document.js";
import { type Application, push } from "./validator.js";

/** Applies the keywords that combine schemas. */
export function conditionProblems(application: Application, value: Json): void {
  const { schema, problems, validator, at } = application;
  const apart = (): Application => ({ ...application, evaluated: { names: new Set(), items: new Set() } });
  const add = (text: string, causes: readonly Problem[]): void => void problems.push({ at, text, causes });
  const negated = member(schema, "not");
  if (negated !== undefined && validator.applySelf(apart(), negated, "not", value) === undefined)
    add("'not' failed", []);
  const verdicts = (keyword: string): (Problem | undefined)[] | undefined => {
    const schemas = member(schema, keyword);
    if (!Array.isArray(schemas) || schemas.length === 0) return undefined;
    return schemas.map((json: Json, index) =>
      validator.applySelf(application, json, `${keyword}/${index}`, value),
    );
  };
  const isProblem = (verdict: Problem | undefined): verdict is Problem => verdict !== undefined;
  const all = verdicts("allOf")?.filter(isProblem) ?? [];
  if (all.length > 0) add("'allOf' failed", all);
  const any = verdicts("anyOf");
  if (any?.every(isProblem) === true) add("'anyOf' failed", any.filter(isProblem));
  const one = verdicts("oneOf");
  if (one !== undefined) {
    const [first, second] = one.flatMap((verdict, index) => (verdict === undefined ? [index] : []));
    if (first === undefined) add("'oneOf' failed, none matched", one.filter(isProblem));
    else if (second !== undefined) add(`'oneOf' failed, subschemas ${first}, ${second} matched`, []);
  }
  const condition = member(schema, "if");
  if (condition === undefined || application.scope.node.draft < 7) return;
  const branch = validator.applySelf(application, condition, "if", value) === undefined ? "then" : "else";
  push(problems, validator.applySelf(application, member(schema, branch), branch, value));
}
