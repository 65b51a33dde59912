import { isQualifiedName } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";
import type { Problems } from "./problems.js";
import { validateNodeSelector, validateNodeTerm, validateSelector } from "./selectors.js";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Which taints a pod puts up with. */
export function validateTolerations(
  problems: Problems,
  field: string,
  tolerations: readonly Members[],
): void {
  tolerations.forEach((toleration, index) => {
    const at = `${field}[${index}]`;
    const key = textAt(toleration, "key");
    const operator = textAt(toleration, "operator");
    const effect = textAt(toleration, "effect");
    if (key !== "") problems.names(`${at}.key`, key, isQualifiedName);
    if (key === "" && operator !== "Exists") {
      problems.invalid(
        `${at}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      );
    }
    if (toleration["tolerationSeconds"] !== undefined && effect !== "NoExecute") {
      problems.invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (operator === "Exists" && textAt(toleration, "value") !== "") {
      problems.invalid(
        `${at}.operator`,
        textAt(toleration, "value"),
        "value must be empty when `operator` is 'Exists'",
      );
    } else if (!["", "Equal", "Exists"].includes(operator)) {
      problems.unsupported(`${at}.operator`, operator, ["Equal", "Exists"]);
    }
    if (effect !== "") problems.oneOf(`${at}.effect`, effect, EFFECTS);
  });
}

/** Where a pod wants to run and beside whom. */
export function validateAffinity(problems: Problems, field: string, affinity: Members | undefined): void {
  const node = membersAt(affinity, "nodeAffinity");
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  validateNodeSelector(problems, `${field}.nodeAffinity.${required}`, membersAt(node, required));
  listAt(node, preferred).forEach((term, index) => {
    const at = `${field}.nodeAffinity.${preferred}[${index}]`;
    validateWeight(problems, at, term);
    validateNodeTerm(problems, `${at}.preference`, membersAt(term, "preference") ?? {});
  });
  for (const name of ["podAffinity", "podAntiAffinity"]) {
    const pods = membersAt(affinity, name);
    listAt(pods, required).forEach((term, index) => {
      validatePodTerm(problems, `${field}.${name}.${required}[${index}]`, term);
    });
    listAt(pods, preferred).forEach((term, index) => {
      const at = `${field}.${name}.${preferred}[${index}]`;
      validateWeight(problems, at, term);
      validatePodTerm(problems, `${at}.podAffinityTerm`, membersAt(term, "podAffinityTerm") ?? {});
    });
  }
}

function validateWeight(problems: Problems, field: string, term: Members): void {
  const weight = numberAt(term, "weight") ?? 0;
  if (weight < 1 || weight > 100) problems.invalid(`${field}.weight`, weight, "must be in the range 1-100");
}

function validatePodTerm(problems: Problems, field: string, term: Members): void {
  validateSelector(problems, `${field}.labelSelector`, membersAt(term, "labelSelector"));
  validateSelector(problems, `${field}.namespaceSelector`, membersAt(term, "namespaceSelector"));
  if (textAt(term, "topologyKey") === "") problems.required(`${field}.topologyKey`, "can not be empty");
  problems.names(`${field}.topologyKey`, textAt(term, "topologyKey"), isQualifiedName);
}

/** How evenly pods spread. */
export function validateSpread(problems: Problems, field: string, constraints: readonly Members[]): void {
  const first = new Map<string, number>();
  constraints.forEach((constraint, index) => {
    const at = `${field}[${index}]`;
    const skew = numberAt(constraint, "maxSkew") ?? 0;
    const key = textAt(constraint, "topologyKey");
    const action = textAt(constraint, "whenUnsatisfiable");
    if (skew <= 0) problems.invalid(`${at}.maxSkew`, skew, "must be greater than zero");
    if (key === "") problems.required(`${at}.topologyKey`, "can not be empty");
    else problems.names(`${at}.topologyKey`, key, isQualifiedName);
    problems.oneOf(`${at}.whenUnsatisfiable`, action, ["DoNotSchedule", "ScheduleAnyway"]);
    const pair = `{${key}, ${action}}`;
    const earlier = first.get(pair);
    if (earlier === undefined) first.set(pair, index);
    else problems.duplicate(`${field}[${earlier}].{topologyKey, whenUnsatisfiable}`, pair);
    const domains = numberAt(constraint, "minDomains");
    if (domains !== undefined && domains <= 0)
      problems.invalid(`${at}.minDomains`, domains, "must be greater than zero");
    if (domains !== undefined && action !== "DoNotSchedule") {
      problems.invalid(
        `${at}.minDomains`,
        domains,
        `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`,
      );
    }
    validateSelector(problems, `${at}.labelSelector`, membersAt(constraint, "labelSelector"));
  });
}
