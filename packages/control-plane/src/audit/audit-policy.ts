import { parseYaml } from "@capstan/kube";
import type { RequestInfo } from "../handler/request-info.js";
import type { User } from "../registry/ports.js";

const LEVELS = ["None", "Metadata", "Request", "RequestResponse"] as const;
const STAGES = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;

/** How much of a request is written down. */
export type AuditLevel = (typeof LEVELS)[number];
export type AuditStage = (typeof STAGES)[number];

/** What is written down of which requests: `audit.k8s.io/v1` Policy. The first rule that matches decides. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

/** Empty lists match everything. */
interface AuditRule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  readonly resources: readonly AuditedResources[];
  readonly nonResourceURLs: readonly string[];
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean | undefined;
}

interface AuditedResources {
  readonly group: string;
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

/** A policy that cannot be used; the message says where and why. */
export class AuditPolicyError extends Error {
  override readonly name = "AuditPolicyError";
}

const ANYTHING = { users: [], userGroups: [], namespaces: [], resources: [], nonResourceURLs: [] } as const;

/**
 * Without a policy of somebody's own: bodies of writes, nothing of the constant reading of health and
 * discovery, and the metadata of the rest.
 */
export const DEFAULT_AUDIT_POLICY: AuditPolicy = {
  omitStages: ["RequestReceived"],
  omitManagedFields: true,
  rules: [
    {
      ...ANYTHING,
      level: "None",
      verbs: ["get"],
      nonResourceURLs: ["/livez*", "/readyz*", "/healthz*", "/version", "/metrics", "/api*", "/openapi*"],
      omitStages: [],
      omitManagedFields: undefined,
    },
    {
      ...ANYTHING,
      level: "Metadata",
      verbs: [],
      resources: [{ group: "coordination.k8s.io", resources: ["leases"], resourceNames: [] }],
      omitStages: [],
      omitManagedFields: undefined,
    },
    {
      ...ANYTHING,
      level: "Request",
      verbs: ["create", "update", "patch", "delete", "deletecollection"],
      omitStages: [],
      omitManagedFields: undefined,
    },
    { ...ANYTHING, level: "Metadata", verbs: [], omitStages: [], omitManagedFields: undefined },
  ],
};

/** Reads a policy file (YAML or JSON). Throws `AuditPolicyError`. */
export function parseAuditPolicy(text: string, file: string): AuditPolicy {
  const policy = members(parseYaml(text, { file }), file, "the file");
  if (policy["apiVersion"] !== "audit.k8s.io/v1" || policy["kind"] !== "Policy") {
    throw new AuditPolicyError(`${file}: expected apiVersion audit.k8s.io/v1 and kind Policy`);
  }
  const rules = policy["rules"];
  if (!Array.isArray(rules) || rules.length === 0) throw new AuditPolicyError(`${file}: rules are required`);
  return {
    rules: rules.map((rule, index) => readRule(rule, file, `rules[${index}]`)),
    omitStages: choices(policy["omitStages"], STAGES, file, "omitStages"),
    omitManagedFields: policy["omitManagedFields"] === true,
  };
}

function readRule(value: unknown, file: string, at: string): AuditRule {
  const rule = members(value, file, at);
  const [level] = choices([rule["level"]], LEVELS, file, `${at}.level`);
  const resources = rule["resources"] ?? [];
  if (!Array.isArray(resources)) throw new AuditPolicyError(`${file}: ${at}.resources is not a list`);
  const read = {
    level: level ?? "None",
    users: texts(rule["users"], file, `${at}.users`),
    userGroups: texts(rule["userGroups"], file, `${at}.userGroups`),
    verbs: texts(rule["verbs"], file, `${at}.verbs`),
    namespaces: texts(rule["namespaces"], file, `${at}.namespaces`),
    resources: resources.map((each, index) => readResources(each, file, `${at}.resources[${index}]`)),
    nonResourceURLs: texts(rule["nonResourceURLs"], file, `${at}.nonResourceURLs`),
    omitStages: choices(rule["omitStages"], STAGES, file, `${at}.omitStages`),
    omitManagedFields: typeof rule["omitManagedFields"] === "boolean" ? rule["omitManagedFields"] : undefined,
  };
  if (read.nonResourceURLs.length > 0 && read.resources.length + read.namespaces.length > 0) {
    throw new AuditPolicyError(`${file}: ${at} names both resources and paths; a rule takes one of them`);
  }
  return read;
}

function readResources(value: unknown, file: string, at: string): AuditedResources {
  const { group = "", resources, resourceNames } = members(value, file, at);
  if (typeof group !== "string") throw new AuditPolicyError(`${file}: ${at}.group is not a string`);
  return {
    group,
    resources: texts(resources, file, `${at}.resources`),
    resourceNames: texts(resourceNames, file, `${at}.resourceNames`),
  };
}

function members(value: unknown, file: string, at: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new AuditPolicyError(`${file}: ${at} is not an object`);
}

function texts(value: unknown, file: string, at: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  throw new AuditPolicyError(`${file}: ${at} is not a list of strings`);
}

function choices<T extends string>(
  value: unknown,
  known: readonly T[],
  file: string,
  at: string,
): readonly T[] {
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    const found = known.find((one) => one === each);
    if (found !== undefined) return found;
    throw new AuditPolicyError(`${file}: ${at}: ${JSON.stringify(each)} is none of ${known.join(", ")}`);
  });
}

const NOTHING: AuditDecision = { level: "None", omitStages: [], omitManagedFields: false };

/** What the policy says of a request. */
export function auditDecision(policy: AuditPolicy, user: User | undefined, info: RequestInfo): AuditDecision {
  const rule = policy.rules.find((each) => matches(each, user, info));
  if (rule === undefined) return NOTHING;
  return {
    level: rule.level,
    omitStages: [...policy.omitStages, ...rule.omitStages],
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
  };
}

function matches(rule: AuditRule, user: User | undefined, info: RequestInfo): boolean {
  if (rule.users.length > 0 && !rule.users.includes(user?.name ?? "")) return false;
  if (rule.userGroups.length > 0 && !rule.userGroups.some((group) => user?.groups.includes(group))) {
    return false;
  }
  if (rule.verbs.length > 0 && !rule.verbs.includes(info.verb)) return false;
  if (rule.nonResourceURLs.length > 0) {
    return !info.isResource && rule.nonResourceURLs.some((pattern) => matchesPath(pattern, info.path));
  }
  if (rule.namespaces.length === 0 && rule.resources.length === 0) return true;
  if (!info.isResource) return false;
  if (rule.namespaces.length > 0 && !rule.namespaces.includes(info.namespace ?? "")) return false;
  return rule.resources.length === 0 || rule.resources.some((each) => matchesResource(each, info));
}

function matchesPath(pattern: string, path: string): boolean {
  if (pattern === "*") return true;
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

function matchesResource(
  rule: AuditedResources,
  { group, resource, subresource, name }: RequestInfo & { readonly isResource: true },
): boolean {
  if (rule.group !== group) return false;
  if (rule.resourceNames.length > 0 && !rule.resourceNames.includes(name)) return false;
  if (rule.resources.length === 0) return true;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  return rule.resources.some(
    (pattern) =>
      pattern === "*" ||
      pattern === full ||
      (subresource !== undefined && (pattern === `*/${subresource}` || pattern === `${resource}/*`)),
  );
}
