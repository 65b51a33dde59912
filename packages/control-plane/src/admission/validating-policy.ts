import { ApiError, type KubeObject, type StatusReason } from "@capstan/kube";
import { groupResource } from "../handler/errors.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import { isExempt } from "./match-resources.js";
import { listOf, type Members, textOf } from "./members.js";
import { specOf } from "./pod-request.js";
import {
  type BoundPolicy,
  boundPolicies,
  conditionsHold,
  defineVariables,
  type PolicyParts,
  policyVariables,
} from "./policy-bindings.js";
import { type Evaluated, PolicyEvaluation } from "./policy-expressions.js";

const MAX_MESSAGE = 5 * 1024;
const MAX_AUDIT_VALUE = 10 * 1024;
const FAILURES_KEY = "validation.policy.admission.k8s.io/validation_failure";
const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

interface Problem {
  readonly message: string;
  readonly reason: string;
  /** Place of the failed expression in the policy. */
  readonly index: number;
}

interface Denial extends Problem {
  readonly policy: string;
  readonly binding: string;
  readonly actions: readonly string[];
}

/** What one request leaves for the audit log. */
interface AuditNotes {
  readonly failures: unknown[];
  /** Values of audit annotations by `<policy>/<key>`, one per binding. */
  readonly values: Map<string, Set<string>>;
}

/** Carries out ValidatingAdmissionPolicies through their bindings: denies, warns, audits, as they say. */
export class ValidatingPolicyAdmission implements Admission {
  readonly #parts: PolicyParts;

  constructor(parts: PolicyParts) {
    this.#parts = parts;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    return request.object;
  }

  validate(request: AdmissionRequest): void {
    if (isExempt(request)) return;
    const notes: AuditNotes = { failures: [], values: new Map() };
    try {
      for (const bound of boundPolicies("validatingadmissionpolicies", request, this.#parts)) {
        this.#carryOut(bound, request, notes);
      }
    } finally {
      writeNotes(notes, request);
    }
  }

  #carryOut(bound: BoundPolicy, request: AdmissionRequest, notes: AuditNotes): void {
    const { spec, params } = bound;
    const names = { policy: bound.policy.metadata.name, binding: bound.binding.metadata.name };
    if (typeof params === "string") {
      if (spec["failurePolicy"] === "Ignore") return;
      const message = `failed to configure binding: ${params}`;
      act({ ...names, message, reason: "Invalid", index: 0, actions: ["Deny"] }, request, notes);
      return;
    }
    const given = specOf(bound.binding)["validationActions"];
    const actions = Array.isArray(given) ? given.map(String) : [];
    for (const each of params) {
      for (const problem of this.#judge(bound, each, bound.request, notes)) {
        act({ ...names, ...problem, actions }, request, notes);
      }
    }
  }

  /** What is wrong with a request according to one policy with one parameter. */
  #judge(
    { spec, policy }: BoundPolicy,
    params: KubeObject | null,
    request: AdmissionRequest,
    notes: AuditNotes,
  ): readonly Problem[] {
    const evaluation = new PolicyEvaluation(policyVariables(params, request, this.#parts));
    const strict = spec["failurePolicy"] !== "Ignore";
    const held = conditionsHold(spec, evaluation);
    if (typeof held === "object") {
      return strict ? [{ message: held.error, reason: "Invalid", index: 0 }] : [];
    }
    if (!held) return [];
    defineVariables(spec, evaluation);
    const problems = listOf(spec["validations"]).flatMap((validation, index): Problem[] => {
      const expression = textOf(validation["expression"]);
      const result = evaluation.evaluate(expression);
      const reason = textOf(validation["reason"]) || "Invalid";
      if ("error" in result) {
        const message = `expression '${expression}' resulted in error: ${result.error}`;
        return strict ? [{ message, reason, index }] : [];
      }
      return result.value === true ? [] : [{ message: messageOf(validation, evaluation), reason, index }];
    });
    return [...problems, ...annotate(spec, policy.metadata.name, evaluation, notes, strict)];
  }
}

/** Evaluates the audit annotations of a policy; gives those that cannot be. */
function annotate(
  spec: Members,
  policy: string,
  evaluation: PolicyEvaluation,
  notes: AuditNotes,
  strict: boolean,
): readonly Problem[] {
  const problems: Problem[] = [];
  listOf(spec["auditAnnotations"]).forEach((annotation, index) => {
    const expression = textOf(annotation["valueExpression"]);
    const result = evaluation.evaluate(expression);
    if ("error" in result) {
      const message = `expression '${expression}' resulted in error: ${result.error}`;
      if (strict) problems.push({ message, reason: "Invalid", index });
      return;
    }
    if (result.value === null || result.value === "") return;
    if (typeof result.value !== "string") {
      const message = `valueExpression '${expression}' resulted in unsupported return type: ${typeof result.value}. Return type must be either string or null.`;
      if (strict) problems.push({ message, reason: "Invalid", index });
      return;
    }
    const key = `${policy}/${textOf(annotation["key"])}`;
    const values = notes.values.get(key) ?? new Set<string>();
    values.add(result.value.trim().slice(0, MAX_AUDIT_VALUE));
    notes.values.set(key, values);
  });
  return problems;
}

function writeNotes({ failures, values }: AuditNotes, { annotate: write }: AdmissionRequest): void {
  if (write === undefined) return;
  if (failures.length > 0) write(FAILURES_KEY, JSON.stringify(failures));
  for (const [key, each] of values) write(key, [...each].join(", "));
}

/** Throws for a denial; other actions leave a warning, a note in the audit log, or nothing. */
function act(denial: Denial, request: AdmissionRequest, notes: AuditNotes): void {
  const { policy, binding, message, actions, index } = denial;
  if (actions.includes("Audit")) {
    notes.failures.push({ message, policy, binding, expressionIndex: index, validationActions: actions });
  }
  if (actions.includes("Deny")) throw denied(denial, request);
  if (!actions.includes("Warn")) return;
  request.warn(
    `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
  );
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
