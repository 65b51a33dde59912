import { deepEqual, type Schema } from "@capstan/kube";
import { RE2JS } from "re2js";
import type { FieldError } from "../registry/kind.js";
import { formatCheck } from "./formats.js";
import { formatFloat } from "./go-float.js";

/**
 * Checks values against one schema. `old` is the value before an update: what is unchanged is not
 * complained about, even where the schema became stricter.
 */
export type ValueValidator = (value: unknown, old?: unknown) => FieldError[];

/** What one check found, and how many checks held, by which the nearest of several schemas is chosen. */
interface Outcome {
  errors: FieldError[];
  matches: number;
}

/** Every value counts for some checks that hold, so that a schema that reaches deeper is nearer. */
const CHECKS_PER_VALUE = 4;

type Check = (value: unknown, old: unknown, path: string, out: Outcome) => void;

const compiled = new WeakMap<Schema, ValueValidator>();

/**
 * Compiles the value validation of `schema` (type, bounds, patterns, formats, enums, required fields,
 * allOf/anyOf/oneOf/not) with the messages of the Kubernetes API. Compiled once per schema.
 */
export function valueValidator(schema: Schema): ValueValidator {
  let validator = compiled.get(schema);
  if (!validator) {
    const check = compile(schema);
    validator = (value, old) => {
      const out: Outcome = { errors: [], matches: 0 };
      check(value, old, "", out);
      return out.errors;
    };
    compiled.set(schema, validator);
  }
  return validator;
}

function compile(schema: Schema): Check {
  const type = typeCheck(schema);
  const choices = choiceCheck(schema);
  const text = stringCheck(schema);
  const number = numberCheck(schema);
  const list = listCheck(schema);
  const oneOfValues = enumCheck(schema);
  const object = objectCheck(schema);
  return (value, old, path, out) => {
    const before = out.errors.length;
    out.matches += CHECKS_PER_VALUE;
    type?.(value, old, path, out);
    if (value === null || value === undefined) {
      oneOfValues?.(value, old, path, out);
    } else {
      choices?.(value, old, path, out);
      if (typeof value === "string") text?.(value, old, path, out);
      else if (typeof value === "number") number?.(value, old, path, out);
      else if (Array.isArray(value)) list?.(value, old, path, out);
      oneOfValues?.(value, old, path, out);
      if (typeof value === "object" && !Array.isArray(value)) object?.(value, old, path, out);
    }
    const unchanged =
      out.errors.length > before && old !== undefined && old !== null && deepEqual(value, old);
    if (unchanged) out.errors.length = before;
  };
}

/** Compiles on first use, as schemas can be deep and objects are shallow. */
function lazily(schema: Schema): Check {
  let check: Check | undefined;
  return (value, old, path, out) => {
    check ??= compile(schema);
    check(value, old, path, out);
  };
}

function invalid(path: string, value: unknown, message: string): FieldError {
  return { type: "Invalid value", field: fieldOf(path), detail: `${path} in body ${message}`, value };
}

/** The field of an error; that of the whole object prints as Go prints no path. */
function fieldOf(path: string): string {
  return path === "" ? "<nil>" : path.replace(/^\./, "");
}

function typeError(path: string, expected: string, actual: string): FieldError {
  const detail = `${path} in body must be of type ${expected}: ${JSON.stringify(actual)}`;
  return { type: "Type invalid", field: fieldOf(path), detail, value: actual };
}

function typeNameOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function typeCheck(schema: Schema): Check | undefined {
  const types: readonly string[] = schema.intOrString
    ? ["integer", "string"]
    : schema.type
      ? [schema.type]
      : [];
  const format = formatCheck(schema.format) ? schema.format : undefined;
  if (types.length === 0 && !format) return undefined;
  const expected = types.join(",");
  const numeric = types.includes("number") || types.includes("integer");
  const accepted = new Set<string>(types);
  if (accepted.has("number")) accepted.add("integer");
  return (value, _old, path, out) => {
    const actual = typeNameOf(value);
    if (actual === "null") {
      if (types.length > 0 && !schema.nullable) out.errors.push(typeError(path, expected, "null"));
      return;
    }
    const textual = typeof value === "string" || Array.isArray(value);
    if (format && !textual && !accepted.has(actual)) {
      const given = actual === "integer" ? "int64" : actual === "number" ? "double" : "";
      out.errors.push(typeError(path, format, given));
    } else if (!(format && textual && !numeric) && !accepted.has(actual)) {
      out.errors.push(typeError(path, expected, actual));
    } else {
      out.matches++;
    }
  };
}

function choiceCheck(schema: Schema): Check | undefined {
  const checks = [
    anyOfCheck(schema.anyOf),
    oneOfCheck(schema.oneOf),
    allOfCheck(schema.allOf),
    notCheck(schema.not),
  ];
  const given = checks.filter((check) => check !== undefined);
  if (given.length === 0) return undefined;
  return (value, old, path, out) => {
    for (const check of given) check(value, old, path, out);
  };
}

