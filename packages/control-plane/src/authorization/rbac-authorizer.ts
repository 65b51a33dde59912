import type { KubeObject } from "@capstan/kube";
import type { AccessDecision, AccessRequest, Authorizer, RulesOfUser, User } from "../registry/ports.js";
import { type Binding, type PolicyRule, RBAC_GROUP, type Role, ruleAllows, type Subject } from "./policy.js";

/** Members of this group may do everything. */
export const PRIVILEGED_GROUP = "system:masters";

const ACCOUNT_PREFIX = "system:serviceaccount:";

/** A binding as far as one of its subjects goes. */
interface Grant {
  readonly binding: Binding;
  readonly subject: Subject;
}

/** The rules that apply to a user, and what could not be resolved on the way. */
export interface ResolvedRules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

type RbacKind = "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding";
const KINDS: ReadonlySet<string> = new Set(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);

/**
 * Role-based access control over the roles and bindings that it is told of by `put` and `remove`.
 * Bindings are indexed by subject, so that a decision looks only at those of the user and its groups.
 */
export class RbacAuthorizer implements Authorizer {
  readonly #roles = new Map<string, Role>();
  readonly #bindings = new Map<string, Binding>();
  /** Grants by namespace (empty for cluster-wide ones), then by subject. */
  readonly #grants = new Map<string, Map<string, Grant[]>>();

  /** Takes over a created or changed object; objects of other kinds are ignored. */
  put(object: KubeObject): void {
    const kind = rbacKind(object);
    if (kind === "Role" || kind === "ClusterRole") {
      this.#roles.set(roleKey(kind, object.metadata.namespace, object.metadata.name), object as Role);
    } else if (kind) {
      this.remove(object);
      this.#bindings.set(bindingKey(object), object as Binding);
      this.#index(object as Binding);
    }
  }

  remove(object: KubeObject): void {
    const kind = rbacKind(object);
    if (kind === "Role" || kind === "ClusterRole") {
      this.#roles.delete(roleKey(kind, object.metadata.namespace, object.metadata.name));
      return;
    }
    if (!kind) return;
    const key = bindingKey(object);
    const former = this.#bindings.get(key);
    if (former) this.#unindex(former);
    this.#bindings.delete(key);
  }

  /** The role of that name: a ClusterRole without a namespace, else a Role. */
  role(namespace: string | undefined, name: string): Role | undefined {
    return this.#roles.get(roleKey(namespace === undefined ? "ClusterRole" : "Role", namespace, name));
  }

