import { type Json, MERGE_PATCH, TABLE } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { configMap } from "../samples.js";
import { failed, succeeded } from "../tools.js";

const RBAC = "reference/access-authn-authz/rbac";

const REVIEW = "reference/access-authn-authz/authorization: Checking API access";

const OWN = "observed on a kube-apiserver 1.35: authn-authz";

const GROUP = "rbac.authorization.k8s.io/v1";

const AUTHORIZATION = "/apis/authorization.k8s.io/v1";

const binding = (name: string, role: string, kind: "Role" | "ClusterRole", ...subjects: object[]) => ({
  metadata: { name },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: role },
  subjects,
});

const user = (name: string) => ({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name });

/** Gives a user of the trial's name these rules in the trial's namespace. */
async function grant(trial: Trial, ...rules: object[]): Promise<string> {
  const { api, path, name } = trial;
  answers(await api.post(path("roles", GROUP), { metadata: { name }, rules }), 201);
  answers(await api.post(path("rolebindings", GROUP), binding(name, name, "Role", user(name))), 201);
  return name;
}

async function grantEverywhere(trial: Trial, ...rules: object[]): Promise<string> {
  const { api, name } = trial;
  answers(await api.post(`/apis/${GROUP}/clusterroles`, { metadata: { name }, rules }), 201);
  answers(
    await api.post(`/apis/${GROUP}/clusterrolebindings`, binding(name, name, "ClusterRole", user(name))),
    201,
  );
  trial.after(() => api.delete(`/apis/${GROUP}/clusterrolebindings/${name}`));
  trial.after(() => api.delete(`/apis/${GROUP}/clusterroles/${name}`));
  return name;
}

const rule = (verbs: string[], resources: string[], more: object = {}) => ({
  apiGroups: [""],
  verbs,
  resources,
  ...more,
});

