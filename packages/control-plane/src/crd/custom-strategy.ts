import { deepEqual, type KubeObject, type Schema } from "@capstan/kube";
import type { FieldError, Strategy } from "../registry/kind.js";
import { applyDefaults } from "./defaults.js";
import type { ScalePaths } from "./definition.js";
import { embeddedResourceErrors } from "./embedded-resource.js";
import { duplicateItems } from "./list-uniqueness.js";
import { pruneObject } from "./prune.js";
import { hasRules } from "./rule-presence.js";
import { validateRules } from "./rules.js";
import { scaleErrors } from "./scale-validation.js";
import { valueValidator } from "./value-validator.js";

/** What decides how objects of a custom resource are treated. */
export interface CustomRules {
  readonly schema: Schema;
  readonly statusSubresource: boolean;
  readonly scale: ScalePaths | undefined;
  readonly apiVersion: string;
  readonly kind: string;
}

/** How objects of a custom resource are pruned, defaulted, prepared and validated, as its schema says. */
export function customStrategy(rules: CustomRules): Strategy {
  const { schema, statusSubresource } = rules;
  return {
    setDefaults: (object) => applyDefaults(pruneObject(object, schema).object, schema),
    prepareForCreate: (object) =>
      statusSubresource ? applyDefaults(without(object, "status"), schema) : object,
    prepareForUpdate: (next, previous, subresource) =>
      statusSubresource ? keepOtherHalf(next, previous, subresource) : next,
    validate: (object) => validateObject(object, undefined, rules),
    validateUpdate: (next, previous) => validateObject(next, previous, rules),
    bumpsGeneration: (next, previous) => movesGeneration(next, previous, statusSubresource),
    warnings: finalizerWarnings,
  };
}

const STANDARD_FINALIZERS = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

/** Finalizers without a domain may be somebody else's as well. */
function finalizerWarnings({ metadata }: KubeObject): readonly string[] {
  return (metadata.finalizers ?? []).flatMap((finalizer) => {
    if (finalizer.includes("/") || STANDARD_FINALIZERS.has(finalizer)) return [];
    const what = finalizer.includes(".") ? "name including a path (/)" : "name";
    return [
      `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer ${what} ` +
        "to avoid accidental conflicts with other finalizer writers",
    ];
  });
}

function without(object: KubeObject, name: string): KubeObject {
  if (!Object.hasOwn(object, name)) return object;
  const { [name]: _, ...rest } = object;
  return rest as KubeObject;
}

/** Writes of the object keep its status; writes of its status keep all else, metadata included. */
function keepOtherHalf(next: KubeObject, previous: KubeObject, subresource: string | undefined): KubeObject {
  if (subresource !== "status") return withMember(next, "status", previous["status"]);
  const { managedFields } = next.metadata;
  const { managedFields: _, ...metadata } = previous.metadata;
  const kept = {
    ...previous,
    metadata: managedFields === undefined ? metadata : { ...metadata, managedFields },
  };
  return withMember(kept, "status", next["status"]);
}

function withMember(object: KubeObject, name: string, value: unknown): KubeObject {
  return value === undefined ? without(object, name) : { ...object, [name]: value };
}

function movesGeneration(next: KubeObject, previous: KubeObject, statusSubresource: boolean): boolean {
  const names = new Set([...Object.keys(next), ...Object.keys(previous)]);
  names.delete("metadata");
  if (statusSubresource) names.delete("status");
  for (const name of names) if (!sameJson(next[name], previous[name])) return true;
  return false;
}

function sameJson(left: unknown, right: unknown): boolean {
  return left === right || deepEqual(left, right);
}

/** Errors after which rules are not checked, because the object has not the shape they expect. */
const BLOCKING: ReadonlySet<FieldError["type"]> = new Set([
  "Unsupported value",
  "Required value",
  "Too long",
  "Too many",
  "Type invalid",
]);

const NOT_CHECKED: FieldError = {
  type: "Invalid value",
  field: "<nil>",
  detail:
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
  value: null,
};

function validateObject(object: KubeObject, old: KubeObject | undefined, rules: CustomRules): FieldError[] {
  const { schema, scale } = rules;
  const typeErrors = validateType(object, rules);
  if (typeErrors.length > 0) return typeErrors;
  const errors = [
    ...valueValidator(schema)(object, old),
    ...scaleErrors(object, scale),
    ...embeddedResourceErrors(object, schema),
    ...duplicates(object, old, schema),
  ];
  if (!hasRules(schema)) return errors;
  if (errors.some(({ type }) => BLOCKING.has(type))) {
    errors.push(NOT_CHECKED);
    return errors;
  }
  errors.push(...validateRules(object, old, schema));
  return errors;
}

function validateType(object: KubeObject, { apiVersion, kind }: CustomRules): FieldError[] {
  const errors: FieldError[] = [];
  if (object.kind !== kind) {
    errors.push({ type: "Invalid value", field: "kind", detail: `must be ${kind}`, value: object.kind });
  }
  if (object.apiVersion !== apiVersion) {
    errors.push({
      type: "Invalid value",
      field: "apiVersion",
      detail: `must be ${apiVersion}`,
      value: object.apiVersion,
    });
  }
  return errors;
}

/** Duplicates are complained about only where the former object had none. */
function duplicates(object: KubeObject, old: KubeObject | undefined, schema: Schema): FieldError[] {
  const found = duplicateItems(object, schema);
  return found.length > 0 && old && duplicateItems(old, schema).length > 0 ? [] : found;
}
