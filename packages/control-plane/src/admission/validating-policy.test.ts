import { ApiError, type KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { RbacAuthorizer } from "../authorization/rbac-authorizer.js";
import { genericKind } from "../registry/generic-kind.js";
import type { AdmissionRequest } from "../registry/ports.js";
import { ValidatingPolicyAdmission } from "./validating-policy.js";

const kind = genericKind({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  resource: "configmaps",
  namespaced: true,
});
const metadata = (name: string, labels = {}) => ({ name, labels });
const configMap = (data: Record<string, string>, name = "c"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "ns" },
  data,
});

function judge(
  policy: Record<string, unknown>,
  object: KubeObject,
  binding: Record<string, unknown> = {},
): { error?: ApiError; warnings: string[] } {
  const resourceRules = [
    { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] },
  ];
  const policies = [
    {
      apiVersion: "a",
      kind: "P",
      metadata: metadata("p"),
      spec: { matchConstraints: { resourceRules }, ...policy },
    },
  ];
  const bindings = [
    {
      apiVersion: "a",
      kind: "B",
      metadata: metadata("b"),
      spec: { policyName: "p", validationActions: ["Deny"], ...binding },
    },
  ];
  const namespace: KubeObject = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: metadata("ns", { env: "prod" }),
  };
  const admission = new ValidatingPolicyAdmission({
    state: {
      get: () => namespace,
      list: (_group, resource) => (resource.endsWith("bindings") ? bindings : policies),
    },
    params: {
      kind: (_version, name) => (name === "ConfigMap" ? { namespaced: true } : undefined),
      list: () => [configMap({ max: "5" }, "params")],
    },
    authorizer: new RbacAuthorizer(),
    versions: () => [],
  });
  const warnings: string[] = [];
  const request: AdmissionRequest = {
    operation: "CREATE",
    kind,
    subresource: undefined,
    namespace: "ns",
    name: object.metadata.name,
    object,
    oldObject: undefined,
    options: {},
    dryRun: false,
    user: { name: "u", groups: [] },
    warn: (text) => warnings.push(text),
  };
  try {
    admission.validate(request);
    return { warnings };
  } catch (error) {
    if (error instanceof ApiError) return { error, warnings };
    throw error;
  }
}

const says = (message: string): string =>
  `configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;

describe("ValidatingPolicyAdmission", () => {
  it("denies with the message and the code that the policy gives", () => {
    const variables = [{ name: "n", expression: "size(object.data)" }];
    const validations = [
      { expression: "variables.n < 2", messageExpression: "'has ' + string(variables.n)" },
    ];
    const { error } = judge({ variables, validations }, configMap({ a: "1", b: "2" }));
    expect(error?.status).toMatchObject({ code: 422, reason: "Invalid", message: says("has 2") });
    const forbidden = judge(
      { validations: [{ expression: "false", message: " no ", reason: "Forbidden" }] },
      configMap({}),
    );
    expect([forbidden.error?.code, forbidden.error?.message]).toEqual([403, says("no")]);
    expect(judge({ validations: [{ expression: "false" }] }, configMap({})).error?.message).toBe(
      says("failed expression: false"),
    );
    expect(judge({ variables, validations }, configMap({ a: "1" })).error).toBeUndefined();
  });

  it("warns where the binding says so, and does nothing for others", () => {
    const validations = [{ expression: "false", message: "no" }];
    expect(judge({ validations }, configMap({}), { validationActions: ["Warn"] })).toEqual({
      warnings: ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no"],
    });
    const elsewhere = { matchResources: { namespaceSelector: { matchLabels: { env: "dev" } } } };
    expect(judge({ validations }, configMap({}), elsewhere)).toEqual({ warnings: [] });
    expect(
      judge(
        { validations, matchConditions: [{ name: "m", expression: "object.metadata.name == 'x'" }] },
        configMap({}),
      ).error,
    ).toBeUndefined();
  });

  it("follows the failure policy where an expression fails", () => {
    const validations = [{ expression: "object.nope == 'x'" }];
    expect(judge({ validations }, configMap({})).error?.message).toBe(
      says("expression 'object.nope == 'x'' resulted in error: no such key: nope"),
    );
    expect(judge({ validations, failurePolicy: "Ignore" }, configMap({})).error).toBeUndefined();
  });

  it("takes parameters, and says when there are none", () => {
    const policy = {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      validations: [{ expression: "int(object.data.n) <= int(params.data.max)" }],
    };
    const paramRef = { name: "params", parameterNotFoundAction: "Deny" };
    expect(judge(policy, configMap({ n: "5" }), { paramRef }).error).toBeUndefined();
    expect(judge(policy, configMap({ n: "6" }), { paramRef }).error?.code).toBe(422);
    const missing = { paramRef: { ...paramRef, name: "nope" } };
    expect(judge(policy, configMap({ n: "1" }), missing).error?.message).toContain(
      "no params found for policy binding with `Deny` parameterNotFoundAction",
    );
    expect(
      judge(policy, configMap({ n: "1" }), { paramRef: { name: "nope", parameterNotFoundAction: "Allow" } })
        .error,
    ).toBeUndefined();
  });

  it("asks the authorizer for the user of the request", () => {
    const validations = [
      { expression: "authorizer.group('').resource('secrets').namespace('ns').check('get').allowed()" },
    ];
    expect(judge({ validations }, configMap({})).error?.code).toBe(422);
  });
});