const authorization: readonly Check[] = [
  check("what is not allowed is 403, in Kubernetes' words", OWN, async ({ api, path, ns, name }) => {
    const as = `nobody-${name}`;
    const status = refuses(
      await api.get(path("secrets"), { as }),
      403,
      `secrets is forbidden: User "${as}" cannot list resource "secrets" in API group "" in the namespace "${ns}"`,
    );
    like(status, { reason: "Forbidden", details: { kind: "secrets" } });
    refuses(
      await api.get("/apis/apps/v1/deployments", { as }),
      403,
      `deployments.apps is forbidden: User "${as}" cannot list resource "deployments" in API group "apps" at the cluster scope`,
    );
    refuses(
      await api.delete(`${path("pods")}/x`, undefined, { as }),
      403,
      `pods "x" is forbidden: User "${as}" cannot delete resource "pods" in API group "" in the namespace "${ns}"`,
    );
    refuses(await api.get("/metrics", { as }), 403, `forbidden: User "${as}" cannot get path "/metrics"`);
    refuses(
      await api.get(`${path("pods")}/x/log`, { as }),
      403,
      `pods "x" is forbidden: User "${as}" cannot get resource "pods/log"`,
    );
  }),
  check(
    "403 comes before 404",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      refuses(await api.get(`${path("configmaps")}/none`, { as: `nobody-${name}` }), 403);
    },
  ),
  check("everybody may discover", `${RBAC}: API discovery roles`, async ({ api, name }) => {
    for (const path of [
      "/api",
      "/apis",
      "/apis/apps/v1",
      "/openapi/v3",
      "/version",
      "/healthz",
      "/livez",
      "/readyz",
    ]) {
      same((await api.get(path, { as: `nobody-${name}` })).code, 200, `the code of ${path}`);
    }
  }),
  check("a role allows in its namespace", `${RBAC}: Role and ClusterRole`, async (trial) => {
    const as = await grant(trial, rule(["get", "list"], ["configmaps"]));
    await eventually(async () => answers(await trial.api.get(trial.path("configmaps"), { as })));
    refuses(await trial.api.get("/api/v1/namespaces/default/configmaps", { as }), 403);
    refuses(
      await trial.api.post(trial.path("configmaps"), configMap(trial.name), { as }),
      403,
      "cannot create resource",
    );
    refuses(
      await trial.api.get(`${trial.path("configmaps")}?watch=true`, { as }),
      403,
      "cannot watch resource",
    );
  }),
  check("names in a rule allow these objects", `${RBAC}: Referring to resources`, async (trial) => {
    const as = await grant(
      trial,
      rule(["get", "list", "watch", "update"], ["configmaps"], { resourceNames: [trial.name] }),
    );
    await trial.api.post(trial.path("configmaps"), configMap(trial.name));
    await eventually(async () =>
      answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}`, { as })),
    );
    refuses(await trial.api.get(`${trial.path("configmaps")}/other`, { as }), 403);
    refuses(await trial.api.get(trial.path("configmaps"), { as }), 403);
    answers(
      await trial.api.get(`${trial.path("configmaps")}?fieldSelector=metadata.name%3D${trial.name}`, { as }),
    );
  }),
  check("subresources are allowed by name", `${RBAC}: Referring to resources`, async (trial) => {
    const as = await grant(trial, { apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["get"] });
    await eventually(async () =>
      same(
        (await trial.api.get(`${trial.path("deployments", "apps/v1")}/none/scale`, { as })).code,
        404,
        "the code of the scale",
      ),
    );
    refuses(await trial.api.get(`${trial.path("deployments", "apps/v1")}/none`, { as }), 403);
  }),
  check("stars stand for everything", `${RBAC}: Referring to resources`, async (trial) => {
    const as = await grantEverywhere(
      trial,
      { apiGroups: ["*"], resources: ["*"], verbs: ["get"] },
      { nonResourceURLs: ["/metr*"], verbs: ["get"] },
    );
    await eventually(async () =>
      same((await trial.api.get("/api/v1/nodes/none", { as })).code, 404, "the code"),
    );
    same((await trial.api.get("/metrics", { as })).code, 200, "the code of a path");
    same(
      (await trial.api.get(`${trial.path("deployments", "apps/v1")}/none/scale`, { as })).code,
      404,
      "the code of a subresource",
    );
  }),
  check("groups and service accounts are subjects", `${RBAC}: Referring to subjects`, async (trial) => {
    const { api, path, name, ns } = trial;
    await api.post(path("roles", GROUP), { metadata: { name }, rules: [rule(["list"], ["configmaps"])] });
    await api.post(
      path("rolebindings", GROUP),
      binding(
        name,
        name,
        "Role",
        { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name },
        { kind: "ServiceAccount", name: "robot", namespace: ns },
      ),
    );
    await eventually(async () =>
      answers(await api.get(path("configmaps"), { as: "anybody", groups: [name] })),
    );
    answers(await api.get(path("configmaps"), { as: `system:serviceaccount:${ns}:robot` }));
  }),
  check(
    "cluster roles are composed of others",
    `${RBAC}: Aggregated ClusterRoles`,
    async (trial) => {
      const { api, name } = trial;
      const at = `/apis/${GROUP}/clusterroles`;
      await api.post(at, {
        metadata: { name },
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: name } }] },
        rules: [],
      });
      await api.post(at, {
        metadata: { name: `${name}a`, labels: { part: name } },
        rules: [rule(["get"], ["pods"])],
      });
      trial.after(() => api.delete(`${at}/${name}`));
      trial.after(() => api.delete(`${at}/${name}a`));
      await eventually(async () =>
        like(answers(await api.get(`${at}/${name}`)), { rules: [{ verbs: ["get"], resources: ["pods"] }] }),
      );
    },
    "controllers",
  ),
  check(
    "nobody grants what they have not",
    `${RBAC}: Privilege escalation prevention and bootstrapping`,
    async (trial) => {
      const { api, path, name } = trial;
      const as = await grant(
        trial,
        {
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["roles", "rolebindings"],
          verbs: ["create", "update", "patch"],
        },
        rule(["get"], ["pods"]),
      );
      await eventually(async () =>
        answers(
          await api.post(
            path("roles", GROUP),
            { metadata: { name: `${name}ok` }, rules: [rule(["get"], ["pods"])] },
            { as },
          ),
          201,
        ),
      );
      refuses(
        await api.post(
          path("roles", GROUP),
          { metadata: { name: `${name}no` }, rules: [rule(["get", "list"], ["secrets"])] },
          { as },
        ),
        403,
        `roles.rbac.authorization.k8s.io "${name}no" is forbidden: user "${as}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`,
      );
      refuses(
        await api.post(
          path("rolebindings", GROUP),
          binding(`${name}no`, "cluster-admin", "ClusterRole", user("x")),
          { as },
        ),
        403,
        "is attempting to grant RBAC permissions not currently held",
      );
    },
  ),
  check(
    "escalate and bind allow it",
    `${RBAC}: Privilege escalation prevention and bootstrapping`,
    async (trial) => {
      const { api, path, name } = trial;
      const as = await grant(
        trial,
        {
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["roles", "rolebindings"],
          verbs: ["create", "escalate", "bind"],
        },
        { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs: ["bind"] },
      );
      await eventually(async () =>
        answers(
          await api.post(
            path("roles", GROUP),
            { metadata: { name: `${name}ok` }, rules: [rule(["*"], ["secrets"])] },
            { as },
          ),
          201,
        ),
      );
      answers(
        await api.post(path("rolebindings", GROUP), binding(`${name}ok`, `${name}ok`, "Role", user("x")), {
          as,
        }),
        201,
      );
    },
  ),
  check("the roles that come with the API", `${RBAC}: Default roles and role bindings`, async ({ api }) => {
    for (const name of [
      "cluster-admin",
      "admin",
      "edit",
      "view",
      "system:discovery",
      "system:basic-user",
      "system:public-info-viewer",
      "system:node",
      "system:kube-scheduler",
      "system:auth-delegator",
      "system:aggregate-to-view",
    ]) {
      like(answers(await api.get(`/apis/${GROUP}/clusterroles/${name}`)), {
        metadata: { labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
      });
    }
    like(answers(await api.get(`/apis/${GROUP}/clusterrolebindings/cluster-admin`)), {
      subjects: [{ kind: "Group", name: "system:masters" }],
    });
    answers(
      await api.get(`/apis/${GROUP}/namespaces/kube-system/roles/extension-apiserver-authentication-reader`),
    );
  }),
  check(
    "view reads, and no secrets; edit writes, and no roles; admin both",
    `${RBAC}: User-facing roles`,
    async (trial) => {
      const { api, path, name } = trial;
      for (const role of ["view", "edit", "admin"])
        await api.post(
          path("rolebindings", GROUP),
          binding(`${name}${role}`, role, "ClusterRole", user(`${name}${role}`)),
        );
      const may = async (role: string, verb: string, resource: string, group = "") =>
        answers(
          await api.post(`${AUTHORIZATION}/subjectaccessreviews`, {
            spec: {
              user: `${name}${role}`,
              resourceAttributes: { namespace: trial.ns, verb, resource, group },
            },
          }),
          201,
        ).status.allowed;
      await eventually(async () =>
        same(await may("admin", "create", "roles", "rbac.authorization.k8s.io"), true, "admins make roles"),
      );
      same(
        [
          await may("view", "get", "pods"),
          await may("view", "get", "secrets"),
          await may("view", "create", "pods"),
        ],
        [true, false, false],
        "view",
      );
      same(
        [
          await may("edit", "create", "pods"),
          await may("edit", "get", "secrets"),
          await may("edit", "get", "roles", "rbac.authorization.k8s.io"),
        ],
        [true, true, false],
        "edit",
      );
      same(
        [await may("admin", "update", "resourcequotas"), await may("admin", "get", "resourcequotas")],
        [false, true],
        "admin",
      );
    },
    "controllers",
  ),
];

