import { ApiError, type KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { genericKind } from "../registry/generic-kind.js";
import type { AccessRequest, AdmissionRequest, User } from "../registry/ports.js";
import { aggregatedRules } from "./aggregation.js";
import { defaultPolicy } from "./default-policy.js";
import { assertNoEscalation, missingRules } from "./escalation.js";
import { type PolicyRule, RBAC_GROUP, RBAC_VERSION, type Role } from "./policy.js";
import { RbacAuthorizer } from "./rbac-authorizer.js";

const role = (name: string, rules: PolicyRule[], namespace?: string): KubeObject => ({
  apiVersion: RBAC_VERSION,
  kind: namespace ? "Role" : "ClusterRole",
  metadata: { name, ...(namespace ? { namespace } : {}) },
  rules,
});

const binding = (name: string, ref: string, subjects: object[], namespace?: string): KubeObject => ({
  apiVersion: RBAC_VERSION,
  kind: namespace ? "RoleBinding" : "ClusterRoleBinding",
  metadata: { name, ...(namespace ? { namespace } : {}) },
  roleRef: { apiGroup: RBAC_GROUP, kind: ref.split("/")[0], name: ref.split("/")[1] },
  subjects,
});

const rule = (verbs: string, groups: string, resources: string, names?: string): PolicyRule => ({
  verbs: verbs.split(","),
  apiGroups: groups.split(","),
  resources: resources.split(","),
  ...(names ? { resourceNames: names.split(",") } : {}),
});

const alice: User = { name: "alice", groups: ["system:authenticated"] };
const user = { kind: "User", name: "alice" };

function authorizer(...objects: KubeObject[]): RbacAuthorizer {
  const rbac = new RbacAuthorizer();
  for (const object of objects) rbac.put(object);
  return rbac;
}

function ask(rbac: RbacAuthorizer, request: Partial<AccessRequest>): boolean {
  return rbac.authorize({ user: alice, verb: "get", group: "", version: "v1", ...request }).allowed;
}

describe("RbacAuthorizer", () => {
  it("matches verbs, groups, resources, subresources and names", () => {
    const rules = [
      rule("get,list", ",apps", "pods,*/scale"),
      rule("*", "batch", "*"),
      rule("update", "", "configmaps", "a,b"),
    ];
    const rbac = authorizer(role("r", rules), binding("b", "ClusterRole/r", [user]));
    expect(ask(rbac, { resource: "pods" })).toBe(true);
    expect(ask(rbac, { resource: "pods", verb: "delete" })).toBe(false);
    expect(ask(rbac, { resource: "pods", subresource: "log" })).toBe(false);
    expect(ask(rbac, { resource: "deployments", group: "apps", subresource: "scale" })).toBe(true);
    expect(ask(rbac, { resource: "jobs", group: "batch", subresource: "status", verb: "patch" })).toBe(true);
    expect(ask(rbac, { resource: "configmaps", verb: "update", name: "b" })).toBe(true);
    expect(ask(rbac, { resource: "configmaps", verb: "update", name: "c" })).toBe(false);
    expect(ask(rbac, { resource: "configmaps", verb: "update" })).toBe(false);
  });

  it("gives namespaced bindings power in their namespace only", () => {
    const rbac = authorizer(role("r", [rule("get", "", "pods")], "a"), binding("b", "Role/r", [user], "a"));
    expect(ask(rbac, { resource: "pods", namespace: "a" })).toBe(true);
    expect(ask(rbac, { resource: "pods", namespace: "b" })).toBe(false);
    expect(ask(rbac, { resource: "pods" })).toBe(false);
  });

  it("says which binding allowed it, and which role it could not find", () => {
    const account = { kind: "ServiceAccount", name: "sa", namespace: "ns" };
    const rbac = authorizer(
      role("r", [rule("get", "", "pods")]),
      binding("b", "ClusterRole/r", [account], "a"),
    );
    const request: AccessRequest = {
      user: { name: "system:serviceaccount:ns:sa", groups: [] },
      verb: "get",
      group: "",
      resource: "pods",
      namespace: "a",
    };
    expect(rbac.authorize(request).reason).toBe(
      'RBAC: allowed by RoleBinding "b/a" of ClusterRole "r" to ServiceAccount "sa/ns"',
    );
    rbac.remove(role("r", []));
    expect(rbac.authorize(request)).toEqual({
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "r" not found',
    });
  });

  it("follows changes and removals of bindings", () => {
    const bound = binding("b", "ClusterRole/r", [user]);
    const rbac = authorizer(role("r", [rule("get", "", "pods")]), bound);
    rbac.put({ ...bound, subjects: [{ kind: "Group", name: "devs" }] });
    expect(ask(rbac, { resource: "pods" })).toBe(false);
    expect(ask(rbac, { resource: "pods", user: { name: "bob", groups: ["devs"] } })).toBe(true);
    rbac.remove(bound);
    expect(ask(rbac, { resource: "pods", user: { name: "bob", groups: ["devs"] } })).toBe(false);
  });

  it("allows the privileged group everything and paths by prefix", () => {
    const rbac = authorizer(
      role("r", [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/api/*"] }]),
      binding("b", "ClusterRole/r", [user]),
    );
    expect(ask(rbac, { path: "/api/v1" })).toBe(true);
    expect(ask(rbac, { path: "/healthz/x" })).toBe(false);
    expect(ask(rbac, { path: "/x", user: { name: "root", groups: ["system:masters"] } })).toBe(true);
  });
});

describe("the default policy", () => {
  const rbac = authorizer(
    ...defaultPolicy(),
    binding("e", "ClusterRole/edit", [user], "a"),
    binding("v", "ClusterRole/view", [{ kind: "User", name: "bob" }], "a"),
  );
  const bob: User = { name: "bob", groups: [] };

  it("lets every authenticated user discover the API and review itself", () => {
    expect(ask(rbac, { path: "/openapi/v3" })).toBe(true);
    expect(
      ask(rbac, { verb: "create", group: "authorization.k8s.io", resource: "selfsubjectaccessreviews" }),
    ).toBe(true);
    expect(
      ask(rbac, { path: "/version", user: { name: "system:anonymous", groups: ["system:unauthenticated"] } }),
    ).toBe(true);
    expect(ask(rbac, { path: "/metrics" })).toBe(false);
  });

  it("tells view from edit", () => {
    expect(ask(rbac, { user: bob, resource: "pods", namespace: "a" })).toBe(true);
    expect(ask(rbac, { user: bob, resource: "secrets", namespace: "a" })).toBe(false);
    expect(ask(rbac, { resource: "secrets", namespace: "a" })).toBe(true);
    expect(ask(rbac, { verb: "create", group: "apps", resource: "deployments", namespace: "a" })).toBe(true);
    expect(ask(rbac, { verb: "create", group: RBAC_GROUP, resource: "roles", namespace: "a" })).toBe(false);
  });

  it("lists a user's rules", () => {
    const { resourceRules, nonResourceRules, incomplete } = rbac.rulesFor(alice, "default");
    expect(resourceRules).toContainEqual({
      verbs: ["create"],
      apiGroups: ["authentication.k8s.io"],
      resources: ["selfsubjectreviews"],
    });
    expect(nonResourceRules.length).toBeGreaterThan(0);
    expect(incomplete).toBe(false);
  });
});

describe("aggregatedRules", () => {
  it("unites the rules of the selected roles, each once, by name", () => {
    const labelled = (name: string, rules: PolicyRule[]): Role => ({
      ...role(name, rules),
      metadata: { name, labels: { agg: "x" } },
    });
    const all = [
      labelled("b", [rule("get", "", "pods")]),
      labelled("a", [rule("list", "", "pods"), rule("get", "", "pods")]),
    ];
    const aggregate: Role = {
      ...role("all", []),
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { agg: "x" } }] },
    };
    expect(aggregatedRules(aggregate, all)).toEqual([rule("list", "", "pods"), rule("get", "", "pods")]);
    expect(aggregatedRules(role("plain", []) as Role, all)).toBeUndefined();
  });
});

describe("assertNoEscalation", () => {
  const kindOf = (resource: string, kind: string, namespaced: boolean) =>
    genericKind({ group: RBAC_GROUP, version: "v1", kind, resource, namespaced });

  function refusal(rbac: RbacAuthorizer, object: KubeObject, resource: string): string | undefined {
    const request: AdmissionRequest = {
      operation: "CREATE",
      kind: kindOf(resource, object.kind, object.metadata.namespace !== undefined),
      subresource: undefined,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      object,
      oldObject: undefined,
      options: {},
      dryRun: false,
      user: alice,
      warn: () => undefined,
    };
    try {
      assertNoEscalation(request, rbac);
      return undefined;
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  }

  const held = [
    role("held", [rule("get", "apps", "deployments")]),
    binding("held", "ClusterRole/held", [user]),
  ];

  it("names what the user does not hold", () => {
    const wanted = role("t1", [
      rule("get,list", "apps,", "deployments,pods", "x"),
      { verbs: ["get"], nonResourceURLs: ["/a"] },
    ]);
    expect(refusal(authorizer(...held), wanted, "clusterroles")).toBe(
      'clusterroles.rbac.authorization.k8s.io "t1" is forbidden: user "alice" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["deployments"], ResourceNames:["x"], Verbs:["get" "list"]}\n' +
        '{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get" "list"]}\n' +
        '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["x"], Verbs:["list"]}\n' +
        '{APIGroups:["apps"], Resources:["pods"], ResourceNames:["x"], Verbs:["get" "list"]}\n' +
        '{NonResourceURLs:["/a"], Verbs:["get"]}',
    );
    expect(
      refusal(authorizer(...held), role("t2", [rule("get", "apps", "deployments")]), "clusterroles"),
    ).toBeUndefined();
  });

  it("lets those escalate or bind who may", () => {
    const may = [
      role("may", [
        rule("escalate", RBAC_GROUP, "clusterroles", "t1"),
        rule("bind", RBAC_GROUP, "clusterroles", "big"),
      ]),
      binding("may", "ClusterRole/may", [user]),
    ];
    const rbac = authorizer(...may, role("big", [rule("*", "*", "*")]), role("other", [rule("*", "*", "*")]));
    expect(refusal(rbac, role("t1", [rule("*", "*", "*")]), "clusterroles")).toBeUndefined();
    expect(refusal(rbac, binding("b", "ClusterRole/big", [user]), "clusterrolebindings")).toBeUndefined();
    expect(refusal(rbac, binding("b", "ClusterRole/other", [user]), "clusterrolebindings")).toMatch(
      /\{APIGroups:\["\*"\], Resources:\["\*"\], Verbs:\["\*"\]\}$/,
    );
    expect(refusal(rbac, binding("b", "ClusterRole/nope", [user]), "clusterrolebindings")).toBe(
      'clusterrolebindings.rbac.authorization.k8s.io "nope" not found',
    );
  });

  it("covers by wildcards of the held rules", () => {
    expect(missingRules([rule("*", "apps", "*/scale")], [rule("get", "apps", "deployments/scale")])).toEqual(
      [],
    );
    expect(
      missingRules([rule("get", "apps", "deployments", "a")], [rule("get", "apps", "deployments")]),
    ).toHaveLength(1);
    expect(
      missingRules(
        [{ verbs: ["get"], nonResourceURLs: ["/api/*"] }],
        [{ verbs: ["get"], nonResourceURLs: ["/api/v1", "/x"] }],
      ),
    ).toHaveLength(1);
  });
});
