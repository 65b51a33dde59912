import { type Chart, ChartError } from "../chart/chart.js";
import { parseJson } from "../functions/json.js";
import { fromPlain, typeName } from "../value/go-value.js";
import { checkSchema } from "./metaschema.js";
import { listProblems } from "./problem.js";
import { isObject, type Json, SchemaDocument, SchemaError } from "./schema-document.js";
import { Validator } from "./validator.js";

/** A chart in use with the name it goes by, and those of its dependencies that are enabled. */
export interface SchemaOwner {
  readonly name: string;
  readonly chart: Pick<Chart, "schema">;
  readonly dependencies: readonly SchemaOwner[];
}

/**
 * Validates values against the values.schema.json of a chart and of its dependencies (JSON Schema draft-04 to
 * 2020-12; patterns by RE2; schemas elsewhere are not read). Throws ChartError with Helm's list of problems.
 * Returns warnings.
 */
export function validateValues(owner: SchemaOwner, values: unknown): string[] {
  const warnings: string[] = [];
  const problems = chartProblems(owner, values, warnings);
  if (problems === "") return warnings;
  throw new ChartError(
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${problems}`,
  );
}

function chartProblems(owner: SchemaOwner, values: unknown, warnings: string[]): string {
  let problems = "";
  if (owner.chart.schema !== undefined) {
    const own = schemaProblems(owner.chart.schema, values as Json, warnings);
    if (own !== "") problems += `${owner.name}:\n${own}`;
  }
  for (const dependency of owner.dependencies) {
    const section =
      isObject(values) && Object.hasOwn(values, dependency.name) ? values[dependency.name] : undefined;
    if (section === undefined || section === null) continue;
    if (isObject(section)) problems += chartProblems(dependency, section, warnings);
    else
      problems += `${dependency.name}:\ninvalid type for values: expected object (map), got ${typeName(fromPlain(section))}\n`;
  }
  return problems;
}

/** What is wrong with values by one schema; empty when they fit. */
function schemaProblems(source: string, values: Json, warnings: string[]): string {
  try {
    const document = documentOf(source);
    const problem = new Validator(document).validate(document.root, values);
    for (const name of document.unresolvedNames)
      warnings.push(`unresolved URN reference ignored; using permissive schema urn=${name}`);
    if (problem === undefined) return "";
    const problems = problem.grouping === "group" ? problem.causes : [problem];
    return `${listProblems(problems).slice(1)}\n`;
  } catch (error) {
    if (error instanceof SchemaError) return error.message;
    throw error;
  }
}

const maxCached = 50;
const documents = new Map<string, SchemaDocument>();

function documentOf(source: string): SchemaDocument {
  const known = documents.get(source);
  if (known !== undefined) return known;
  const parsed = parseJson(source);
  if ("error" in parsed)
    throw new SchemaError(parsed.error === "unexpected end of JSON input" ? "unexpected EOF" : parsed.error);
  const json = parsed.value as Json;
  const document = new SchemaDocument(json);
  checkSchema(json, document.root.draft, document.root.location);
  if (documents.size >= maxCached) documents.clear();
  documents.set(source, document);
  return document;
}
