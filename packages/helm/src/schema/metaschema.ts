import { RE2JS, RE2JSException } from "re2js";
import { type Draft, draftUri } from "./draft.js";
import { listProblems, type Problem, pointer, quoted } from "./problem.js";
import { isObject, type Json, type JsonObject, member, SchemaError } from "./schema-document.js";

/** What a keyword's value must be. */
type Shape =
  | "schema"
  | "schemas"
  | "items"
  | "map"
  | "dependencies"
  | "count"
  | "number"
  | "positive"
  | "names"
  | "boolean"
  | "text"
  | "regex"
  | "types"
  | "list"
  | "nonempty"
  | "nameLists"
  | "limit";

const core = "$id:text $schema:text $ref:text $comment:text $defs:map";
const applicator =
  "items:items additionalItems:schema contains:schema additionalProperties:schema properties:map patternProperties:map propertyNames:schema if:schema then:schema else:schema allOf:schemas anyOf:schemas oneOf:schemas not:schema";
const validation =
  "type:types enum:list multipleOf:positive maximum:number minimum:number maxLength:count minLength:count pattern:regex maxItems:count minItems:count uniqueItems:boolean maxProperties:count minProperties:count required:names";
const modern = "exclusiveMaximum:number exclusiveMinimum:number";
const notes = "title:text description:text readOnly:boolean writeOnly:boolean";
const dependents = "dependentSchemas:map dependentRequired:nameLists minContains:count maxContains:count";

/** Keywords and their shapes, by draft. */
const keywords: Readonly<Record<Draft, string>> = {
  4: `id:text $schema:text title:text description:text definitions:map dependencies:dependencies ${applicator.replace("contains:schema ", "").replace("propertyNames:schema if:schema then:schema else:schema ", "")} ${validation.replace("enum:list", "enum:nonempty").replace("required:names", "required:names")} exclusiveMaximum:boolean exclusiveMinimum:boolean`,
  6: `${core.replace(" $defs:map", "")} definitions:map dependencies:dependencies ${applicator.replace("if:schema then:schema else:schema ", "")} ${validation} ${modern} title:text description:text`,
  7: `${core.replace(" $defs:map", "")} definitions:map dependencies:dependencies ${applicator} ${validation} ${modern} ${notes}`,
  2019: `${core} definitions:map dependencies:dependencies ${applicator} ${validation} ${modern} ${notes} ${dependents} unevaluatedItems:schema unevaluatedProperties:schema deprecated:boolean`,
  2020: `${core} definitions:map dependencies:dependencies ${applicator.replace("items:items", "items:schema prefixItems:schemas")} ${validation} ${modern} ${notes} ${dependents} unevaluatedItems:schema unevaluatedProperties:schema deprecated:boolean`,
};

const tables = new Map<Draft, ReadonlyMap<string, Shape>>();

function shapesOf(draft: Draft): ReadonlyMap<string, Shape> {
  let table = tables.get(draft);
  if (table === undefined) {
    table = new Map(keywords[draft].split(" ").map((entry) => entry.split(":") as [string, Shape]));
    tables.set(draft, table);
  }
  return table;
}

/** Refuses what is no schema of a draft. Throws SchemaError that lists what is wrong. */
export function checkSchema(json: Json, draft: Draft, location: string): void {
  const problems = new SchemaChecker(draft).check(json, "");
  if (problems.length === 0) return;
  const nested = draft >= 2019 && (isObject(json) || typeof json === "boolean") ? nest(problems) : problems;
  throw new SchemaError(
    `"${location}" is not valid against metaschema: jsonschema validation failed with '${draftUri(draft)}#'${listProblems(nested)}`,
  );
}

/** Newer drafts are made of vocabularies, all of which must hold, at every level. */
function nest(problems: readonly Problem[], at = ""): Problem[] {
  const own = problems.filter((problem) => !isBelow(problem.at, at));
  const groups = new Map<string, Problem[]>();
  for (const problem of problems.filter((problem) => isBelow(problem.at, at))) {
    const level = levelOf(problem.at, at);
    groups.set(level, [...(groups.get(level) ?? []), problem]);
  }
  const below = [...groups].flatMap(([level, inner]) => nest(inner, level));
  return [{ at, text: "'allOf' failed", causes: [...own, ...below] }];
}

const schemaStep =
  /^\/(?:(?:properties|patternProperties|\$defs|definitions|dependentSchemas|dependencies)\/[^/]*|(?:allOf|anyOf|oneOf|prefixItems|items)\/\d+|(?:items|additionalItems|contains|additionalProperties|propertyNames|if|then|else|not|unevaluatedItems|unevaluatedProperties))(?=\/)/;

function isBelow(problemAt: string, at: string): boolean {
  return schemaStep.test(problemAt.slice(at.length));
}

function levelOf(problemAt: string, at: string): string {
  return at + (schemaStep.exec(problemAt.slice(at.length))?.[0] ?? "");
}

const typeNames = ["array", "boolean", "integer", "null", "number", "object", "string"];
const maxDepth = 400;

