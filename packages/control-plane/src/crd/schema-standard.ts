import type { FieldError } from "../registry/kind.js";
import { isProps, type JsonSchemaProps } from "./definition.js";

const TYPES = new Set(["array", "boolean", "integer", "number", "object", "string"]);

/** What is wrong with single nodes of a schema: keywords that are not supported, list and map types, rules. */
export function standardErrors(props: JsonSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  visit(props, path, errors);
  const { properties } = props;
  for (const name of ["metadata", "kind", "apiVersion"]) {
    const property = isProps(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (isProps(property))
      forbidDefaults(property, `must not be set in top-level ${name}`, `${path}.properties[${name}]`, errors);
  }
  return errors;
}

function forbidDefaults(props: JsonSchemaProps, detail: string, path: string, errors: FieldError[]): void {
  if (props["default"] !== undefined) errors.push({ type: "Forbidden", field: `${path}.default`, detail });
  const { properties } = props;
  if (!isProps(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    if (isProps(property)) forbidDefaults(property, detail, `${path}.properties[${name}]`, errors);
  }
}

function visit(props: JsonSchemaProps, path: string, errors: FieldError[]): void {
  checkUnsupported(props, path, errors);
  if (props["uniqueItems"] === true) {
    const detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push({ type: "Forbidden", field: `${path}.uniqueItems`, detail });
  }
  const { additionalProperties, properties, items, not } = props;
  if (additionalProperties !== undefined) {
    const declared = isProps(properties) && Object.keys(properties).length > 0;
    if (declared && additionalProperties !== true) {
      const detail = "additionalProperties and properties are mutual exclusive";
      errors.push({ type: "Forbidden", field: `${path}.additionalProperties`, detail });
    }
    if (isProps(additionalProperties)) visit(additionalProperties, `${path}.additionalProperties`, errors);
  }
  if (isProps(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      if (isProps(property)) visit(property, `${path}.properties[${name}]`, errors);
    }
  }
  if (isProps(not)) visit(not, `${path}.not`, errors);
  for (const key of ["allOf", "oneOf", "anyOf"]) {
    const list = props[key];
    if (!Array.isArray(list)) continue;
    for (const [index, nested] of list.entries())
      if (isProps(nested)) visit(nested, `${path}.${key}[${index}]`, errors);
  }
  if (isProps(items)) visit(items, `${path}.items`, errors);
  checkExtensionTypes(props, path, errors);
  checkListMap(props, path, errors);
  checkRuleTexts(props, path, errors);
}

const UNSUPPORTED: readonly (readonly [string, string])[] = [
  ["$ref", "$ref is not supported"],
  ["definitions", "definitions is not supported"],
  ["dependencies", "dependencies is not supported"],
  ["id", "id is not supported"],
  ["additionalItems", "additionalItems is not supported"],
  ["patternProperties", "patternProperties is not supported"],
];

function checkUnsupported(props: JsonSchemaProps, path: string, errors: FieldError[]): void {
  const { type, items } = props;
  if (type === "null") {
    const detail = "type cannot be set to null, use nullable as an alternative";
    errors.push({ type: "Forbidden", field: `${path}.type`, detail });
  }
  if (type !== undefined && type !== "" && !TYPES.has(String(type))) {
    const detail = `supported values: ${[...TYPES]
      .sort()
      .map((name) => JSON.stringify(name))
      .join(", ")}`;
    errors.push({ type: "Unsupported value", field: `${path}.type`, detail, value: type });
  }
  for (const [key, detail] of UNSUPPORTED) {
    const value = props[key];
    if (value === undefined || value === "" || (isProps(value) && Object.keys(value).length === 0)) continue;
    errors.push({ type: "Forbidden", field: `${path}.${key}`, detail });
  }
  if (Array.isArray(items)) {
    errors.push({
      type: "Forbidden",
      field: `${path}.items`,
      detail: "items must be a schema object and not an array",
    });
  }
}

function checkExtensionTypes(props: JsonSchemaProps, path: string, errors: FieldError[]): void {
  const { type, items } = props;
  if (props["x-kubernetes-preserve-unknown-fields"] === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push({ type: "Invalid value", field, detail: "must be true or undefined", value: false });
  }
  const mapType = props["x-kubernetes-map-type"];
  const listType = props["x-kubernetes-list-type"];
  if (mapType !== undefined) {
    requireType(type, "object", "x-kubernetes-map-type", path, errors);
    oneOf(mapType, ["atomic", "granular"], `${path}.x-kubernetes-map-type`, errors);
  }
  if (listType === undefined) return;
  if (type !== "array") requireType(type, "array", "x-kubernetes-list-type", path, errors);
  else if (listType === "set" && isProps(items)) checkSetItems(items, path, errors);
  oneOf(listType, ["atomic", "set", "map"], `${path}.x-kubernetes-list-type`, errors);
}

function requireType(
  actual: unknown,
  wanted: string,
  extension: string,
  path: string,
  errors: FieldError[],
): void {
  if (actual === wanted) return;
  const detail = `must be ${wanted} if ${extension} is specified`;
  const field = `${path}.type`;
  errors.push(
    actual
      ? { type: "Invalid value", field, detail, value: actual }
      : { type: "Required value", field, detail },
  );
}

function oneOf(value: unknown, allowed: readonly string[], field: string, errors: FieldError[]): void {
  if (allowed.includes(String(value))) return;
  const detail = `supported values: ${allowed.map((name) => JSON.stringify(name)).join(", ")}`;
  errors.push({ type: "Unsupported value", field, detail, value });
}

function checkSetItems(items: JsonSchemaProps, path: string, errors: FieldError[]): void {
  const detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const inner = items["x-kubernetes-list-type"];
  if (items["type"] === "array" && inner !== undefined && inner !== "atomic") {
    errors.push({
      type: "Invalid value",
      field: `${path}.items.x-kubernetes-list-type`,
      detail,
      value: inner,
    });
  }
  if (items["type"] === "object" && items["x-kubernetes-map-type"] !== "atomic") {
    errors.push({
      type: "Invalid value",
      field: `${path}.items.x-kubernetes-map-type`,
      detail,
      value: inner ?? null,
    });
  }
}

function checkListMap(props: JsonSchemaProps, path: string, errors: FieldError[]): void {
  const listType = props["x-kubernetes-list-type"];
  const keys = props["x-kubernetes-list-map-keys"];
  const keyField = `${path}.x-kubernetes-list-map-keys`;
  const named = Array.isArray(keys) ? (keys as string[]) : [];
  if (named.length > 0 && listType !== "map") {
    const detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    const field = `${path}.x-kubernetes-list-type`;
    errors.push(
      listType === undefined
        ? { type: "Required value", field, detail }
        : { type: "Invalid value", field, detail, value: listType },
    );
  }
  const { items } = props;
  if ((listType === "map" || listType === "set") && isProps(items) && items["nullable"] === true) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push({ type: "Forbidden", field: `${path}.items.nullable`, detail });
  }
  if (listType !== "map") return;
  if (named.length === 0) {
    errors.push({
      type: "Required value",
      field: keyField,
      detail: "must not be empty if x-kubernetes-list-type is map",
    });
  }
  if (items === undefined) {
    errors.push({
      type: "Required value",
      field: `${path}.items`,
      detail: "must have a schema if x-kubernetes-list-type is map",
    });
    return;
  }
  if (!isProps(items)) return;
  if (items["type"] !== "object") {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push({ type: "Invalid value", field: `${path}.items.type`, detail, value: items["type"] ?? "" });
    return;
  }
  checkMapKeys(items, named, path, keyField, errors);
}

function checkMapKeys(
  items: JsonSchemaProps,
  keys: readonly string[],
  path: string,
  keyField: string,
  errors: FieldError[],
): void {
  const properties = isProps(items["properties"]) ? items["properties"] : {};
  const requiredKeys = Array.isArray(items["required"]) ? (items["required"] as string[]) : [];
  const seen = new Set<string>();
  const missing: FieldError[] = [];
  for (const key of keys) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const field = `${path}.items.properties[${key}]`;
    if (!isProps(property)) {
      errors.push({
        type: "Invalid value",
        field: keyField,
        detail: "entries must all be names of item properties",
        value: keys,
      });
    } else {
      if (property["type"] === "array" || property["type"] === "object") {
        const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
        errors.push({ type: "Invalid value", field: `${field}.type`, detail, value: items["type"] });
      }
      if (property["default"] === undefined && !requiredKeys.includes(key)) {
        const detail =
          "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
        missing.push({ type: "Required value", field: `${field}.default`, detail });
      }
      if (property["nullable"] === true) {
        const detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
        missing.push({ type: "Forbidden", field: `${field}.nullable`, detail });
      }
    }
    if (seen.has(key)) {
      errors.push({
        type: "Invalid value",
        field: keyField,
        detail: "must not contain duplicate entries",
        value: keys,
      });
    }
    seen.add(key);
  }
  errors.push(...missing);
}

