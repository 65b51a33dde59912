import { isDns1123Subdomain, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../members.js";
import {
  validateMatchConditions,
  validateMutationExpressions,
  validatePolicyExpressions,
} from "./expressions.js";
import type { Problems } from "./problems.js";
import { validateSelector } from "./selectors.js";

const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

/** Fully qualified: a subdomain of at least three parts. */
function qualifiedMessages(name: string): readonly string[] {
  const messages = isDns1123Subdomain(name);
  if (messages.length > 0) return messages;
  return name.split(".").length < 3
    ? ["should be a domain with at least three segments separated by dots"]
    : [];
}

export function validateWebhooks(problems: Problems, object: KubeObject): void {
  const names = new Set<string>();
  listAt(object as Members, "webhooks").forEach((webhook, index) => {
    const at = `webhooks[${index}]`;
    const name = textAt(webhook, "name");
    if (name === "") problems.required(`${at}.name`);
    else problems.names(`${at}.name`, name, qualifiedMessages);
    if (names.has(name)) problems.duplicate(`${at}.name`, name);
    names.add(name);
    validateReview(problems, at, webhook);
    validateMatchConditions(problems, `${at}.matchConditions`, listAt(webhook, "matchConditions"));
    listAt(webhook, "rules").forEach((rule, position) => {
      validateRule(problems, `${at}.rules[${position}]`, rule);
    });
    validateSelector(problems, `${at}.namespaceSelector`, membersAt(webhook, "namespaceSelector"));
    validateSelector(problems, `${at}.objectSelector`, membersAt(webhook, "objectSelector"));
    const config = membersAt(webhook, "clientConfig");
    const given = ["url", "service"].filter((field) => config?.[field] !== undefined);
    if (given.length !== 1)
      problems.required(`${at}.clientConfig`, "exactly one of url or service is required");
    else if (config !== undefined) validateClient(problems, `${at}.clientConfig`, config);
  });
}

function validateClient(problems: Problems, field: string, config: Members): void {
  const service = membersAt(config, "service");
  if (service !== undefined) {
    for (const name of ["name", "namespace"]) {
      if (textAt(service, name) === "") problems.required(`${field}.service.${name}`);
    }
    return;
  }
  const url = textAt(config, "url");
  const [scheme = ""] = url.split(":");
  if (scheme !== "https") {
    problems.invalid(
      `${field}.url`,
      scheme,
      "'https' is the only allowed URL scheme; desired format: https://host[/path]",
    );
  }
}

function validateReview(problems: Problems, field: string, webhook: Members): void {
  const versions = textsAt(webhook, "admissionReviewVersions");
  if (versions.length === 0) {
    problems.required(`${field}.admissionReviewVersions`, "must specify one of v1, v1beta1");
  } else if (!versions.includes("v1") && !versions.includes("v1beta1")) {
    problems.invalid(
      `${field}.admissionReviewVersions`,
      versions,
      "must include at least one of v1, v1beta1",
    );
  }
  const failure = webhook["failurePolicy"];
  if (failure !== undefined) problems.oneOf(`${field}.failurePolicy`, failure, ["Fail", "Ignore"]);
  const match = webhook["matchPolicy"];
  if (match !== undefined) problems.oneOf(`${field}.matchPolicy`, match, ["Equivalent", "Exact"]);
  const reinvocation = webhook["reinvocationPolicy"];
  if (reinvocation !== undefined)
    problems.oneOf(`${field}.reinvocationPolicy`, reinvocation, ["IfNeeded", "Never"]);
  const effects = webhook["sideEffects"];
  if (effects === undefined || effects === null)
    problems.required(`${field}.sideEffects`, "must specify one of None, NoneOnDryRun");
  else problems.oneOf(`${field}.sideEffects`, effects, ["None", "NoneOnDryRun"]);
  const timeout = numberAt(webhook, "timeoutSeconds");
  if (timeout !== undefined && (timeout < 1 || timeout > 30)) {
    problems.invalid(
      `${field}.timeoutSeconds`,
      timeout,
      "the timeout value must be between 1 and 30 seconds",
    );
  }
}

function validateRule(problems: Problems, field: string, rule: Members): void {
  const operations = textsAt(rule, "operations");
  if (operations.length === 0) problems.required(`${field}.operations`);
  if (operations.length > 1 && operations.includes("*")) {
    problems.invalid(
      `${field}.operations`,
      operations,
      "if '*' is present, must not specify other operations",
    );
  }
  operations.forEach((operation, index) => {
    problems.oneOf(`${field}.operations[${index}]`, operation, OPERATIONS);
  });
  for (const [name, what] of [
    ["apiGroups", "API groups"],
    ["apiVersions", "API versions"],
  ] as const) {
    const values = textsAt(rule, name);
    if (values.length === 0) problems.required(`${field}.${name}`);
    if (values.length > 1 && values.includes("*")) {
      problems.invalid(`${field}.${name}`, values, `if '*' is present, must not specify other ${what}`);
    }
  }
  if (textsAt(rule, "resources").length === 0) problems.required(`${field}.resources`);
  const scope = rule["scope"];
  if (scope !== undefined) problems.oneOf(`${field}.scope`, scope, ["*", "Cluster", "Namespaced"]);
}

export function validateAdmissionPolicy(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  if (listAt(spec, "validations").length === 0 && listAt(spec, "auditAnnotations").length === 0) {
    const detail = "validations or auditAnnotations must contain at least one item";
    problems.required("spec.validations", detail);
    problems.required("spec.auditAnnotations", detail);
  }
  const match = membersAt(spec, "matchConstraints");
  if (match === undefined) problems.required("spec.matchConstraints");
  else {
    const rules = listAt(match, "resourceRules");
    if (rules.length === 0) problems.required("spec.matchConstraints.resourceRules");
    rules.forEach((rule, index) => {
      validateRule(problems, `spec.matchConstraints.resourceRules[${index}]`, rule);
    });
  }
  const failure = spec["failurePolicy"];
  if (failure !== undefined) problems.oneOf("spec.failurePolicy", failure, ["Fail", "Ignore"]);
  listAt(spec, "validations").forEach((validation, index) => {
    const at = `spec.validations[${index}]`;
    if (textAt(validation, "expression").trim() === "")
      problems.required(`${at}.expression`, "expression is not specified");
    if (/[\r\n]/.test(textAt(validation, "message"))) {
      problems.invalid(`${at}.message`, validation["message"], "must not contain line breaks");
    }
    const reason = validation["reason"];
    if (reason !== undefined) {
      problems.oneOf(`${at}.reason`, reason, ["Forbidden", "Invalid", "RequestEntityTooLarge"]);
    }
  });
  validatePolicyExpressions(problems, object);
}

const PATCHES = ["ApplyConfiguration", "JSONPatch"];

export function validateMutatingPolicy(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  const match = membersAt(spec, "matchConstraints");
  if (match === undefined) problems.required("spec.matchConstraints");
  else if (listAt(match, "resourceRules").length === 0)
    problems.required("spec.matchConstraints.resourceRules");
  const mutations = listAt(spec, "mutations");
  if (mutations.length === 0) problems.required("spec.mutations", "mutations must contain at least one item");
  mutations.forEach((mutation, index) => {
    const at = `spec.mutations[${index}]`;
    const type = textAt(mutation, "patchType");
    problems.requiredOneOf(`${at}.patchType`, type, PATCHES);
    const source = type === "JSONPatch" ? "jsonPatch" : "applyConfiguration";
    if (membersAt(mutation, source) === undefined)
      problems.required(`${at}.${source}`, `must be specified when patchType is ${type}`);
    else if (textAt(membersAt(mutation, source), "expression").trim() === "") {
      problems.required(`${at}.${source}.expression`, "expression is not specified");
    }
    const other = type === "JSONPatch" ? "applyConfiguration" : "jsonPatch";
    if (PATCHES.includes(type) && membersAt(mutation, other) !== undefined) {
      problems.invalid(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${type}`);
    }
  });
  const reinvocation = spec["reinvocationPolicy"];
  problems.requiredOneOf("spec.reinvocationPolicy", reinvocation, ["IfNeeded", "Never"]);
  validateMutationExpressions(problems, object);
}

export function validateMutatingBinding(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  if (textAt(spec, "policyName") === "") problems.required("spec.policyName");
}

export function validateAdmissionBinding(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  if (textAt(spec, "policyName") === "") problems.required("spec.policyName");
  const actions = textsAt(spec, "validationActions");
  if (actions.length === 0)
    problems.required("spec.validationActions", "at least one validation action is required");
  const seen = new Set<string>();
  actions.forEach((action, index) => {
    const at = `spec.validationActions[${index}]`;
    problems.oneOf(at, action, ["Audit", "Deny", "Warn"]);
    if (seen.has(action)) problems.duplicate(at, action);
    seen.add(action);
  });
  if (seen.has("Deny") && seen.has("Warn")) {
    problems.invalid(
      "spec.validationActions",
      actions,
      "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)",
    );
  }
  const reference = membersAt(spec, "paramRef");
  if (reference === undefined) return;
  const missing = reference["parameterNotFoundAction"];
  if (missing === undefined || missing === null) problems.required("spec.paramRef.parameterNotFoundAction");
  const both = textAt(reference, "name") !== "" && membersAt(reference, "selector") !== undefined;
  const none = textAt(reference, "name") === "" && membersAt(reference, "selector") === undefined;
  if (both) problems.forbidden("spec.paramRef.name", "name and selector are mutually exclusive");
  if (none) problems.required("spec.paramRef", "one of name or selector must be specified");
}
