import { ApiError, type KubeObject, type StatusReason } from "@capstan/kube";
import { groupResource } from "../handler/errors.js";
import type { Admission, AdmissionRequest, Authorizer } from "../registry/ports.js";
import type { AdmissionState, ParamSource } from "./admission-state.js";
import { isExempt, matchesResources } from "./match-resources.js";
import { listOf, type Members, membersOf, textOf } from "./members.js";
import { specOf } from "./pod-request.js";
import {
  authorizerBindings,
  type Evaluated,
  PolicyEvaluation,
  requestVariable,
} from "./policy-expressions.js";

const GROUP = "admissionregistration.k8s.io";
const MAX_MESSAGE = 5 * 1024;
const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

interface Denial {
  readonly policy: string;
  readonly binding: string;
  readonly message: string;
  readonly reason: string;
  readonly actions: readonly string[];
}

/** Carries out ValidatingAdmissionPolicies through their bindings: denies, warns, as they say. */
export class ValidatingPolicyAdmission implements Admission {
  readonly #state: AdmissionState;
  readonly #params: ParamSource;
  readonly #authorizer: Authorizer;

  constructor(state: AdmissionState, params: ParamSource, authorizer: Authorizer) {
    this.#state = state;
    this.#params = params;
    this.#authorizer = authorizer;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    return request.object;
  }

  validate(request: AdmissionRequest): void {
    if (isExempt(request)) return;
    const policies = this.#state.list(GROUP, "validatingadmissionpolicies");
    if (policies.length === 0) return;
    const bindings = this.#state.list(GROUP, "validatingadmissionpolicybindings");
    for (const policy of policies) {
      const spec = specOf(policy);
      const own = bindings.filter((binding) => specOf(binding)["policyName"] === policy.metadata.name);
      if (own.length === 0 || !matchesResources(membersOf(spec["matchConstraints"]), request, this.#state))
        continue;
      for (const binding of own) this.#carryOut(policy, binding, request);
    }
  }

  #carryOut(policy: KubeObject, binding: KubeObject, request: AdmissionRequest): void {
    const bindingSpec = specOf(binding);
    if (!matchesResources(membersOf(bindingSpec["matchResources"]), request, this.#state)) return;
    const names = { policy: policy.metadata.name, binding: binding.metadata.name };
    const actions = Array.isArray(bindingSpec["validationActions"])
      ? bindingSpec["validationActions"].map(String)
      : [];
    const found = this.#paramsOf(specOf(policy), bindingSpec, request);
    if (typeof found === "string") {
      if (specOf(policy)["failurePolicy"] === "Ignore") return;
      this.#act(
        { ...names, message: `failed to configure binding: ${found}`, reason: "Invalid", actions: ["Deny"] },
        request,
      );
      return;
    }
    for (const params of found) {
      for (const { message, reason } of this.#judge(specOf(policy), params, request)) {
        this.#act({ ...names, message, reason, actions }, request);
      }
    }
  }

  /** Throws for a denial; other actions leave a warning, or nothing. */
  #act(denial: Denial, request: AdmissionRequest): void {
    const { policy, binding, message, actions } = denial;
    if (actions.includes("Deny")) throw denied(denial, request);
    if (!actions.includes("Warn")) return;
    request.warn(
      `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
    );
  }

  /** What is wrong with a request according to one policy with one parameter. */
  #judge(
    spec: Members,
    params: KubeObject | null,
    request: AdmissionRequest,
  ): { message: string; reason: string }[] {
    const evaluation = new PolicyEvaluation(this.#bindings(params, request));
    const strict = spec["failurePolicy"] !== "Ignore";
    for (const { expression } of listOf(spec["matchConditions"])) {
      const result = evaluation.evaluate(textOf(expression));
      if ("error" in result) return strict ? [{ message: result.error, reason: "Invalid" }] : [];
      if (result.value !== true) return [];
    }
    for (const { name, expression } of listOf(spec["variables"]))
      evaluation.define(textOf(name), textOf(expression));
    const problems: { message: string; reason: string }[] = [];
    for (const validation of listOf(spec["validations"])) {
      const expression = textOf(validation["expression"]);
      const result = evaluation.evaluate(expression);
      const reason = textOf(validation["reason"]) || "Invalid";
      if ("error" in result) {
        if (strict)
          problems.push({ message: `expression '${expression}' resulted in error: ${result.error}`, reason });
      } else if (result.value !== true) {
        problems.push({ message: messageOf(validation, evaluation), reason });
      }
    }
    return problems;
  }

  #bindings(params: KubeObject | null, request: AdmissionRequest): Record<string, unknown> {
    const { object, oldObject, namespace, kind } = request;
    const own = kind.namespaced && namespace !== undefined;
    return {
      object: object ?? null,
      oldObject: oldObject ?? null,
      request: requestVariable(request),
      params,
      namespaceObject: own ? (this.#state.get("", "namespaces", undefined, namespace) ?? null) : null,
      ...authorizerBindings(request, this.#authorizer),
    };
  }

  /** The parameters of a binding, `[null]` where it takes none; or why they cannot be had. */
  #paramsOf(
    policy: Members,
    binding: Members,
    request: AdmissionRequest,
  ): readonly (KubeObject | null)[] | string {
    const { apiVersion, kind } = membersOf(policy["paramKind"]);
    const ref = membersOf(binding["paramRef"]);
    if (typeof kind !== "string" || Object.keys(ref).length === 0) return [null];
    const served = this.#params.kind(textOf(apiVersion), kind);
    if (!served) return `paramKind kind \`${textOf(apiVersion)}, Kind=${kind}\` not known`;
    const namespace = served.namespaced ? textOf(ref["namespace"]) || request.namespace : undefined;
    if (served.namespaced && !namespace) {
      return "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources";
    }
    const all = this.#params.list(textOf(apiVersion), kind, namespace);
    const name = textOf(ref["name"]);
    const found =
      name === ""
        ? all.filter((object) => selects(ref["selector"], object))
        : all.filter(({ metadata }) => metadata.name === name);
    if (found.length > 0) return found;
    return ref["parameterNotFoundAction"] === "Allow"
      ? []
      : "no params found for policy binding with `Deny` parameterNotFoundAction";
  }
}

function selects(selector: unknown, object: KubeObject): boolean {
  const labels = Object.entries(membersOf(membersOf(selector)["matchLabels"]));
  return labels.every(([key, value]) => object.metadata.labels?.[key] === value);
}

function messageOf(validation: Members, evaluation: PolicyEvaluation): string {
  const expression = textOf(validation["messageExpression"]);
  const given = textOf(validation["message"]).trim();
  const fallback = given === "" ? `failed expression: ${textOf(validation["expression"]).trim()}` : given;
  if (expression === "") return fallback;
  const result: Evaluated = evaluation.evaluate(expression);
  if ("error" in result || typeof result.value !== "string") return fallback;
  const text = result.value.trim();
  const usable = text !== "" && !text.includes("\n") && Buffer.byteLength(text) <= MAX_MESSAGE;
  return usable ? text : fallback;
}

function denied({ policy, binding, message, reason }: Denial, { kind, name }: AdmissionRequest): ApiError {
  const text = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`;
  const full = `${groupResource(kind)} ${JSON.stringify(name)} is forbidden: ${text}`;
  return new ApiError({
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message: full,
    reason: reason as StatusReason,
    details: {
      name,
      ...(kind.group === "" ? {} : { group: kind.group }),
      kind: kind.resource,
      causes: [{ message: text }],
    },
    code: CODES[reason] ?? 422,
  });
}
