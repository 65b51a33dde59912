import {
  boolType,
  type CelError,
  type CelType,
  compile,
  formatErrors,
  kubernetesCostLimits,
  Program,
  schemaType,
  stringType,
} from "@capstan/cel";
import type { Schema, ValidationRule } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import { hasRules } from "./rule-presence.js";
import { ruleDeclarations } from "./rules.js";

/** The largest request, which bounds how often anything can occur in an object. */
const MAX_REQUEST = 3 * 1024 * 1024;

/** Why CEL rules of a schema are refused: they do not compile, or may cost too much. */
export function ruleErrors(schema: Schema, path: string): FieldError[] {
  if (!hasRules(schema)) return [];
  const check = new RuleCheck();
  check.visit(schema, path, { isResource: true, cardinality: 1, uncorrelatable: undefined });
  return check.finish(path);
}

interface Place {
  readonly isResource: boolean;
  /** How often the place can occur in an object; undefined where nothing declared bounds it. */
  readonly cardinality: number | undefined;
  /** The part of the schema in which a former value cannot be found, where this is inside one. */
  readonly uncorrelatable: string | undefined;
}

class RuleCheck {
  readonly #errors: FieldError[] = [];
  readonly #costs: { readonly field: string; readonly cost: number }[] = [];

  visit(schema: Schema, path: string, place: Place): void {
    if (!hasRules(schema)) return;
    if (schema.validations && schema.validations.length > 0)
      this.#checkRules(schema.validations, schema, path, place);
    const atomic = schema.mapType === "atomic" ? (place.uncorrelatable ?? path) : place.uncorrelatable;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const isResource = property.embeddedResource === true;
      this.visit(property, `${path}.properties[${name}]`, { ...place, isResource, uncorrelatable: atomic });
    }
    if (schema.items) {
      const uncorrelatable =
        schema.listType === "map" ? place.uncorrelatable : (place.uncorrelatable ?? path);
      const cardinality = multiply(place.cardinality, schema.maxItems);
      const isResource = schema.items.embeddedResource === true;
      this.visit(schema.items, `${path}.items`, { isResource, cardinality, uncorrelatable });
    }
    if (typeof schema.additionalProperties === "object") {
      const cardinality = multiply(place.cardinality, schema.maxProperties);
      const isResource = schema.additionalProperties.embeddedResource === true;
      this.visit(schema.additionalProperties, `${path}.additionalProperties`, {
        ...place,
        isResource,
        cardinality,
      });
    }
  }

  finish(path: string): FieldError[] {
    const total = this.#costs.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= kubernetesCostLimits.estimatedPerDefinition) return this.#errors;
    const expensive = [...this.#costs]
      .sort((a, b) => b.cost - a.cost)
      .slice(0, 4)
      .filter(({ cost }) => cost > kubernetesCostLimits.estimatedPerRule);
    for (const { field } of expensive) {
      const detail =
        "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
      this.#errors.push({ type: "Forbidden", field, detail });
    }
    const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    this.#errors.push({
      type: "Forbidden",
      field: path,
      detail: tooExpensive(what, total, kubernetesCostLimits.estimatedPerDefinition),
    });
    return this.#errors;
  }

  #checkRules(rules: readonly ValidationRule[], schema: Schema, path: string, place: Place): void {
    const type = schemaType(schema, { resourceRoot: place.isResource });
    if (!type) return;
    const often = place.cardinality ?? Math.floor(MAX_REQUEST / (smallestSize(schema) + 1));
    for (const [index, rule] of rules.entries()) {
      this.#checkRule(rule, type, `${path}.x-kubernetes-validations[${index}]`, often, place);
    }
  }

  #checkRule(rule: ValidationRule, type: CelType, at: string, often: number, place: Place): void {
    const declarations = ruleDeclarations(type, rule.optionalOldSelf === true);
    const program = compile(rule.rule, { declarations });
    if (Array.isArray(program)) {
      this.#errors.push(
        refused(`${at}.rule`, rule, `compilation failed: ${formatErrors(rule.rule, program)}`),
      );
    } else if (program.type.kind !== boolType.kind && program.type.kind !== "dyn") {
      this.#errors.push(refused(`${at}.rule`, rule, "cel expression must evaluate to a bool"));
    } else {
      this.#checkCost(program, `${at}.rule`, "estimated rule cost", often);
      this.#checkOldSelf(program, rule, at, place);
    }
    if (rule.messageExpression) this.#checkMessage(rule, declarations, at, often);
  }

  #checkMessage(
    rule: ValidationRule,
    declarations: ReturnType<typeof ruleDeclarations>,
    at: string,
    often: number,
  ): void {
    const field = `${at}.messageExpression`;
    const text = rule.messageExpression ?? "";
    const program: Program | CelError[] = compile(text, { declarations });
    if (!(program instanceof Program)) {
      this.#errors.push(
        refused(field, rule, `messageExpression compilation failed: ${formatErrors(text, program)}`),
      );
    } else if (program.type.kind !== stringType.kind) {
      this.#errors.push(refused(field, rule, "messageExpression must evaluate to a string"));
    } else {
      this.#checkCost(program, field, "estimated messageExpression cost", often);
    }
  }

  #checkCost(program: Program, field: string, what: string, often: number): void {
    const cost = program.estimatedCost.max * often;
    this.#costs.push({ field, cost });
    if (cost <= kubernetesCostLimits.estimatedPerRule) return;
    this.#errors.push({
      type: "Forbidden",
      field,
      detail: tooExpensive(what, cost, kubernetesCostLimits.estimatedPerRule),
    });
  }

  #checkOldSelf(program: Program, rule: ValidationRule, at: string, { uncorrelatable }: Place): void {
    if (program.variables.includes("oldSelf")) {
      if (uncorrelatable === undefined) return;
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
      this.#errors.push({ type: "Invalid value", field: `${at}.rule`, detail, value: rule.rule });
    } else if (rule.optionalOldSelf !== undefined) {
      const detail = "may not be set if oldSelf is not used in rule";
      this.#errors.push({
        type: "Invalid value",
        field: `${at}.optionalOldSelf`,
        detail,
        value: rule.optionalOldSelf,
      });
    }
  }
}

