import type { FieldError } from "../registry/kind.js";
import { isProps, type JsonSchemaProps } from "./definition.js";
import { patternProblem } from "./value-validator.js";

type Level = "root" | "item" | "field";

/**
 * Why a schema is not structural, sorted by message as the API reports it: types missing or forbidden
 * below allOf, anyOf, oneOf and not, metadata that says more than it may, and the like.
 */
export function structuralErrors(props: JsonSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  checkNode(props, "root", path, errors);
  checkCompleteness(props, path, errors);
  const text = (error: FieldError): string => `${error.field}: ${error.type}: ${error.detail}`;
  return errors.sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

function forbidden(field: string, detail: string): FieldError {
  return { type: "Forbidden", field, detail };
}

function required(field: string, detail: string): FieldError {
  return { type: "Required value", field, detail };
}

function checkNode(props: JsonSchemaProps, level: Level, path: string, errors: FieldError[]): void {
  const { type, items, properties, additionalProperties } = props;
  if (type === "array" && items === undefined) errors.push(required(`${path}.items`, "must be specified"));
  if (isProps(items)) checkNode(items, "item", `${path}.items`, errors);
  for (const [name, property] of entries(properties))
    checkNode(property, "field", `${path}.properties[${name}]`, errors);
  if (additionalProperties !== undefined) {
    if (level === "root")
      errors.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
    if (isProps(additionalProperties))
      checkNode(additionalProperties, "field", `${path}.additionalProperties`, errors);
  }
  checkExtensions(props, path, errors);
  checkChoices(props, level, path, errors, choicesOfIntOrString(props));
  checkType(props, level, path, errors);
  checkTypeMeta(props, level, path, errors);
}

function entries(value: unknown): [string, JsonSchemaProps][] {
  return isProps(value)
    ? Object.entries(value).filter((entry): entry is [string, JsonSchemaProps] => isProps(entry[1]))
    : [];
}

const flag = (props: JsonSchemaProps, name: string): boolean => props[`x-kubernetes-${name}`] === true;

function checkExtensions(props: JsonSchemaProps, path: string, errors: FieldError[]): void {
  if (!flag(props, "int-or-string")) return;
  for (const other of ["preserve-unknown-fields", "embedded-resource"]) {
    if (!flag(props, other)) continue;
    const detail = "must be false if x-kubernetes-int-or-string is true";
    errors.push({ type: "Invalid value", field: `${path}.x-kubernetes-${other}`, detail, value: true });
  }
}

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function checkType(props: JsonSchemaProps, level: Level, path: string, errors: FieldError[]): void {
  const { type } = props;
  const field = `${path}.type`;
  const embedded = flag(props, "embedded-resource");
  if (embedded && type !== "object") {
    const detail = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type ? { type: "Invalid value", field, detail, value: type } : required(field, detail));
  } else if (!type && !flag(props, "int-or-string") && !flag(props, "preserve-unknown-fields")) {
    errors.push(required(field, EMPTY_TYPE[level]));
  }
  if (embedded && props["additionalProperties"] !== undefined) {
    const detail = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(forbidden(`${path}.additionalProperties`, detail));
  }
  if (level === "root" && type && type !== "object") {
    errors.push({ type: "Invalid value", field, detail: "must be object at the root", value: type });
  }
}

function checkTypeMeta(props: JsonSchemaProps, level: Level, path: string, errors: FieldError[]): void {
  const { properties } = props;
  const embedded = flag(props, "embedded-resource");
  const isObject = level === "root" || embedded;
  const members = new Map(entries(properties));
  for (const name of ["kind", "apiVersion"]) {
    const member = members.get(name);
    if (!isObject || !member || member["type"] === "string") continue;
    const field = `${path}.properties[${name}].type`;
    errors.push({ type: "Invalid value", field, detail: "must be string", value: member["type"] ?? "" });
  }
  const metadata = members.get("metadata");
  if (metadata) checkMetadata(metadata, isObject, level, `${path}.properties[metadata]`, errors);
  if (embedded && !flag(props, "preserve-unknown-fields") && members.size === 0) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(`${path}.properties`, detail));
  }
}

const METADATA_MEMBERS = new Set(["name", "generateName"]);
const METADATA_KEYS = new Set(["type", "properties", "default", "description"]);

function checkMetadata(
  metadata: JsonSchemaProps,
  isObject: boolean,
  level: Level,
  path: string,
  errors: FieldError[],
): void {
  if (isObject && metadata["type"] !== "object") {
    errors.push({
      type: "Invalid value",
      field: `${path}.type`,
      detail: "must be object",
      value: metadata["type"] ?? "",
    });
  }
  if (level !== "root") return;
  const onlyNames = entries(metadata["properties"]).every(([name]) => METADATA_MEMBERS.has(name));
  const plain = Object.keys(metadata).every((key) => METADATA_KEYS.has(key) && key !== "description");
  if (onlyNames && plain) return;
  const detail =
    "must not specify anything other than name and generateName, but metadata is implicitly specified";
  errors.push(forbidden(path, detail));
}

