import type { KubeObject } from "@capstan/kube";
import { deepEqual } from "@capstan/kube";
import { forbidden, notFound } from "../handler/errors.js";
import type { AdmissionRequest, User } from "../registry/ports.js";
import { type Binding, type PolicyRule, RBAC_GROUP, type Role } from "./policy.js";
import { PRIVILEGED_GROUP, type RbacAuthorizer } from "./rbac-authorizer.js";

const ROLE_RESOURCES = new Set(["roles", "clusterroles"]);
const BINDING_RESOURCES = new Set(["rolebindings", "clusterrolebindings"]);
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

/**
 * Refuses writes of roles and bindings that would grant what the user does not hold, unless the user may
 * `escalate` (roles) or `bind` (bindings). Throws `ApiError` 403 with the missing rules, 404 for a binding to
 * a role that does not exist. Requests for other kinds pass.
 */
export function assertNoEscalation(request: AdmissionRequest, authorizer: RbacAuthorizer): void {
  const { kind, operation, object, oldObject, user } = request;
  if (kind.group !== RBAC_GROUP || !object || (operation !== "CREATE" && operation !== "UPDATE")) return;
  if (user.groups.includes(PRIVILEGED_GROUP)) return;
  if (oldObject && changesOnlyOwners(object, oldObject)) return;
  if (ROLE_RESOURCES.has(kind.resource)) assertRole(request, object as Role, authorizer);
  else if (BINDING_RESOURCES.has(kind.resource)) assertBinding(request, object as Binding, authorizer);
}

/** What garbage collection writes while it takes an object away is never an escalation. */
function changesOnlyOwners(object: KubeObject, old: KubeObject): boolean {
  const bare = ({ metadata, ...rest }: KubeObject): unknown => {
    const { ownerReferences: _o, finalizers: _f, resourceVersion: _r, managedFields: _m, ...kept } = metadata;
    return { ...rest, metadata: kept };
  };
  return deepEqual(bare(object), bare(old)) && !deepEqual(object.metadata, old.metadata);
}

function assertRole(request: AdmissionRequest, role: Role, authorizer: RbacAuthorizer): void {
  const { kind, user, namespace, name } = request;
  const { resource, version } = kind;
  const may = authorizer.authorize({
    user,
    verb: "escalate",
    group: RBAC_GROUP,
    version,
    resource,
    name,
    ...(namespace ? { namespace } : {}),
  });
  if (may.allowed) return;
  assertHeld(request, role.rules ?? [], authorizer);
  if (!role.aggregationRule?.clusterRoleSelectors) return;
  const former = request.oldObject as Role | undefined;
  if (former && deepEqual(former.aggregationRule, role.aggregationRule)) return;
  const { rules } = authorizer.resolve(user, namespace);
  if (missingRules(rules, EVERYTHING).length === 0) return;
  throw forbidden(kind, name, "must have cluster-admin privileges to use the aggregationRule");
}

function assertBinding(request: AdmissionRequest, binding: Binding, authorizer: RbacAuthorizer): void {
  const { kind, user, namespace } = request;
  const { roleRef } = binding;
  const resource = roleRef.kind === "Role" ? "roles" : "clusterroles";
  const scope = namespace ? { namespace } : {};
  const may = authorizer.authorize({
    user,
    verb: "bind",
    group: RBAC_GROUP,
    version: kind.version,
    resource,
    name: roleRef.name,
    ...scope,
  });
  if (may.allowed) return;
  const role = authorizer.role(roleRef.kind === "Role" ? (namespace ?? "") : undefined, roleRef.name);
  if (!role) throw notFound(kind, roleRef.name);
  assertHeld(request, role.rules ?? [], authorizer);
}

function assertHeld(
  request: AdmissionRequest,
  wanted: readonly PolicyRule[],
  authorizer: RbacAuthorizer,
): void {
  const { kind, user, namespace, name } = request;
  const { rules, errors } = authorizer.resolve(user, namespace);
  const missing = missingRules(rules, wanted);
  if (missing.length === 0) return;
  const lines = [...new Set(compact(missing).map(formatRule))].sort();
  const unresolved = errors.length > 0 ? `; resolution errors: [${errors.join(", ")}]` : "";
  throw forbidden(kind, name, `${introduce(user)}${lines.join("\n")}${unresolved}`);
}

function introduce({ name, groups }: User): string {
  return `user ${JSON.stringify(name)} (groups=${quoteAll(groups)}) is attempting to grant RBAC permissions not currently held:\n`;
}

/** The parts of `wanted`, each down to one verb on one resource, that no single rule of `held` covers. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !held.some((rule) => covers(rule, part)));
}

function breakDown({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const part = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) parts.push(part);
        for (const name of resourceNames) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs)
    for (const verb of verbs) parts.push({ verbs: [verb], nonResourceURLs: [url] });
  return parts;
}

function covers(rule: PolicyRule, part: PolicyRule): boolean {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = part;
  return (
    includesAll(rule.verbs, part.verbs) &&
    includesAll(rule.apiGroups, apiGroups) &&
    resources.every((resource) => coversResource(rule.resources, resource)) &&
    coversNames(rule.resourceNames, resourceNames) &&
    nonResourceURLs.every((url) => coversPath(rule.nonResourceURLs, url))
  );
}

function includesAll(held: readonly string[] = [], wanted: readonly string[]): boolean {
  return held.includes("*") || wanted.every((item) => held.includes(item));
}

function coversResource(held: readonly string[] = [], resource: string): boolean {
  if (held.includes("*") || held.includes(resource)) return true;
  const slash = resource.indexOf("/");
  return slash >= 0 && held.includes(`*${resource.slice(slash)}`);
}

function coversNames(held: readonly string[] = [], wanted: readonly string[]): boolean {
  return held.length === 0 || (wanted.length > 0 && wanted.every((name) => held.includes(name)));
}

function coversPath(held: readonly string[] = [], path: string): boolean {
  return held.some(
    (item) => item === "*" || item === path || (item.endsWith("*") && path.startsWith(item.slice(0, -1))),
  );
}

/** Unites rules for the same resource and name into one with all their verbs. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const united = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const rule of rules) {
    const { verbs, ...what } = rule;
    if (!rule.resources) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify(what);
    const known = united.get(key);
    united.set(key, known ? { ...known, verbs: [...known.verbs, ...verbs] } : rule);
  }
  return [...united.values(), ...others];
}

function formatRule({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string {
  const parts: string[] = [];
  if (apiGroups.length > 0) parts.push(`APIGroups:${quoteAll(apiGroups)}`);
  if (resources.length > 0) parts.push(`Resources:${quoteAll(resources)}`);
  if (nonResourceURLs.length > 0) parts.push(`NonResourceURLs:${quoteAll(nonResourceURLs)}`);
  if (resourceNames.length > 0) parts.push(`ResourceNames:${quoteAll(resourceNames)}`);
  parts.push(`Verbs:${quoteAll(verbs)}`);
  return `{${parts.join(", ")}}`;
}

function quoteAll(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(" ")}]`;
}
