import { isDns1123Subdomain, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../members.js";
import type { Problems } from "./problems.js";

const MAX_PRECEDENCE = 10_000;

function specOf(object: KubeObject): Members {
  return membersAt(object as Members, "spec") ?? {};
}

export function validateFlowSchema(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const precedence = numberAt(spec, "matchingPrecedence") ?? 1;
  if (precedence < 1) problems.invalid("spec.matchingPrecedence", precedence, "must be a positive value");
  if (precedence > MAX_PRECEDENCE) {
    problems.invalid("spec.matchingPrecedence", precedence, `must not be greater than ${MAX_PRECEDENCE}`);
  }
  const method = membersAt(spec, "distinguisherMethod");
  const methods = ["ByNamespace", "ByUser"];
  if (method !== undefined && !methods.includes(textAt(method, "type"))) {
    problems.unsupported("spec.distinguisherMethod.type", { Type: textAt(method, "type") }, methods);
  }
  const level = textAt(membersAt(spec, "priorityLevelConfiguration"), "name");
  const at = "spec.priorityLevelConfiguration.name";
  if (level === "") problems.required(at, "must reference a priority level");
  else problems.names(at, level, isDns1123Subdomain);
  listAt(spec, "rules").forEach((rule, index) => {
    validateFlowRule(problems, `spec.rules[${index}]`, rule);
  });
}

function validateFlowRule(problems: Problems, field: string, rule: Members): void {
  const subjects = listAt(rule, "subjects");
  if (subjects.length === 0)
    problems.required(`${field}.subjects`, "subjects must contain at least one value");
  subjects.forEach((subject, index) => {
    validateSubject(problems, `${field}.subjects[${index}]`, subject);
  });
  const resources = listAt(rule, "resourceRules");
  const paths = listAt(rule, "nonResourceRules");
  if (resources.length === 0 && paths.length === 0) {
    problems.required(field, "at least one of resourceRules and nonResourceRules has to be non-empty");
  }
  resources.forEach((each, index) => {
    const at = `${field}.resourceRules[${index}]`;
    for (const [name, what, others] of [
      ["verbs", "verbs must contain at least one value", "verbs"],
      ["apiGroups", "resource rules must supply at least one api group", "api groups"],
      ["resources", "resource rules must supply at least one resource", "resources"],
      ["namespaces", "", "namespaces"],
    ] as const) {
      validateWords(problems, `${at}.${name}`, textsAt(each, name), what, others);
    }
    if (textsAt(each, "namespaces").length === 0 && each["clusterScope"] !== true) {
      problems.required(
        `${at}.namespaces`,
        "resource rules that are not cluster scoped must supply at least one namespace",
      );
    }
  });
  paths.forEach((each, index) => {
    const at = `${field}.nonResourceRules[${index}]`;
    const missing = (what: string) => `${what} must contain at least one value`;
    validateWords(problems, `${at}.verbs`, textsAt(each, "verbs"), missing("verbs"), "verbs");
    const urls = textsAt(each, "nonResourceURLs");
    validateWords(problems, `${at}.nonResourceURLs`, urls, missing("nonResourceURLs"), "non-resource URLs");
  });
}

/** A list that holds something, and nothing beside a `*`. */
function validateWords(
  problems: Problems,
  field: string,
  words: readonly string[],
  missing: string,
  others: string,
): void {
  if (words.length === 0 && missing !== "") problems.required(field, missing);
  if (words.length > 1 && words.includes("*"))
    problems.invalid(field, words, `if '*' is present, must not specify other ${others}`);
}

const SUBJECTS = { Group: "group", ServiceAccount: "serviceAccount", User: "user" } as const;

function validateSubject(problems: Problems, field: string, subject: Members): void {
  const kind = textAt(subject, "kind");
  problems.oneOf(`${field}.kind`, kind, Object.keys(SUBJECTS));
  if (!Object.hasOwn(SUBJECTS, kind)) return;
  for (const [of, member] of Object.entries(SUBJECTS)) {
    const value = membersAt(subject, member);
    const at = `${field}.${member}`;
    if (of !== kind && value !== undefined)
      problems.forbidden(at, `${member} is forbidden when subject kind is not '${of}'`);
    if (of !== kind) continue;
    if (value === undefined) problems.required(at, `${member} is required when subject kind is '${of}'`);
    else if (textAt(value, "name") === "") problems.required(`${at}.name`);
  }
}

export function validatePriorityLevel(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const type = textAt(spec, "type");
  if ((object.metadata.name === "exempt") !== (type === "Exempt") && ["Exempt", "Limited"].includes(type))
    problems.invalid("spec.type", type, "must be 'Exempt' if and only if `name` is 'exempt'");
  const limited = membersAt(spec, "limited");
  const exempt = membersAt(spec, "exempt");
  if (type === "Limited") {
    if (exempt !== undefined) problems.forbidden("spec.exempt", "must be nil if the type is Limited");
    if (limited === undefined) problems.required("spec.limited", "must not be empty when type is Limited");
    else validateLimited(problems, "spec.limited", limited);
  } else if (type === "Exempt") {
    if (limited !== undefined) problems.forbidden("spec.limited", "must be nil if the type is not Limited");
  } else problems.unsupported("spec.type", type, ["Exempt", "Limited"]);
}

function validateLimited(problems: Problems, field: string, limited: Members): void {
  const shares = numberAt(limited, "nominalConcurrencyShares") ?? 0;
  if (shares < 0)
    problems.invalid(`${field}.nominalConcurrencyShares`, shares, "must be a non-negative integer");
  const lendable = numberAt(limited, "lendablePercent");
  if (lendable !== undefined && (lendable < 0 || lendable > 100))
    problems.invalid(`${field}.lendablePercent`, lendable, "must be between 0 and 100, inclusive");
  const borrowing = numberAt(limited, "borrowingLimitPercent");
  if (borrowing !== undefined && borrowing < 0) {
    const detail = "if specified, must be a non-negative integer";
    problems.invalid(`${field}.borrowingLimitPercent`, borrowing, detail);
  }
  const response = membersAt(limited, "limitResponse");
  const queuing = membersAt(response, "queuing");
  const type = textAt(response, "type");
  const at = `${field}.limitResponse`;
  if (type === "Queue") {
    if (queuing === undefined)
      problems.required(`${at}.queuing`, "must not be empty if limitResponse.type is Limited");
    else validateQueuing(problems, `${at}.queuing`, queuing);
  } else if (type === "Reject") {
    if (queuing !== undefined)
      problems.forbidden(`${at}.queuing`, "must be nil if limited.limitResponse.type is not Limited");
  } else problems.unsupported(`${at}.type`, type, ["Queue", "Reject"]);
}

function validateQueuing(problems: Problems, field: string, queuing: Members): void {
  const queues = numberAt(queuing, "queues") ?? 0;
  const length = numberAt(queuing, "queueLengthLimit") ?? 0;
  const hand = numberAt(queuing, "handSize") ?? 0;
  if (length <= 0) problems.invalid(`${field}.queueLengthLimit`, length, "must be positive");
  if (queues <= 0) problems.invalid(`${field}.queues`, queues, "must be positive");
  if (queues > 10_000_000) problems.invalid(`${field}.queues`, queues, "must not be greater than 10000000");
  if (hand <= 0) problems.invalid(`${field}.handSize`, hand, "must be positive");
  if (hand > queues)
    problems.invalid(`${field}.handSize`, hand, `should not be greater than queues (${queues})`);
}

export function validateApiService(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const required = `${textAt(spec, "version")}.${textAt(spec, "group")}`;
  const { name } = object.metadata;
  if (name !== required) {
    problems.invalid(
      "metadata.name",
      name,
      `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(required)}`,
    );
  }
  for (const [field, most] of [
    ["groupPriorityMinimum", 20_000],
    ["versionPriority", 1_000],
  ] as const) {
    const value = numberAt(spec, field) ?? 0;
    if (value <= 0 || value > most)
      problems.invalid(`spec.${field}`, value, `must be positive and less than ${most}`);
  }
  const service = membersAt(spec, "service");
  const bundle = textAt(spec, "caBundle");
  const skips = spec["insecureSkipTLSVerify"] === true;
  if (service === undefined) {
    if (bundle !== "")
      problems.invalid(
        "spec.caBundle",
        `${bundle.length} bytes`,
        "local APIServices may not have a caBundle",
      );
    if (skips)
      problems.invalid(
        "spec.insecureSkipTLSVerify",
        true,
        "local APIServices may not have insecureSkipTLSVerify",
      );
    return;
  }
  for (const field of ["namespace", "name"]) {
    if (textAt(service, field) === "") problems.required(`spec.service.${field}`);
  }
  if (skips && bundle !== "")
    problems.invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
}
