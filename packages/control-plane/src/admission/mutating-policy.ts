import { CelList, CelMap, StructValue, toNative, type Value } from "@capstan/cel";
import { ApiError, applyJsonPatch, deepEqual, type KubeObject, PatchError } from "@capstan/kube";
import { MergeOverError, mergeOver } from "../apply/merge-over.js";
import { atVersion } from "../registry/equivalent-kinds.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import { isExempt } from "./match-resources.js";
import { listOf, type Members, membersOf, textOf } from "./members.js";
import {
  type BoundPolicy,
  boundPolicies,
  conditionsHold,
  defineVariables,
  type PolicyParts,
  policyVariables,
  requestAt,
} from "./policy-bindings.js";
import { PolicyEvaluation } from "./policy-expressions.js";

/** A mutation that could not be made, told by what the failure policy says. */
class MutationError extends Error {
  override readonly name = "MutationError";
}

/**
 * Carries out MutatingAdmissionPolicies through their bindings, one after another by name, and those a
 * second time that want to see what later ones changed.
 */
export class MutatingPolicyAdmission implements Admission {
  readonly #parts: PolicyParts;

  constructor(parts: PolicyParts) {
    this.#parts = parts;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    if (request.object === undefined || isExempt(request)) return request.object;
    let current = request;
    const left = new Map<KubeObject, KubeObject | undefined>();
    for (const bound of boundPolicies("mutatingadmissionpolicies", request, this.#parts)) {
      current = this.#carryOutAt(bound, current);
      left.set(bound.policy, current.object);
    }
    if (left.size < 2) return current.object;
    for (const bound of boundPolicies("mutatingadmissionpolicies", current, this.#parts)) {
      if (bound.spec["reinvocationPolicy"] !== "IfNeeded" || !left.has(bound.policy)) continue;
      if (deepEqual(left.get(bound.policy), current.object)) continue;
      current = this.#carryOutAt(bound, current);
    }
    return current.object;
  }

  /** Carries a policy out at the version that it is for; what it leaves comes back at that of the request. */
  #carryOutAt(bound: BoundPolicy, request: AdmissionRequest): AdmissionRequest {
    const shown = requestAt(request, bound.request.kind);
    const left = this.#carryOut(bound, shown);
    if (shown === request || left === shown || left.object === undefined) {
      return shown === request ? left : request;
    }
    return { ...request, object: atVersion(left.object, shown.kind, request.kind) };
  }

  validate(): void {
    // Mutating policies had their say before the object was validated.
  }

  #carryOut(bound: BoundPolicy, request: AdmissionRequest): AdmissionRequest {
    try {
      if (typeof bound.params === "string") {
        throw new MutationError(`failed to configure binding: ${bound.params}`);
      }
      let current = request;
      for (const params of bound.params) current = this.#apply(bound.spec, params, current);
      return current;
    } catch (error) {
      if (!(error instanceof MutationError)) throw error;
      if (bound.spec["failurePolicy"] === "Ignore") return request;
      throw denied(bound, error.message, request);
    }
  }

  #apply(spec: Members, params: KubeObject | null, request: AdmissionRequest): AdmissionRequest {
    let current = request;
    let budget: number | undefined;
    for (const mutation of listOf(spec["mutations"])) {
      const variables = policyVariables(params, current, this.#parts);
      const evaluation = new PolicyEvaluation(variables, budget, "mutation");
      const held = conditionsHold(spec, evaluation);
      if (typeof held === "object") throw new MutationError(held.error);
      if (!held) return current;
      defineVariables(spec, evaluation);
      const object = mutated(mutation, evaluation, current);
      budget = evaluation.budget;
      if (object !== current.object) {
        current = { ...current, object: current.kind.strategy.setDefaults(object) };
      }
    }
    return current;
  }
}

function mutated(mutation: Members, evaluation: PolicyEvaluation, request: AdmissionRequest): KubeObject {
  const live = request.object as KubeObject;
  if (mutation["patchType"] === "JSONPatch") {
    const operations = resultOf(membersOf(mutation["jsonPatch"]), evaluation);
    return jsonPatched(live, operations);
  }
  const value = resultOf(membersOf(mutation["applyConfiguration"]), evaluation);
  assertNamedByPath(value, "Object");
  const { apiVersion, kind } = live;
  const patch = { ...(toNative(value) as object), apiVersion, kind };
  try {
    return mergeOver(live, patch, request.kind.schema) as KubeObject;
  } catch (error) {
    if (error instanceof MergeOverError) throw new MutationError(`error applying patch: ${error.message}`);
    throw error;
  }
}

function resultOf(source: Members, evaluation: PolicyEvaluation): Value {
  const expression = textOf(source["expression"]);
  const result = evaluation.evaluate(expression);
  if ("error" in result) {
    throw new MutationError(`expression '${expression}' resulted in error: ${result.error}`);
  }
  return result.value as Value;
}

/** A `test` that fails leaves the object as it is; anything else that fails is an error. */
function jsonPatched(live: KubeObject, operations: Value): KubeObject {
  const patch = toNative(operations);
  if (!Array.isArray(patch)) throw new MutationError("must evaluate to list(JSONPatch)");
  try {
    return applyJsonPatch(live, patch) as KubeObject;
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (/^testing .* failed|test failed/i.test(error.message)) return live;
    throw new MutationError(`JSON Patch: ${error.message}`);
  }
}

/** Objects are written with the path of the field that they stand in as their type. */
function assertNamedByPath(value: Value, expected: string): void {
  if (value instanceof StructValue) {
    if (value.type.name !== expected) {
      throw new MutationError(
        `type mismatch: unexpected type name ${JSON.stringify(value.type.name)}, expected ` +
          `${JSON.stringify(expected)}, which matches field name path from root Object type`,
      );
    }
    for (const name of value.fieldNames()) assertNamedByPath(value.get(name) ?? null, `${expected}.${name}`);
  } else if (value instanceof CelList) {
    for (const item of value) assertNamedByPath(item, expected);
  } else if (value instanceof CelMap) {
    for (const key of value.keys()) assertNamedByPath(value.find(key) ?? null, expected);
  }
}

function denied({ policy, binding }: BoundPolicy, reason: string, request: AdmissionRequest): ApiError {
  const { kind, name } = request;
  const message = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${reason}`;
  return new ApiError({
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message,
    reason: "Invalid",
    details: {
      ...(name === "" ? {} : { name }),
      ...(kind.group === "" ? {} : { group: kind.group }),
      kind: kind.resource,
      causes: [{ message }],
    },
    code: 403,
  });
}