function multiply(cardinality: number | undefined, most: number | undefined): number | undefined {
  return cardinality === undefined || most === undefined ? undefined : cardinality * Math.max(0, most);
}

function refused(
  field: string,
  { rule, message = "", messageExpression = "", reason, fieldPath = "", optionalOldSelf }: ValidationRule,
  detail: string,
): FieldError {
  const value = {
    Rule: rule,
    Message: message,
    MessageExpression: messageExpression,
    Reason: reason ?? null,
    FieldPath: fieldPath,
    OptionalOldSelf: optionalOldSelf ?? null,
  };
  return { type: "Invalid value", field, detail, value };
}

function tooExpensive(what: string, cost: number, limit: number): string {
  const times = cost / limit;
  const factor =
    times > 100 ? "more than 100x" : times < 1.5 ? `${times.toFixed(6)}x` : `${times.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** The fewest bytes that a value of a schema takes in JSON. */
function smallestSize(schema: Schema): number {
  if (schema.intOrString) return 1;
  switch (schema.type) {
    case "boolean":
      return 4;
    case "integer":
    case "number":
      return 1;
    case "string":
      return schema.format === "date"
        ? 12
        : schema.format === "date-time"
          ? 21
          : schema.format === "duration"
            ? 3
            : 2;
    case "object":
      return smallestObject(schema);
    default:
      return 2;
  }
}

function smallestObject({ properties = {}, required = [] }: Schema): number {
  let size = 2;
  for (const name of required) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property && property.default === undefined) size += name.length + smallestSize(property) + 4;
  }
  return size;
}
