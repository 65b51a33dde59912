import type { KubeObject } from "@capstan/kube";
import type { AccessRequest } from "../registry/ports.js";

export const RBAC_GROUP = "rbac.authorization.k8s.io";
export const RBAC_VERSION = `${RBAC_GROUP}/v1`;

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

interface RoleRef {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** A Role or ClusterRole. */
export interface Role extends KubeObject {
  rules?: readonly PolicyRule[] | null;
  aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelectorSpec[] };
}

/** A RoleBinding or ClusterRoleBinding. */
export interface Binding extends KubeObject {
  subjects?: readonly Subject[] | null;
  roleRef: RoleRef;
}

/** Whether a rule allows a request. */
export function ruleAllows(rule: PolicyRule, request: AccessRequest): boolean {
  if (!matches(rule.verbs, request.verb)) return false;
  if (request.resource === undefined) return pathMatches(rule.nonResourceURLs, request.path ?? "");
  return (
    matches(rule.apiGroups, request.group ?? "") &&
    resourceMatches(rule.resources, request.resource, request.subresource) &&
    nameMatches(rule.resourceNames, request.name)
  );
}

function matches(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((item) => item === "*" || item === value) ?? false;
}

function resourceMatches(
  list: readonly string[] | undefined,
  resource: string,
  subresource: string | undefined,
): boolean {
  if (!subresource) return matches(list, resource);
  const whole = `${resource}/${subresource}`;
  return list?.some((item) => item === "*" || item === whole || item === `*/${subresource}`) ?? false;
}

function nameMatches(list: readonly string[] | undefined, name: string | undefined): boolean {
  return !list || list.length === 0 || list.includes(name ?? "");
}

function pathMatches(list: readonly string[] | undefined, path: string): boolean {
  return (
    list?.some(
      (item) => item === "*" || item === path || (item.endsWith("*") && path.startsWith(item.slice(0, -1))),
    ) ?? false
  );
}
