import {
  adapt,
  adaptAs,
  boolType,
  type CelType,
  compile,
  extend,
  kubernetesCostLimits,
  kubernetesEnvironment,
  Optional,
  optionalType,
  type Program,
  schemaType,
  stringType,
} from "@capstan/cel";
import { deepEqual, type Schema, type ValidationRule } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import { memberSchema } from "./prune.js";
import { hasRules } from "./rule-presence.js";
import { oldItems } from "./value-validator.js";

/** One rule, ready to run. */
interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: Program | undefined;
  readonly message: Program | undefined;
  readonly usesOld: boolean;
}

const compiled = new WeakMap<Schema, readonly CompiledRule[]>();

/**
 * Runs the CEL rules (`x-kubernetes-validations`) of a schema on an object. `old` is the object before an
 * update: rules on what changed see it as `oldSelf`, and other rules do not complain about what is as
 * it was. All rules of one object share one cost budget.
 */
export function validateRules(object: unknown, old: unknown, schema: Schema): FieldError[] {
  if (!hasRules(schema)) return [];
  const run = new RuleRun();
  run.visit({ value: object, old, schema, path: "", isResource: true, choices: [] });
  return run.errors;
}

interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly schema: Schema;
  readonly path: string;
  readonly isResource: boolean;
  /** What allOf says about the same place. */
  readonly choices: readonly Schema[];
}

class RuleRun {
  readonly errors: FieldError[] = [];
  #budget: number = kubernetesCostLimits.perObject;
  #exhausted = false;

  visit(place: Place): void {
    const { value, schema } = place;
    if (this.#exhausted || value === null || value === undefined || !hasRulesHere(place)) return;
    const choices = [...place.choices, ...(schema.allOf ?? [])];
    const rules = [...rulesOf(schema, schema, place.isResource)];
    for (const choice of choices)
      if (choice.validations) rules.push(...rulesOf(choice, schema, place.isResource));
    for (const rule of rules) {
      if (this.#exhausted) return;
      this.#check(rule, place);
    }
    if (Array.isArray(value)) this.#visitItems(value, place, choices);
    else if (typeof value === "object") this.#visitMembers(value as Record<string, unknown>, place, choices);
  }

  #visitItems(items: readonly unknown[], { old, schema, path }: Place, choices: readonly Schema[]): void {
    const element = schema.items;
    if (!element) return;
    const olds = oldItems(schema, old);
    const inner = choices.flatMap((choice) => (choice.items ? [choice.items] : []));
    for (const [index, value] of items.entries()) {
      const isResource = element.embeddedResource === true;
      this.visit({
        value,
        old: olds?.(value),
        schema: element,
        path: `${path}[${index}]`,
        isResource,
        choices: inner,
      });
    }
  }

  #visitMembers(
    members: Readonly<Record<string, unknown>>,
    { old, schema, path }: Place,
    choices: readonly Schema[],
  ): void {
    const former = schema.mapType === "atomic" ? undefined : old;
    for (const name of Object.keys(members)) {
      const member = memberSchema(schema, name);
      if (member === undefined || member === true) continue;
      const declared = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
      const step = declared ? (path === "" ? name : `.${name}`) : `[${name}]`;
      const inner = choices.flatMap((choice) => {
        const nested = memberSchema(choice, name);
        return typeof nested === "object" ? [nested] : [];
      });
      this.visit({
        value: members[name],
        old: oldMember(former, name),
        schema: member,
        path: path + step,
        isResource: member.embeddedResource === true,
        choices: inner,
      });
    }
  }

  #check({ rule, program, message, usesOld }: CompiledRule, place: Place): void {
    const { value, old } = place;
    if (!program) return;
    const known = old !== undefined && old !== null;
    if (usesOld && !known && !rule.optionalOldSelf) return;
    if (!usesOld && known && deepEqual(value, old)) return;
    const bindings = this.#bindings(rule, place);
    const costLimit = Math.min(kubernetesCostLimits.perCall, this.#budget);
    const result = program.evaluate(bindings, { costLimit });
    this.#budget -= result.cost;
    if (!result.ok) {
      this.#fail(rule, place, result.error.code, result.error.message);
      return;
    }
    if (result.value === true) return;
    const text = message ? this.#message(message, bindings) : undefined;
    this.errors.push(ruleError(rule, place, text ?? defaultMessage(rule)));
  }

