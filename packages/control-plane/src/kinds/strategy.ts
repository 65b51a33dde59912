import type { KubeObject } from "@capstan/kube";
import type { FieldError, Strategy } from "../registry/kind.js";
import { defaultsOf } from "./defaults/defaults.js";
import { type KindRules, rulesOf } from "./rules.js";
import { validateBuiltIn, validateBuiltInPart, validateBuiltInUpdate } from "./validation/validators.js";
import { warningsOf } from "./warnings/warnings.js";

/** How objects of a built-in kind are defaulted, prepared and validated. */
export function strategyOf(group: string, version: string, kind: string, message: string): Strategy {
  const rules = rulesOf(message);
  const defaults = defaultsOf(message);
  const warnings = warningsOf(message);
  return {
    setDefaults: (object) =>
      withType(defaults === undefined ? object : defaults(object), group, version, kind),
    prepareForCreate: (object) => prepareForCreate(object, rules),
    prepareForUpdate: (next, previous, subresource) => prepareForUpdate(next, previous, subresource, rules),
    validate: (object) => validateBuiltIn(message, object),
    validateUpdate: (next, previous, subresource) => validateUpdate(message, next, previous, subresource),
    ...(rules.bumpsGeneration === undefined ? {} : { bumpsGeneration: rules.bumpsGeneration }),
    ...(warnings === undefined ? {} : { warnings }),
  };
}

function withType(object: KubeObject, group: string, version: string, kind: string): KubeObject {
  const apiVersion = group === "" ? version : `${group}/${version}`;
  if (object.apiVersion === apiVersion && object.kind === kind) return object;
  return { ...object, apiVersion, kind };
}

function prepareForCreate(object: KubeObject, rules: KindRules): KubeObject {
  const cleared = rules.emptyStatus === undefined ? object : { ...object, status: rules.emptyStatus() };
  return rules.prepareForCreate === undefined ? cleared : rules.prepareForCreate(cleared);
}

/** `next` as it may be stored: the other half of the object stays as it was. */
function prepareForUpdate(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
  rules: KindRules,
): KubeObject {
  const kept = keepOtherHalf(next, previous, subresource, rules);
  return rules.prepareForUpdate === undefined ? kept : rules.prepareForUpdate(kept, previous, subresource);
}

function keepOtherHalf(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
  rules: KindRules,
): KubeObject {
  if (rules.emptyStatus === undefined) return next;
  if (subresource === undefined) return withField(next, "status", previous["status"]);
  if (subresource !== "status" && subresource !== "approval") return next;
  return withField(next, "spec", previous["spec"]);
}

function withField(object: KubeObject, name: string, value: unknown): KubeObject {
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _dropped, ...rest } = object;
  return rest as KubeObject;
}

function validateUpdate(
  message: string,
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
): readonly FieldError[] {
  if (subresource !== undefined && subresource !== "scale")
    return validateBuiltInPart(message, subresource, next, previous);
  return validateBuiltInUpdate(message, next, previous);
}
