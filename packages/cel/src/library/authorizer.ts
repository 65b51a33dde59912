import { isDns1123Label, isDns1123Subdomain } from "@capstan/kube";
import type { FunctionDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { boolType, type CelType, opaqueType, stringType } from "../types.js";
import { EvalFailure, noSuchOverload, Opaque, type Result, type Value } from "../value/value.js";
import { declare, method } from "./declare.js";

/** What an expression asks to be authorized: a path, or an operation on a resource. */
export interface AuthorizationQuery {
  readonly verb: string;
  /** Set for `authorizer.path(...)`; then nothing of the following is. */
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Asks for this service account instead of the requesting user. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

/** The answer to a query; `error` when it could not be answered. */
export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason?: string;
  readonly error?: string;
}

/** Answers authorization queries at once; bound to the requesting user by who makes it. */
export type AuthorizationPort = (query: AuthorizationQuery) => AuthorizationAnswer;

export const authorizerType = opaqueType("kubernetes.authorization.Authorizer");
export const resourceCheckType = opaqueType("kubernetes.authorization.ResourceCheck");
const pathCheckType = opaqueType("kubernetes.authorization.PathCheck");
const groupCheckType = opaqueType("kubernetes.authorization.GroupCheck");
const decisionType = opaqueType("kubernetes.authorization.Decision");

/** A step on the way to a decision: the port and the query so far. */
class Check extends Opaque {
  readonly type: CelType;
  readonly port: AuthorizationPort;
  readonly query: Omit<AuthorizationQuery, "verb">;

  constructor(type: CelType, port: AuthorizationPort, query: Omit<AuthorizationQuery, "verb">) {
    super();
    this.type = type;
    this.port = port;
    this.query = query;
  }

  equals(other: Opaque): boolean {
    return (
      other instanceof Check &&
      other.type === this.type &&
      JSON.stringify(other.query) === JSON.stringify(this.query)
    );
  }
}

class Decision extends Opaque {
  readonly type = decisionType;
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }

  equals(other: Opaque): boolean {
    return (
      other instanceof Decision &&
      other.answer.allowed === this.answer.allowed &&
      other.answer.reason === this.answer.reason &&
      other.answer.error === this.answer.error
    );
  }
}

/** The value of the variable `authorizer`. */
export function authorizerValue(port: AuthorizationPort): Value {
  return new Check(authorizerType, port, {});
}

/** The value of the variable `authorizer.requestResource`. */
export function requestResourceValue(
  port: AuthorizationPort,
  query: Omit<AuthorizationQuery, "verb" | "path">,
): Value {
  return new Check(resourceCheckType, port, query);
}

type Step = (text: string) => Partial<AuthorizationQuery> | EvalFailure;

function step(name: string, id: string, from: CelType, to: CelType, add: Step): FunctionDecl {
  return declare(
    name,
    method(id, [from, stringType], to, (check = null, text = null) => {
      if (!(check instanceof Check) || typeof text !== "string") return noSuchOverload();
      const added = add(text);
      return added instanceof EvalFailure ? added : new Check(to, check.port, { ...check.query, ...added });
    }),
  );
}

function required(key: "path" | "resource"): Step {
  return (text) => (text.trim() === "" ? new EvalFailure(`${key} must not be empty`) : { [key]: text });
}

function serviceAccount(check: Value = null, namespace: Value = null, name: Value = null): Result {
  if (!(check instanceof Check) || typeof namespace !== "string" || typeof name !== "string")
    return noSuchOverload();
  if (isDns1123Subdomain(name).length > 0) return new EvalFailure("Invalid service account name");
  if (isDns1123Label(namespace).length > 0) return new EvalFailure("Invalid service account namespace");
  return new Check(authorizerType, check.port, { ...check.query, serviceAccount: { namespace, name } });
}

function decide(check: Value = null, verb: Value = null): Result {
  return check instanceof Check && typeof verb === "string"
    ? new Decision(check.port({ ...check.query, verb }))
    : noSuchOverload();
}

function ofDecision(name: string, type: CelType, read: (answer: AuthorizationAnswer) => Value): FunctionDecl {
  return declare(
    name,
    method(`decision_${name}`, [decisionType], type, (decision = null) =>
      decision instanceof Decision ? read(decision.answer) : noSuchOverload(),
    ),
  );
}

/** Kubernetes' authorization checks, with selectors. */
export const authorizerLibrary: Library = {
  types: [authorizerType, pathCheckType, groupCheckType, resourceCheckType, decisionType],
  functions: [
    step("path", "authorizer_path", authorizerType, pathCheckType, required("path")),
    step("group", "authorizer_group", authorizerType, groupCheckType, (group) => ({ group })),
    declare(
      "serviceAccount",
      method(
        "authorizer_serviceaccount",
        [authorizerType, stringType, stringType],
        authorizerType,
        serviceAccount,
      ),
    ),
    step("resource", "groupcheck_resource", groupCheckType, resourceCheckType, required("resource")),
    step("subresource", "resourcecheck_subresource", resourceCheckType, resourceCheckType, (subresource) => ({
      subresource,
    })),
    step("namespace", "resourcecheck_namespace", resourceCheckType, resourceCheckType, (namespace) => ({
      namespace,
    })),
    step("name", "resourcecheck_name", resourceCheckType, resourceCheckType, (name) => ({ name })),
    step(
      "fieldSelector",
      "authorizer_fieldselector",
      resourceCheckType,
      resourceCheckType,
      (fieldSelector) => ({ fieldSelector }),
    ),
    step(
      "labelSelector",
      "authorizer_labelselector",
      resourceCheckType,
      resourceCheckType,
      (labelSelector) => ({ labelSelector }),
    ),
    declare(
      "check",
      method("pathcheck_check", [pathCheckType, stringType], decisionType, decide),
      method("resourcecheck_check", [resourceCheckType, stringType], decisionType, decide),
    ),
    ofDecision("errored", boolType, (answer) => answer.error !== undefined),
    ofDecision("error", stringType, (answer) => answer.error ?? ""),
    ofDecision("allowed", boolType, (answer) => answer.allowed),
    ofDecision("reason", stringType, (answer) => answer.reason ?? ""),
  ],
};