  authorize(request: AccessRequest): AccessDecision {
    if (request.user.groups.includes(PRIVILEGED_GROUP)) return { allowed: true };
    const errors: string[] = [];
    for (const grant of this.#grantsOf(
      request.user,
      request.resource === undefined ? undefined : request.namespace,
    )) {
      const rules = this.#rulesOf(grant.binding, errors);
      if (!rules.some((rule) => ruleAllows(rule, request))) continue;
      return { allowed: true, reason: reasonOf(grant) };
    }
    return errors.length === 0
      ? { allowed: false }
      : { allowed: false, reason: `RBAC: ${aggregate(errors)}` };
  }

  rulesFor(user: User, namespace: string): RulesOfUser {
    const { rules, errors } = this.resolve(user, namespace);
    const resourceRules: Record<string, unknown>[] = [];
    const nonResourceRules: Record<string, unknown>[] = [];
    for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of rules) {
      if (resources && resources.length > 0) {
        const names = resourceNames && resourceNames.length > 0 ? { resourceNames } : {};
        resourceRules.push({ verbs, apiGroups, resources, ...names });
      }
      if (nonResourceURLs && nonResourceURLs.length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
    }
    const incomplete = errors.length > 0;
    return {
      resourceRules,
      nonResourceRules,
      incomplete,
      ...(incomplete ? { evaluationError: aggregate(errors) } : {}),
    };
  }

  /** Every rule that applies to a user in a namespace, or cluster-wide where it is left out. */
  resolve(user: User, namespace: string | undefined): ResolvedRules {
    const errors: string[] = [];
    const rules: PolicyRule[] = [];
    const seen = new Set<Binding>();
    for (const { binding } of this.#grantsOf(user, namespace)) {
      if (seen.has(binding)) continue;
      seen.add(binding);
      rules.push(...this.#rulesOf(binding, errors));
    }
    return { rules, errors };
  }

  *#grantsOf(user: User, namespace: string | undefined): Generator<Grant> {
    for (const scope of namespace ? ["", namespace] : [""]) {
      const grants = this.#grants.get(scope);
      if (!grants) continue;
      yield* grants.get(`u:${user.name}`) ?? [];
      for (const group of user.groups) yield* grants.get(`g:${group}`) ?? [];
    }
  }

  #rulesOf(binding: Binding, errors: string[]): readonly PolicyRule[] {
    const { kind, name } = binding.roleRef;
    const namespace = kind === "Role" ? binding.metadata.namespace : undefined;
    const role = this.role(namespace, name);
    if (role) return role.rules ?? [];
    errors.push(`${kind.toLowerCase()}.${RBAC_GROUP} ${JSON.stringify(name)} not found`);
    return [];
  }

  #index(binding: Binding): void {
    const scope = scopeOf(binding);
    let grants = this.#grants.get(scope);
    if (!grants) {
      grants = new Map();
      this.#grants.set(scope, grants);
    }
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, binding.metadata.namespace);
      if (key === undefined) continue;
      const list = grants.get(key);
      if (list) list.push({ binding, subject });
      else grants.set(key, [{ binding, subject }]);
    }
  }

  #unindex(binding: Binding): void {
    const scope = scopeOf(binding);
    const grants = this.#grants.get(scope);
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, binding.metadata.namespace);
      if (key === undefined) continue;
      const rest = grants?.get(key)?.filter((grant) => grant.binding !== binding) ?? [];
      if (rest.length > 0) grants?.set(key, rest);
      else grants?.delete(key);
    }
    if (grants?.size === 0) this.#grants.delete(scope);
  }
}

function rbacKind({ apiVersion, kind }: KubeObject): RbacKind | undefined {
  return apiVersion.startsWith(`${RBAC_GROUP}/`) && KINDS.has(kind) ? (kind as RbacKind) : undefined;
}

function roleKey(kind: string, namespace: string | undefined, name: string): string {
  return kind === "Role" ? `${namespace ?? ""}/${name}` : `/${name}`;
}

function bindingKey({ kind, metadata }: KubeObject): string {
  return kind === "RoleBinding" ? `${metadata.namespace ?? ""}/${metadata.name}` : `/${metadata.name}`;
}

function scopeOf({ kind, metadata }: KubeObject): string {
  return kind === "RoleBinding" ? (metadata.namespace ?? "") : "";
}

function subjectKey(
  { kind, name, namespace }: Subject,
  bindingNamespace: string | undefined,
): string | undefined {
  if (kind === "User") return `u:${name}`;
  if (kind === "Group") return `g:${name}`;
  if (kind !== "ServiceAccount") return undefined;
  const home = namespace || bindingNamespace;
  return home ? `u:${ACCOUNT_PREFIX}${home}:${name}` : undefined;
}

function reasonOf({ binding, subject }: Grant): string {
  const { kind, metadata, roleRef } = binding;
  const name = kind === "RoleBinding" ? `${metadata.name}/${metadata.namespace ?? ""}` : metadata.name;
  const who = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace ?? ""}` : subject.name;
  return `RBAC: allowed by ${kind} ${JSON.stringify(name)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject.kind} ${JSON.stringify(who)}`;
}

/** Several errors as Go joins them, each once. */
function aggregate(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? (distinct[0] ?? "") : `[${distinct.join(", ")}]`;
}
