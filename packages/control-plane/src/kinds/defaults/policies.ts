import { defaultEmptyTo, defaultTo, ensureMembers, listAt, type Members, membersAt } from "../members.js";

/** Defaults of webhook configurations; only mutating ones say how often they are asked again. */
export function defaultWebhooks(object: Members, mutating: boolean): void {
  for (const webhook of listAt(object, "webhooks")) {
    defaultTo(webhook, "failurePolicy", "Fail");
    defaultTo(webhook, "matchPolicy", "Equivalent");
    defaultTo(webhook, "namespaceSelector", {});
    defaultTo(webhook, "objectSelector", {});
    defaultTo(webhook, "timeoutSeconds", 10);
    if (mutating) defaultTo(webhook, "reinvocationPolicy", "Never");
    for (const rule of listAt(webhook, "rules")) defaultTo(rule, "scope", "*");
    const service = membersAt(membersAt(webhook, "clientConfig"), "service");
    if (service !== undefined) defaultTo(service, "port", 443);
  }
}

function defaultMatchResources(match: Members | undefined): void {
  if (match === undefined) return;
  defaultTo(match, "matchPolicy", "Equivalent");
  defaultTo(match, "namespaceSelector", {});
  defaultTo(match, "objectSelector", {});
  for (const list of ["resourceRules", "excludeResourceRules"]) {
    for (const rule of listAt(match, list)) defaultTo(rule, "scope", "*");
  }
}

export function defaultAdmissionPolicy(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultTo(spec, "failurePolicy", "Fail");
  defaultMatchResources(membersAt(spec, "matchConstraints"));
}

export function defaultAdmissionPolicyBinding(object: Members): void {
  defaultMatchResources(membersAt(membersAt(object, "spec"), "matchResources"));
}

const RBAC = "rbac.authorization.k8s.io";

export function defaultRoleBinding(object: Members): void {
  const roleRef = membersAt(object, "roleRef");
  if (roleRef !== undefined) defaultEmptyTo(roleRef, "apiGroup", RBAC);
  for (const subject of listAt(object, "subjects")) {
    if (subject["kind"] === "User" || subject["kind"] === "Group") defaultEmptyTo(subject, "apiGroup", RBAC);
  }
}

export function defaultFlowSchema(object: Members): void {
  defaultEmptyTo(ensureMembers(object, "spec"), "matchingPrecedence", 1000);
}

export function defaultPriorityLevel(object: Members): void {
  const spec = ensureMembers(object, "spec");
  const exempt = membersAt(spec, "exempt");
  if (exempt !== undefined) {
    defaultTo(exempt, "nominalConcurrencyShares", 0);
    defaultTo(exempt, "lendablePercent", 0);
  }
  const limited = membersAt(spec, "limited");
  if (limited === undefined) return;
  defaultTo(limited, "nominalConcurrencyShares", 30);
  defaultTo(limited, "lendablePercent", 0);
  const queuing = membersAt(membersAt(limited, "limitResponse"), "queuing");
  if (queuing === undefined) return;
  defaultEmptyTo(queuing, "handSize", 8);
  defaultEmptyTo(queuing, "queues", 64);
  defaultEmptyTo(queuing, "queueLengthLimit", 50);
}