class SchemaChecker {
  private readonly draft: Draft;
  private readonly shapes: ReadonlyMap<string, Shape>;
  private depth = 0;

  constructor(draft: Draft) {
    this.draft = draft;
    this.shapes = shapesOf(draft);
  }

  check(json: Json, at: string): Problem[] {
    if (typeof json === "boolean" && this.draft >= 6) return [];
    if (!isObject(json)) return [wrongKind(json, at, this.draft >= 6 ? ["boolean", "object"] : ["object"])];
    if (this.depth >= maxDepth) throw new SchemaError("the schema is nested too deeply");
    this.depth += 1;
    const found = Object.keys(json)
      .sort()
      .flatMap((key) => {
        const shape = this.shapes.get(key);
        return shape === undefined ? [] : this.shape(shape, json[key] ?? null, pointer(at, key));
      });
    this.depth -= 1;
    return found;
  }

  private shape(shape: Shape, value: Json, at: string): Problem[] {
    switch (shape) {
      case "schema":
        return typeof value === "boolean" ? [] : this.check(value, at);
      case "items":
        return Array.isArray(value) ? this.each(value, at) : this.check(value, at);
      case "schemas":
        if (!Array.isArray(value)) return [wrongKind(value, at, ["array"])];
        return value.length === 0 ? [leaf(at, "minItems: got 0, want 1")] : this.each(value, at);
      case "map":
        return isObject(value) ? this.members(value, at) : [wrongKind(value, at, ["object"])];
      case "dependencies":
        return isObject(value)
          ? Object.entries(value).flatMap(([name, inner]) =>
              Array.isArray(inner)
                ? this.names(inner, pointer(at, name))
                : this.check(inner, pointer(at, name)),
            )
          : [wrongKind(value, at, ["object"])];
      case "nameLists":
        return isObject(value)
          ? Object.entries(value).flatMap(([name, inner]) => this.shape("names", inner, pointer(at, name)))
          : [wrongKind(value, at, ["object"])];
      case "names":
        return Array.isArray(value) ? this.names(value, at) : [wrongKind(value, at, ["array"])];
      case "list":
      case "nonempty":
        return Array.isArray(value) ? [] : [wrongKind(value, at, ["array"])];
      default:
        return scalarProblems(shape, value, at);
    }
  }

  private each(items: readonly Json[], at: string): Problem[] {
    return items.flatMap((item, index) => this.check(item, pointer(at, index)));
  }

  private members(schemas: JsonObject, at: string): Problem[] {
    return Object.keys(schemas)
      .sort()
      .flatMap((name) => this.check(member(schemas, name) ?? null, pointer(at, name)));
  }

  private names(items: readonly Json[], at: string): Problem[] {
    return items.flatMap((item, index) =>
      typeof item === "string" ? [] : [wrongKind(item, pointer(at, index), ["string"])],
    );
  }
}

function leaf(at: string, text: string, causes: readonly Problem[] = []): Problem {
  return { at, text, causes };
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function wrongKind(value: Json, at: string, wanted: readonly string[]): Problem {
  return leaf(at, `got ${kindOf(value)}, want ${wanted.join(" or ")}`);
}

function scalarProblems(shape: Shape, value: Json, at: string): Problem[] {
  switch (shape) {
    case "boolean":
      return typeof value === "boolean" ? [] : [wrongKind(value, at, ["boolean"])];
    case "text":
      return typeof value === "string" ? [] : [wrongKind(value, at, ["string"])];
    case "number":
      return typeof value === "number" ? [] : [wrongKind(value, at, ["number"])];
    case "positive":
      if (typeof value !== "number") return [wrongKind(value, at, ["number"])];
      return value > 0 ? [] : [leaf(at, `exclusiveMinimum: got ${value}, want 0`)];
    case "count":
      if (typeof value !== "number" || !Number.isInteger(value)) return [wrongKind(value, at, ["integer"])];
      return value >= 0 ? [] : [leaf(at, `minimum: got ${value}, want 0`)];
    case "regex":
      return typeof value === "string" ? regexProblems(value, at) : [wrongKind(value, at, ["string"])];
    default:
      return typeProblems(value, at);
  }
}

function regexProblems(pattern: string, at: string): Problem[] {
  try {
    RE2JS.compile(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const detail = error.message.replace(/: `([\s\S]*)`$/, ": `$1`");
    return [leaf(at, `${quoted(pattern)} is not valid regex: ${detail}`)];
  }
}

function typeProblems(value: Json, at: string): Problem[] {
  const name = (item: Json, where: string): Problem[] =>
    typeof item === "string" && typeNames.includes(item)
      ? []
      : [leaf(where, `value must be one of ${typeNames.map(quoted).join(", ")}`)];
  if (typeof value === "string" && typeNames.includes(value)) return [];
  if (Array.isArray(value)) {
    const inner = (value as readonly Json[]).flatMap((item, index) => name(item, pointer(at, index)));
    if (inner.length === 0) return [];
    return [leaf(at, "'anyOf' failed", [...name(value, at), ...inner])];
  }
  return [leaf(at, "'anyOf' failed", [...name(value, at), wrongKind(value, at, ["array"])])];
}
