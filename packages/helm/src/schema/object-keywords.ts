import { grouped, type Problem, quoted, quotedList } from "./problem.js";
import { isObject, type Json, type JsonObject, member } from "./schema-document.js";
import { type Application, push } from "./validator.js";

/** Applies the keywords for objects. Members are looked at in the order of their names. */
export function objectProblems(application: Application, value: JsonObject): void {
  sizeProblems(application, value);
  dependencyProblems(application, value);
  memberProblems(application, value);
  const { draft } = application.scope.node;
  if (draft >= 6) nameProblems(application, value);
  if (draft >= 2019) dependentProblems(application, value);
}

function add({ problems, at }: Application, text: string, causes: readonly Problem[] = []): void {
  problems.push({ at, text, causes });
}

function missing(value: JsonObject, names: Json | undefined): string[] {
  if (!Array.isArray(names)) return [];
  return names.filter((name): name is string => typeof name === "string" && !Object.hasOwn(value, name));
}

function sizeProblems(application: Application, value: JsonObject): void {
  const { schema } = application;
  const size = Object.keys(value).length;
  const [least, most] = [member(schema, "minProperties"), member(schema, "maxProperties")];
  if (typeof least === "number" && size < least)
    add(application, `minProperties: got ${grouped(size)}, want ${grouped(least)}`);
  if (typeof most === "number" && size > most)
    add(application, `maxProperties: got ${grouped(size)}, want ${grouped(most)}`);
  const absent = missing(value, member(schema, "required"));
  if (absent.length > 0)
    add(application, `missing ${absent.length === 1 ? "property" : "properties"} ${quotedList(absent)}`);
}

function dependencyProblems(application: Application, value: JsonObject): void {
  const { schema, problems, validator } = application;
  const dependencies = member(schema, "dependencies");
  if (!isObject(dependencies)) return;
  for (const [name, needed] of Object.entries(dependencies)) {
    if (!Object.hasOwn(value, name)) continue;
    if (Array.isArray(needed)) addDependency(application, name, missing(value, needed));
    else push(problems, validator.applySelf(application, needed, "dependencies", value));
  }
}

function addDependency(application: Application, name: string, absent: readonly string[]): void {
  if (absent.length > 0)
    add(application, `properties ${quotedList(absent)} required, if ${quoted(name)} exists`);
}

function memberProblems(application: Application, value: JsonObject): void {
  const { schema, problems, evaluated, validator } = application;
  const properties = member(schema, "properties");
  const patterns = member(schema, "patternProperties");
  const additional = member(schema, "additionalProperties");
  const refused: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const inner = value[name] ?? null;
    let isKnown = false;
    const applyTo = (json: Json | undefined, keyword: string): void => {
      isKnown = true;
      push(problems, validator.applyChild(application, json, keyword, inner, name));
    };
    if (isObject(properties) && Object.hasOwn(properties, name)) applyTo(properties[name], "properties");
    if (isObject(patterns)) {
      for (const [pattern, json] of Object.entries(patterns))
        if (validator.matches(pattern, name)) applyTo(json, "patternProperties");
    }
    if (!isKnown && additional === false) {
      refused.push(name);
      isKnown = true;
    } else if (!isKnown && additional !== undefined) applyTo(additional, "additionalProperties");
    if (isKnown) evaluated.names.add(name);
  }
  if (refused.length > 0) add(application, `additional properties ${quotedList(refused)} not allowed`);
}

function nameProblems(application: Application, value: JsonObject): void {
  const names = member(application.schema, "propertyNames");
  if (names === undefined) return;
  for (const name of Object.keys(value).sort()) {
    const problem = application.validator.applySelf(
      { ...application, evaluated: { names: new Set(), items: new Set() } },
      names,
      "propertyNames",
      name,
    );
    if (problem === undefined) continue;
    const causes = problem.grouping === "group" ? problem.causes : [problem];
    add(application, `invalid propertyName ${quoted(name)}`, causes);
  }
}

function dependentProblems(application: Application, value: JsonObject): void {
  const { schema, problems, validator } = application;
  const schemas = member(schema, "dependentSchemas");
  const required = member(schema, "dependentRequired");
  if (isObject(schemas)) {
    for (const [name, json] of Object.entries(schemas))
      if (Object.hasOwn(value, name))
        push(problems, validator.applySelf(application, json, "dependentSchemas", value));
  }
  if (isObject(required)) {
    for (const [name, needed] of Object.entries(required))
      if (Object.hasOwn(value, name)) addDependency(application, name, missing(value, needed));
  }
}