const reviews: readonly Check[] = [
  check("SelfSubjectAccessReview answers for oneself", REVIEW, async ({ api, ns }) => {
    const body = { spec: { resourceAttributes: { namespace: ns, verb: "list", resource: "secrets" } } };
    like(answers(await api.post(`${AUTHORIZATION}/selfsubjectaccessreviews`, body), 201), {
      status: { allowed: true },
    });
    like(answers(await api.post(`${AUTHORIZATION}/selfsubjectaccessreviews`, body, { as: "nobody" }), 201), {
      status: { allowed: false },
    });
    like(
      answers(
        await api.post(`${AUTHORIZATION}/selfsubjectaccessreviews`, {
          spec: { nonResourceAttributes: { path: "/metrics", verb: "get" } },
        }),
        201,
      ),
      { status: { allowed: true } },
    );
  }),
  check("SubjectAccessReview gives the reason", OWN, async (trial) => {
    const as = await grant(trial, rule(["get"], ["pods"]));
    const body = {
      spec: { user: as, resourceAttributes: { namespace: trial.ns, verb: "get", resource: "pods" } },
    };
    await eventually(async () =>
      like(answers(await trial.api.post(`${AUTHORIZATION}/subjectaccessreviews`, body), 201).status, {
        allowed: true,
        reason: `RBAC: allowed by RoleBinding "${as}/${trial.ns}" of Role "${as}" to User "${as}"`,
      }),
    );
  }),
  check("LocalSubjectAccessReview keeps to its namespace", REVIEW, async ({ api, path, ns }) => {
    const body = (namespace: string) => ({
      metadata: { namespace: ns },
      spec: { user: "x", resourceAttributes: { namespace, verb: "get", resource: "pods" } },
    });
    like(
      answers(await api.post(path("localsubjectaccessreviews", "authorization.k8s.io/v1"), body(ns)), 201),
      { status: { allowed: false } },
    );
    refuses(
      await api.post(path("localsubjectaccessreviews", "authorization.k8s.io/v1"), body("other")),
      422,
      "spec.resourceAttributes.namespace: Invalid value",
    );
  }),
  check("reviews that ask nothing are refused", OWN, async ({ api }) => {
    refuses(
      await api.post(`${AUTHORIZATION}/selfsubjectaccessreviews`, { spec: {} }),
      422,
      "exactly one of nonResourceAttributes or resourceAttributes must be specified",
    );
    refuses(
      await api.post(`${AUTHORIZATION}/subjectaccessreviews`, {
        spec: { resourceAttributes: { verb: "get" } },
      }),
      422,
      "at least one of user or group must be specified",
    );
  }),
  check("reviews are not kept", OWN, async ({ api }) => {
    const { code } = await api.get(`${AUTHORIZATION}/selfsubjectaccessreviews`);
    holds(code === 404 || code === 405, `listing is refused, not ${code}`);
    refuses(
      await api.post(
        `${AUTHORIZATION}/selfsubjectaccessreviews`,
        { spec: { nonResourceAttributes: { path: "/", verb: "get" } } },
        { headers: { accept: TABLE } },
      ),
      406,
    );
  }),
  check("SelfSubjectRulesReview lists rules", REVIEW, async (trial) => {
    const as = await grant(trial, rule(["get", "list"], ["pods"]));
    await eventually(async () => {
      const { status } = answers(
        await trial.api.post(
          `${AUTHORIZATION}/selfsubjectrulesreviews`,
          { spec: { namespace: trial.ns } },
          { as },
        ),
        201,
      );
      holds(
        status.resourceRules.some(
          ({ resources, verbs }: Json) => resources.includes("pods") && verbs.includes("list"),
        ),
        "the rule is there",
      );
      holds(
        status.nonResourceRules.some(({ nonResourceURLs }: Json) => nonResourceURLs.includes("/healthz")),
        "paths are there",
      );
    });
    refuses(
      await trial.api.post(`${AUTHORIZATION}/selfsubjectrulesreviews`, { spec: {} }),
      400,
      "no namespace on request",
    );
  }),
  check(
    "kubectl auth can-i, with --list and --as",
    "reference/kubectl/generated/kubectl_auth/kubectl_auth_can-i",
    async (trial) => {
      const as = await grant(trial, rule(["get"], ["pods", "pods/log"]));
      const { tools, ns } = trial;
      await eventually(async () =>
        same(
          succeeded(await tools.kubectl(["auth", "can-i", "get", "pods", "-n", ns, `--as=${as}`])),
          "yes\n",
          "get pods",
        ),
      );
      failed(await tools.kubectl(["auth", "can-i", "delete", "pods", "-n", ns, `--as=${as}`]));
      same(
        succeeded(
          await tools.kubectl(["auth", "can-i", "get", "pods", "--subresource=log", "-n", ns, `--as=${as}`]),
        ),
        "yes\n",
        "get pods/log",
      );
      holds(
        /^pods\s+\[\]\s+\[\]\s+\[get\]$/m.test(
          succeeded(await tools.kubectl(["auth", "can-i", "--list", "-n", ns, `--as=${as}`])),
        ),
        "the list has the rule",
      );
      holds(
        failed(await tools.kubectl(["get", "secrets", "-n", ns, `--as=${as}`])).startsWith(
          `Error from server (Forbidden): secrets is forbidden: User "${as}" cannot list resource "secrets"`,
        ),
        "a refusal is told",
      );
    },
  ),
  check(
    "kubectl auth reconcile, create role and rolebinding",
    "reference/kubectl/generated/kubectl_auth/kubectl_auth_reconcile",
    async ({ tools, name, ns }) => {
      const role = {
        apiVersion: GROUP,
        kind: "Role",
        metadata: { name, namespace: ns },
        rules: [rule(["get"], ["pods"])],
      };
      succeeded(await tools.kubectl(["auth", "reconcile", "-n", ns, "-f", "-"], { input: role }));
      holds(
        succeeded(
          await tools.kubectl(["auth", "reconcile", "-n", ns, "-f", "-"], {
            input: { ...role, rules: [rule(["get", "list"], ["pods"])] },
          }),
        ).includes("reconciled"),
        "it is reconciled",
      );
    },
  ),
  check(
    "a service account's life",
    "a conformance test of Kubernetes: ServiceAccounts should run through the lifecycle of a ServiceAccount",
    async ({ api, path, name }) => {
      await api.post(path("serviceaccounts"), { metadata: { name, labels: { of: name } } });
      like(
        answers(
          await api.patch(`${path("serviceaccounts")}/${name}`, MERGE_PATCH, {
            automountServiceAccountToken: false,
          }),
        ),
        { automountServiceAccountToken: false },
      );
      same(
        answers(await api.get(`/api/v1/serviceaccounts?labelSelector=of%3D${name}`)).items.length,
        1,
        "the number listed",
      );
      answers(await api.delete(`${path("serviceaccounts")}?labelSelector=of%3D${name}`));
    },
  ),
];

export const access: readonly Check[] = [...authorization, ...reviews];