  #bindings(rule: ValidationRule, { value, old, schema, isResource }: Place): Record<string, unknown> {
    const known = old !== undefined && old !== null;
    if (!rule.optionalOldSelf) return { self: value, oldSelf: old };
    const type = schemaType(schema, { resourceRoot: isResource });
    return { self: value, oldSelf: known ? new Optional(typed(old, type)) : Optional.none };
  }

  #fail(rule: ValidationRule, place: Place, code: string, problem: string): void {
    if (code === "costLimit") {
      this.#exhausted = true;
      const detail =
        this.#budget <= 0
          ? "validation failed due to running out of cost budget, no further validation rules will be run"
          : `call cost exceeds limit for rule: ${trimmed(rule.rule)}, no further validation rules will be run due to call cost exceeds limit for rule: ${trimmed(rule.rule)}`;
      this.errors.push(evaluationError(detail, place));
      return;
    }
    const detail = problem.startsWith("no such overload")
      ? `${problem}: call arguments did not match a supported operator, function or macro signature for rule: ${trimmed(rule.rule)}`
      : `${problem} evaluating rule: ${defaultMessage(rule).replace(/^failed rule: /, "")}`;
    this.errors.push(evaluationError(detail, place));
  }

  /** The text of a message expression; undefined where it fails or gives no usable text. */
  #message(program: Program, bindings: Record<string, unknown>): string | undefined {
    const result = program.evaluate(bindings, {
      costLimit: Math.min(kubernetesCostLimits.perCall, this.#budget),
    });
    this.#budget -= result.cost;
    if (!result.ok || typeof result.value !== "string") return undefined;
    const text = result.value.trim();
    return text === "" || text.includes("\n") || Buffer.byteLength(text) > MAX_MESSAGE ? undefined : text;
  }
}

const MAX_MESSAGE = 5 * 1024;

function hasRulesHere({ schema, choices }: Place): boolean {
  return hasRules(schema) || choices.some(hasRules);
}

function typed(value: unknown, type: CelType | undefined): ReturnType<typeof adapt> {
  return type ? adaptAs(value, type) : adapt(value);
}

function oldMember(old: unknown, name: string): unknown {
  if (typeof old !== "object" || old === null || Array.isArray(old) || !Object.hasOwn(old, name))
    return undefined;
  return (old as Record<string, unknown>)[name];
}

function fieldOf(path: string): string {
  return path === "" ? "<nil>" : path;
}

function trimmed(rule: string): string {
  return rule.trim();
}

function defaultMessage({ rule, message }: ValidationRule): string {
  const text = message?.trim() ?? "";
  return text === "" ? `failed rule: ${trimmed(rule)}` : text;
}

/** Scalars are shown in errors, objects and lists are not. */
function withValue(error: FieldError, { value }: Place): FieldError {
  return typeof value === "object" ? error : { ...error, value };
}

/** A rule that could not be evaluated; the value shown is the type of what it was to judge. */
function evaluationError(detail: string, { path, schema }: Place): FieldError {
  return { type: "Invalid value", field: fieldOf(path), detail, value: schema.type ?? "" };
}

function ruleError({ reason, fieldPath }: ValidationRule, place: Place, detail: string): FieldError {
  const { path } = place;
  const suffix = fieldPath ? (path === "" ? fieldPath.replace(/^\./, "") : fieldPath) : "";
  const field = fieldOf(path + suffix.replaceAll(/\['([^']*)'\]/g, "[$1]"));
  switch (reason) {
    case "FieldValueRequired":
      return { type: "Required value", field, detail };
    case "FieldValueForbidden":
      return { type: "Forbidden", field, detail };
    case "FieldValueDuplicate":
      return withValue({ type: "Duplicate value", field, detail: "" }, place);
    default:
      return withValue({ type: "Invalid value", field, detail }, place);
  }
}

/** The rules of `holder`, typed by `schema` of the same place. */
function rulesOf(holder: Schema, schema: Schema, isResource: boolean): readonly CompiledRule[] {
  const known = compiled.get(holder);
  if (known) return known;
  const type = schemaType(schema, { resourceRoot: isResource });
  const rules = type ? (holder.validations ?? []).map((rule) => compileRule(rule, type)) : [];
  compiled.set(holder, rules);
  return rules;
}

/** What the rules of a place may refer to. */
export function ruleDeclarations(type: CelType, optionalOld: boolean): typeof kubernetesEnvironment {
  return extend(kubernetesEnvironment, {
    variables: { self: type, oldSelf: optionalOld ? optionalType(type) : type },
  });
}

function compileRule(rule: ValidationRule, type: CelType): CompiledRule {
  const declarations = ruleDeclarations(type, rule.optionalOldSelf === true);
  const program = compile(rule.rule, { declarations, resultTypes: [boolType] });
  const message = rule.messageExpression
    ? compile(rule.messageExpression, { declarations, resultTypes: [stringType] })
    : undefined;
  const usable = Array.isArray(program) ? undefined : program;
  return {
    rule,
    program: usable,
    message: Array.isArray(message) ? undefined : message,
    usesOld: usable?.variables.includes("oldSelf") ?? false,
  };
}
