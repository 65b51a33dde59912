import type { Schema } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import { type DefinitionVersion, schemaFromProps } from "./definition.js";

const MAX_FIELDS = 8;
const SELECTABLE = new Set(["string", "boolean", "integer"]);

/** What is wrong with the selectable fields of a version. */
export function selectableFieldErrors(version: DefinitionVersion, at: string): FieldError[] {
  const { selectableFields = [], schema: holder } = version;
  if (selectableFields.length === 0) return [];
  const props = holder?.openAPIV3Schema;
  if (!props) {
    const detail = "may only be set when `version.schema.openAPIV3Schema` is not included";
    return [{ type: "Invalid value", field: at, detail, value: "" }];
  }
  const schema = schemaFromProps(props);
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of selectableFields.entries()) {
    const field = `${at}[${index}].jsonPath`;
    const problem = pathProblem(jsonPath, schema);
    if (problem) errors.push({ ...problem, field });
    else if (seen.has(jsonPath)) errors.push({ type: "Duplicate value", field, detail: "", value: jsonPath });
    seen.add(jsonPath);
  }
  if (seen.size > MAX_FIELDS) {
    errors.push({
      type: "Too many",
      field: at,
      detail: `must have at most ${MAX_FIELDS} items`,
      value: seen.size,
    });
  }
  return errors;
}

function pathProblem(path: string, schema: Schema): Omit<FieldError, "field"> | undefined {
  if (!path) return { type: "Required value", detail: "" };
  const invalid = (detail: string): Omit<FieldError, "field"> => ({
    type: "Invalid value",
    detail,
    value: path,
  });
  if (!path.startsWith(".")) return invalid(`is an invalid path: expected [ or . but got: ${path}`);
  const names = path.slice(1).split(".");
  let found: Schema | undefined = schema;
  for (const name of names) {
    found = found?.properties && Object.hasOwn(found.properties, name) ? found.properties[name] : undefined;
    if (!found) return invalid("is an invalid path: does not refer to a valid field");
  }
  if (names[0] === "metadata") return invalid("must not point to fields in metadata");
  if (SELECTABLE.has(found?.type ?? "")) return undefined;
  return invalid(
    "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.",
  );
}