const REASONS = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const LINE_BREAK = /[\n\r]/;

function checkRuleTexts(props: JsonSchemaProps, path: string, errors: FieldError[]): void {
  const rules = props["x-kubernetes-validations"];
  if (!Array.isArray(rules)) return;
  for (const [index, value] of rules.entries()) {
    if (!isProps(value)) continue;
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const text = (name: string): string => (typeof value[name] === "string" ? value[name] : "");
    const [rule, message, expression] = [text("rule"), text("message"), text("messageExpression")];
    if (rule.trim() === "")
      errors.push({ type: "Required value", field: `${at}.rule`, detail: "rule is not specified" });
    else if (message !== "" && message.trim() === "") {
      errors.push({
        type: "Invalid value",
        field: `${at}.message`,
        detail: "must be non-empty if specified",
        value: message,
      });
    } else if (LINE_BREAK.test(message.trim())) {
      errors.push({
        type: "Invalid value",
        field: `${at}.message`,
        detail: "must not contain line breaks",
        value: message,
      });
    } else if (LINE_BREAK.test(rule.trim()) && message.trim() === "") {
      errors.push({
        type: "Required value",
        field: `${at}.message`,
        detail: "message must be specified if rule contains line breaks",
      });
    }
    if (expression !== "" && expression.trim() === "") {
      errors.push({
        type: "Required value",
        field: `${at}.messageExpression`,
        detail: "messageExpression must be non-empty if specified",
      });
    }
    if (value["reason"] !== undefined) oneOf(value["reason"], REASONS, `${at}.reason`, errors);
    const fieldPath = text("fieldPath");
    if (fieldPath !== "" && fieldPath.trim() === "") {
      errors.push({
        type: "Invalid value",
        field: `${at}.fieldPath`,
        detail: "must be non-empty if specified",
        value: fieldPath,
      });
    } else if (LINE_BREAK.test(fieldPath)) {
      errors.push({
        type: "Invalid value",
        field: `${at}.fieldPath`,
        detail: "must not contain line breaks",
        value: fieldPath,
      });
    }
  }
}