function tryOne(check: Check, value: unknown, old: unknown, path: string): Outcome {
  const outcome: Outcome = { errors: [], matches: 0 };
  check(value, old, path, outcome);
  return outcome;
}

function choiceError(path: string, message: string): FieldError {
  return { type: "Invalid value", field: "<nil>", detail: `${JSON.stringify(path)} ${message}`, value: "" };
}

function anyOfCheck(schemas: readonly Schema[] | undefined): Check | undefined {
  if (!schemas || schemas.length === 0) return undefined;
  const checks = schemas.map(lazily);
  return (value, old, path, out) => {
    let best: Outcome | undefined;
    for (const check of checks) {
      const outcome = tryOne(check, value, old, path);
      if (outcome.errors.length === 0) {
        out.matches += outcome.matches;
        return;
      }
      if (!best || outcome.matches > best.matches) best = outcome;
    }
    out.errors.push(choiceError(path, "must validate at least one schema (anyOf)"), ...(best?.errors ?? []));
  };
}

function oneOfCheck(schemas: readonly Schema[] | undefined): Check | undefined {
  if (!schemas || schemas.length === 0) return undefined;
  const checks = schemas.map(lazily);
  return (value, old, path, out) => {
    let best: Outcome | undefined;
    let valid = 0;
    for (const check of checks) {
      const outcome = tryOne(check, value, old, path);
      if (outcome.errors.length === 0) {
        valid++;
        out.matches += outcome.matches;
        best = undefined;
      } else if (valid === 0 && (!best || outcome.matches > best.matches)) {
        best = outcome;
      }
    }
    if (valid === 1) return;
    const found = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`;
    out.errors.push(
      choiceError(path, `must validate one and only one schema (oneOf). ${found}`),
      ...(best?.errors ?? []),
    );
  };
}

function allOfCheck(schemas: readonly Schema[] | undefined): Check | undefined {
  if (!schemas || schemas.length === 0) return undefined;
  const checks = schemas.map(lazily);
  return (value, old, path, out) => {
    let valid = 0;
    for (const check of checks) {
      const outcome = tryOne(check, value, old, path);
      if (outcome.errors.length === 0) valid++;
      out.errors.push(...outcome.errors);
      out.matches += outcome.matches;
    }
    if (valid === checks.length) return;
    out.errors.push(
      choiceError(path, `must validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`),
    );
  };
}

function notCheck(schema: Schema | undefined): Check | undefined {
  if (!schema) return undefined;
  const check = lazily(schema);
  return (value, old, path, out) => {
    if (tryOne(check, value, old, path).errors.length > 0) return;
    out.errors.push(choiceError(path, "must not validate the schema (not)"));
  };
}

function stringCheck(schema: Schema): Check | undefined {
  const { minLength, maxLength, pattern, format } = schema;
  const known = formatCheck(format);
  const matches = pattern ? patternCheck(pattern) : undefined;
  if (minLength === undefined && maxLength === undefined && !matches && !known) return undefined;
  return (value, _old, path, out) => {
    const text = value as string;
    if (maxLength !== undefined && text.length > maxLength && countRunes(text) > maxLength) {
      const detail = `may not be more than ${maxLength} bytes`;
      out.errors.push({ type: "Too long", field: fieldOf(path), detail, value: "" });
    } else if (minLength !== undefined && countRunes(text) < minLength) {
      out.errors.push(invalid(path, text, `should be at least ${minLength} chars long`));
    } else if (matches && !matches(text)) {
      out.errors.push(invalid(path, text, `should match '${pattern}'`));
    }
    if (known && !known(text)) {
      const detail = `${path} in body must be of type ${format}: ${JSON.stringify(text)}`;
      out.errors.push({ type: "Type invalid", field: fieldOf(path), detail, value: text });
    }
  };
}

function countRunes(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const patterns = new Map<string, (text: string) => boolean>();
const MAX_PATTERNS = 5_000;

/** A pattern in RE2 syntax, found anywhere in the text; one that cannot be read matches nothing. */
function patternCheck(pattern: string): (text: string) => boolean {
  const known = patterns.get(pattern);
  if (known) return known;
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  let expression: RE2JS | undefined;
  let broken = false;
  const check = (text: string): boolean => {
    if (!expression && !broken) {
      expression = readPattern(pattern);
      broken = expression === undefined;
    }
    return expression?.matcher(text).find() ?? false;
  };
  patterns.set(pattern, check);
  return check;
}

function readPattern(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    // The definition was refused for it already; here it only has to match nothing.
    return undefined;
  }
}

/** Why a pattern is no RE2 syntax; undefined where it is. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function numberCheck(schema: Schema): Check | undefined {
  const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum === undefined && maximum === undefined && multipleOf === undefined) return undefined;
  return (value, _old, path, out) => {
    const number = value as number;
    const print = (bound: number): string =>
      Number.isInteger(number) ? String(Math.trunc(bound)) : formatFloat(bound);
    const factor = multipleOf !== undefined && Number.isInteger(number) ? Math.trunc(multipleOf) : multipleOf;
    if (factor !== undefined && factor <= 0) {
      const detail = `factor MultipleOf declared for ${path} must be positive: ${factor}`;
      out.errors.push({ type: "Invalid value", field: fieldOf(path), detail, value: factor });
    } else if (factor !== undefined && !isMultiple(number, factor)) {
      out.errors.push(invalid(path, number, `should be a multiple of ${print(factor)}`));
    }
    if (minimum !== undefined && (exclusiveMinimum ? number <= minimum : number < minimum)) {
      const than = exclusiveMinimum ? "greater than" : "greater than or equal to";
      out.errors.push(invalid(path, number, `should be ${than} ${print(minimum)}`));
    }
    if (maximum !== undefined && (exclusiveMaximum ? number >= maximum : number > maximum)) {
      const than = exclusiveMaximum ? "less than" : "less than or equal to";
      out.errors.push(invalid(path, number, `should be ${than} ${print(maximum)}`));
    }
    out.matches++;
  };
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function listCheck(schema: Schema): Check | undefined {
  const { items, minItems, maxItems } = schema;
  if (!items && minItems === undefined && maxItems === undefined) return undefined;
  const element = items ? lazily(items) : undefined;
  return (value, old, path, out) => {
    const list = value as readonly unknown[];
    if (element) {
      const olds = oldItems(schema, old);
      for (const [index, item] of list.entries()) element(item, olds?.(item), `${path}[${index}]`, out);
    }
    if (minItems !== undefined && list.length < minItems) {
      out.errors.push(invalid(path, list.length, `should have at least ${minItems} items`));
    }
    if (maxItems !== undefined && list.length > maxItems)
      out.errors.push(tooMany(path, list.length, maxItems));
    out.matches++;
  };
}

function tooMany(path: string, actual: number, most: number): FieldError {
  const detail = `must have at most ${most} item${most === 1 ? "" : "s"}`;
  return { type: "Too many", field: fieldOf(path), detail, value: actual };
}

/** Finds the former item of a keyed list; items of other lists have none that would be theirs. */
export function oldItems(schema: Schema, old: unknown): ((item: unknown) => unknown) | undefined {
  const { listType, listMapKeys: keys = [] } = schema;
  if (listType !== "map" || keys.length === 0 || !Array.isArray(old)) return undefined;
  const identify = (item: unknown): string =>
    JSON.stringify(
      keys.map((key) =>
        typeof item === "object" && item !== null ? (item as Record<string, unknown>)[key] : null,
      ),
    );
  let index: Map<string, unknown> | undefined;
  return (item) => {
    index ??= new Map(old.map((former) => [identify(former), former]));
    return index.get(identify(item));
  };
}

function enumCheck(schema: Schema): Check | undefined {
  const { enum: values } = schema;
  if (!values || values.length === 0) return undefined;
  const scalars = new Set<unknown>(values.filter((value) => value !== null));
  const supported = values.map((value) =>
    JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)),
  );
  return (value, _old, path, out) => {
    const listed =
      value !== null &&
      (scalars.has(value) || values.some((known) => known !== null && deepEqual(known, value)));
    if (listed) return;
    const detail = `supported values: ${supported.join(", ")}`;
    out.errors.push({ type: "Unsupported value", field: fieldOf(path), detail, value });
  };
}

function objectCheck(schema: Schema): Check | undefined {
  const { properties = {}, required = [], minProperties, maxProperties, additionalProperties } = schema;
  const members = new Map<string, Check>();
  for (const name of Object.keys(properties)) {
    const member = properties[name];
    if (member) members.set(name, lazily(member));
  }
  const other = typeof additionalProperties === "object" ? lazily(additionalProperties) : undefined;
  const bounded = minProperties !== undefined || maxProperties !== undefined;
  if (members.size === 0 && !other && required.length === 0 && !bounded) return undefined;
  return (value, old, path, out) => {
    const object = value as Readonly<Record<string, unknown>>;
    const former = isMembers(old) ? old : undefined;
    const names = Object.keys(object);
    if (minProperties !== undefined && names.length < minProperties) {
      out.errors.push(invalid(path, names.length, `should have at least ${minProperties} properties`));
    }
    if (maxProperties !== undefined && names.length > maxProperties) {
      out.errors.push(tooMany(path, names.length, maxProperties));
    }
    const prefix = path === "" ? "" : `${path}.`;
    for (const name of names) {
      const check = members.get(name) ?? other;
      if (!check) continue;
      check(
        object[name],
        former && Object.hasOwn(former, name) ? former[name] : undefined,
        prefix + name,
        out,
      );
    }
    for (const name of required) {
      if (Object.hasOwn(object, name)) continue;
      out.errors.push({ type: "Required value", field: fieldOf(`${path}.${name}`), detail: "" });
    }
  };
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