/** Where the pattern of integers or strings stands, in which types below anyOf are allowed. */
function choicesOfIntOrString(props: JsonSchemaProps): "anyOf" | "allOf" | undefined {
  if (!flag(props, "int-or-string")) return undefined;
  if (isIntOrString(props["anyOf"])) return "anyOf";
  const { allOf } = props;
  const first: unknown = Array.isArray(allOf) ? allOf[0] : undefined;
  return isProps(first) && isIntOrString(first["anyOf"]) ? "allOf" : undefined;
}

function isIntOrString(value: unknown): boolean {
  return JSON.stringify(value) === '[{"type":"integer"},{"type":"string"}]';
}

function checkChoices(
  props: JsonSchemaProps,
  level: Level,
  path: string,
  errors: FieldError[],
  exempt: "anyOf" | "allOf" | "first" | undefined,
  rulesAllowed = false,
): void {
  for (const key of ["anyOf", "allOf", "oneOf"]) {
    const list = props[key];
    if (!Array.isArray(list) || (key === "anyOf" && (exempt === "anyOf" || exempt === "first"))) continue;
    for (const [index, nested] of list.entries()) {
      if (!isProps(nested)) continue;
      const inner = key === "allOf" && index === 0 && exempt === "allOf" ? "first" : undefined;
      checkNested(nested, level, `${path}.${key}[${index}]`, errors, inner, key === "allOf" || rulesAllowed);
    }
  }
  const { not, pattern } = props;
  if (isProps(not)) checkNested(not, level, `${path}.not`, errors, undefined, false);
  const problem = typeof pattern === "string" && pattern !== "" ? patternProblem(pattern) : undefined;
  if (problem !== undefined) {
    const detail = `must be a valid regular expression, but isn't: ${problem}`;
    errors.push({ type: "Invalid value", field: `${path}.pattern`, detail, value: pattern });
  }
}

const FORBIDDEN_BELOW: readonly (readonly [string, string])[] = [
  ["type", "must be empty to be structural"],
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
];

/** Checks what stands below allOf, anyOf, oneOf or not, where only value validation is allowed. */
function checkNested(
  props: JsonSchemaProps,
  level: Level,
  path: string,
  errors: FieldError[],
  exempt: "first" | undefined,
  rulesAllowed: boolean,
): void {
  checkChoices(props, level, path, errors, exempt, rulesAllowed);
  const { items, properties } = props;
  if (isProps(items)) checkNested(items, level, `${path}.items`, errors, undefined, rulesAllowed);
  for (const [name, property] of entries(properties)) {
    checkNested(property, "field", `${path}.properties[${name}]`, errors, undefined, rulesAllowed);
  }
  for (const [key, detail] of FORBIDDEN_BELOW) {
    const value = props[key];
    if (value === undefined || value === false || value === "") continue;
    if (key === "x-kubernetes-validations" && rulesAllowed) continue;
    errors.push(forbidden(`${path}.${key}`, detail));
  }
  if (isProps(properties) && Object.hasOwn(properties, "metadata")) {
    errors.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
  }
}

/** What stands below a choice at the root must also be specified outside of it. */
function checkCompleteness(props: JsonSchemaProps, path: string, errors: FieldError[]): void {
  for (const key of ["allOf", "anyOf", "oneOf"]) {
    const list = props[key];
    if (!Array.isArray(list)) continue;
    for (const [index, nested] of list.entries()) {
      if (isProps(nested)) complete(nested, props, path, `${path}.${key}[${index}]`, errors);
    }
  }
  if (isProps(props["not"])) complete(props["not"], props, path, `${path}.not`, errors);
}

function complete(
  nested: JsonSchemaProps,
  main: JsonSchemaProps | undefined,
  mainPath: string,
  path: string,
  errors: FieldError[],
): void {
  if (!main) {
    errors.push(required(mainPath, `because it is defined in ${path}`));
    return;
  }
  const { items } = main;
  if (isProps(nested["items"])) {
    complete(
      nested["items"],
      isProps(items) ? items : undefined,
      `${mainPath}.items`,
      `${path}.items`,
      errors,
    );
  }
  const mainProperties = new Map(entries(main["properties"]));
  for (const [name, property] of entries(nested["properties"])) {
    const counterpart = mainProperties.get(name);
    complete(property, counterpart, `${mainPath}.properties[${name}]`, `${path}.properties[${name}]`, errors);
  }
  for (const key of ["allOf", "anyOf", "oneOf"]) {
    const list = nested[key];
    if (!Array.isArray(list)) continue;
    for (const [index, inner] of list.entries()) {
      if (isProps(inner)) complete(inner, main, mainPath, `${path}.${key}[${index}]`, errors);
    }
  }
  if (isProps(nested["not"])) complete(nested["not"], main, mainPath, `${path}.not`, errors);
}
