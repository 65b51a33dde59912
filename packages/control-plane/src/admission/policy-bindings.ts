import {
  type KubeObject,
  type LabelSelectorObject,
  labelSelectorFromObject,
  matchesLabels,
} from "@capstan/kube";
import { atVersion, type EquivalentKinds } from "../registry/equivalent-kinds.js";
import type { ServedKind } from "../registry/kind.js";
import type { AdmissionRequest, Authorizer } from "../registry/ports.js";
import type { AdmissionState, ParamSource } from "./admission-state.js";
import { matchedKind } from "./match-resources.js";
import { listOf, type Members, membersOf, textOf } from "./members.js";
import { specOf } from "./pod-request.js";
import { authorizerBindings, type PolicyEvaluation, requestVariable } from "./policy-expressions.js";

const GROUP = "admissionregistration.k8s.io";

/** What policies are read from. */
export interface PolicyParts {
  readonly state: AdmissionState;
  readonly params: ParamSource;
  readonly authorizer: Authorizer;
  readonly versions: EquivalentKinds;
}

/** One policy through one of its bindings, with each of the parameters; or why that cannot be done. */
export interface BoundPolicy {
  readonly policy: KubeObject;
  readonly binding: KubeObject;
  readonly spec: Members;
  /** `[null]` where the policy takes none; a text where the binding cannot be configured. */
  readonly params: readonly (KubeObject | null)[] | string;
  /** The request at the version that the policy is for. */
  readonly request: AdmissionRequest;
}

/** The policies of a resource that apply to a request through their bindings, by name. */
export function* boundPolicies(
  resource: "validatingadmissionpolicies" | "mutatingadmissionpolicies",
  request: AdmissionRequest,
  parts: PolicyParts,
): Generator<BoundPolicy> {
  const policies = parts.state.list(GROUP, resource);
  if (policies.length === 0) return;
  const bindings = parts.state.list(GROUP, resource.replace(/policies$/, "policybindings"));
  for (const policy of policies) {
    const spec = specOf(policy);
    const own = bindings.filter((binding) => specOf(binding)["policyName"] === policy.metadata.name);
    if (own.length === 0) continue;
    const kind = matchedKind(membersOf(spec["matchConstraints"]), request, parts);
    if (kind === undefined) continue;
    for (const binding of own) {
      const bindingSpec = specOf(binding);
      if (!matchedKind(membersOf(bindingSpec["matchResources"]), request, parts)) continue;
      const params = paramsOf(spec, bindingSpec, request, parts.params);
      yield { policy, binding, spec, params, request: requestAt(request, kind) };
    }
  }
}

/** The request as it would be at another version of its kind. Throws `NotConverted` as `atVersion` does. */
export function requestAt(request: AdmissionRequest, kind: ServedKind): AdmissionRequest {
  if (kind === request.kind) return request;
  const { object, oldObject } = request;
  return {
    ...request,
    kind,
    requestKind: request.kind,
    object: object && atVersion(object, request.kind, kind),
    oldObject: oldObject && atVersion(oldObject, request.kind, kind),
  };
}

/** The parameters of a binding, `[null]` where it takes none; or why they cannot be had. */
function paramsOf(
  policy: Members,
  binding: Members,
  request: AdmissionRequest,
  source: ParamSource,
): readonly (KubeObject | null)[] | string {
  const { apiVersion, kind } = membersOf(policy["paramKind"]);
  const ref = membersOf(binding["paramRef"]);
  if (typeof kind !== "string" || Object.keys(ref).length === 0) return [null];
  const served = source.kind(textOf(apiVersion), kind);
  if (!served) return `paramKind kind \`${textOf(apiVersion)}, Kind=${kind}\` not known`;
  const namespace = served.namespaced ? textOf(ref["namespace"]) || request.namespace : undefined;
  if (served.namespaced && !namespace) {
    return "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources";
  }
  const all = source.list(textOf(apiVersion), kind, namespace);
  const name = textOf(ref["name"]);
  const selector = labelSelectorFromObject(membersOf(ref["selector"]) as LabelSelectorObject);
  const found =
    name === ""
      ? all.filter(({ metadata }) => matchesLabels(selector, metadata.labels ?? {}))
      : all.filter(({ metadata }) => metadata.name === name);
  if (found.length > 0) return found;
  return ref["parameterNotFoundAction"] === "Allow"
    ? []
    : "no params found for policy binding with `Deny` parameterNotFoundAction";
}

/** The variables that expressions of a policy may use. */
export function policyVariables(
  params: KubeObject | null,
  request: AdmissionRequest,
  parts: PolicyParts,
): Record<string, unknown> {
  const { object, oldObject, namespace, kind } = request;
  const own = kind.namespaced && namespace !== undefined;
  return {
    object: object ?? null,
    oldObject: oldObject ?? null,
    request: requestVariable(request),
    params,
    namespaceObject: own ? (parts.state.get("", "namespaces", undefined, namespace) ?? null) : null,
    ...authorizerBindings(request, parts.authorizer),
  };
}

/** Whether the match conditions of a policy hold; a text where one of them cannot be evaluated. */
export function conditionsHold(spec: Members, evaluation: PolicyEvaluation): boolean | { error: string } {
  for (const { expression } of listOf(spec["matchConditions"])) {
    const result = evaluation.evaluate(textOf(expression));
    if ("error" in result) return result;
    if (result.value !== true) return false;
  }
  return true;
}

/** Makes the variables of a policy known to the expressions after them. */
export function defineVariables(spec: Members, evaluation: PolicyEvaluation): void {
  for (const { name, expression } of listOf(spec["variables"])) {
    evaluation.define(textOf(name), textOf(expression));
  }
}
