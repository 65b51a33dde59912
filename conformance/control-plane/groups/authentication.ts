import type { Json } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { succeeded } from "../tools.js";

const AUTHN = "reference/access-authn-authz/authentication";

const ACCOUNTS = "tasks/configure-pod-container/configure-service-account";

const OWN = "observed on a kube-apiserver 1.35: authn-authz";

const AUTHENTICATION = "/apis/authentication.k8s.io/v1";

async function tokenOf(trial: Trial, account: string, spec: object = {}): Promise<Json> {
  return answers(await trial.api.post(`${trial.path("serviceaccounts")}/${account}/token`, { spec }), 201);
}

const authentication: readonly Check[] = [
  check("who sends nothing gets 401", `${AUTHN}: Authentication strategies`, async ({ api, path }) => {
    const status = refuses(await api.get(path("configmaps"), { token: "" }), 401, "Unauthorized");
    like(status, { reason: "Unauthorized", details: undefined });
  }),
  check("a wrong token is 401, whatever else is asked", OWN, async ({ api }) => {
    for (const path of ["/api/v1/secrets", "/apis/none.example.com/v1", "/nothing"])
      refuses(await api.get(path, { token: "wrong" }), 401);
  }),
  check("a certificate names user and groups", `${AUTHN}: X.509 client certificates`, async ({ api }) => {
    const { status } = answers(await api.post(`${AUTHENTICATION}/selfsubjectreviews`, {}), 201);
    like(status.userInfo, {
      username: /./,
      groups: ["system:masters", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [/^X509SHA256=[0-9a-f]{64}$/] },
    });
  }),
  check(
    "a token of a service account",
    `${ACCOUNTS}: Manually create an API token for a ServiceAccount`,
    async (trial) => {
      const { api, ns, name, path } = trial;
      const account = answers(await api.post(path("serviceaccounts"), { metadata: { name } }), 201);
      const request = await tokenOf(trial, name);
      like(request, {
        kind: "TokenRequest",
        status: { token: /^[\w-]+\.[\w-]+\.[\w-]+$/, expirationTimestamp: /Z$/ },
        spec: { expirationSeconds: 3600 },
      });
      const claims = JSON.parse(Buffer.from(request.status.token.split(".")[1], "base64url").toString());
      like(claims, {
        sub: `system:serviceaccount:${ns}:${name}`,
        "kubernetes.io": { namespace: ns, serviceaccount: { name, uid: account.metadata.uid } },
      });
      const { status } = answers(
        await api.post(`${AUTHENTICATION}/selfsubjectreviews`, {}, { token: request.status.token }),
        201,
      );
      like(status.userInfo, {
        username: `system:serviceaccount:${ns}:${name}`,
        uid: account.metadata.uid,
        groups: ["system:serviceaccounts", `system:serviceaccounts:${ns}`, "system:authenticated"],
      });
    },
  ),
  check("a token lasts ten minutes at least", OWN, async ({ api, path, name }) => {
    await api.post(path("serviceaccounts"), { metadata: { name } });
    refuses(
      await api.post(`${path("serviceaccounts")}/${name}/token`, { spec: { expirationSeconds: 1 } }),
      422,
      "spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes",
    );
    refuses(
      await api.post(`${path("serviceaccounts")}/none/token`, {}),
      404,
      'serviceaccounts "none" not found',
    );
  }),
  check("a token dies with its service account", OWN, async (trial) => {
    const { api, path, name } = trial;
    await api.post(path("serviceaccounts"), { metadata: { name } });
    const { status } = await tokenOf(trial, name);
    await api.delete(`${path("serviceaccounts")}/${name}`);
    await eventually(async () => refuses(await api.get("/version", { token: status.token }), 401), 75_000);
  }),
  check("a token bound to a secret dies with it", OWN, async (trial) => {
    const { api, path, name } = trial;
    await api.post(path("serviceaccounts"), { metadata: { name } });
    await api.post(path("secrets"), { metadata: { name } });
    const { status } = await tokenOf(trial, name, {
      boundObjectRef: { kind: "Secret", apiVersion: "v1", name },
    });
    answers(await api.post(`${AUTHENTICATION}/selfsubjectreviews`, {}, { token: status.token }), 201);
    await api.delete(`${path("secrets")}/${name}`);
    await eventually(
      async () =>
        refuses(await api.post(`${AUTHENTICATION}/selfsubjectreviews`, {}, { token: status.token }), 401),
      75_000,
    );
  }),
  check("TokenReview tells whose a token is, or that it is none", OWN, async (trial) => {
    const { api, path, name, ns } = trial;
    await api.post(path("serviceaccounts"), { metadata: { name } });
    const { status } = await tokenOf(trial, name);
    const review = async (token: string, audiences?: string[]) =>
      answers(await api.post(`${AUTHENTICATION}/tokenreviews`, { spec: { token, audiences } }), 201).status;
    like(await review(status.token), {
      authenticated: true,
      user: { username: `system:serviceaccount:${ns}:${name}` },
    });
    like(await review("wrong"), { authenticated: undefined, error: /invalid bearer token/ });
    like(await review(status.token, ["somebody-else"]), { authenticated: undefined });
  }),
  check(
    "kubectl create token, auth whoami",
    "reference/kubectl/generated/kubectl_auth/kubectl_auth_whoami",
    async ({ tools, api, path, name, ns }) => {
      await api.post(path("serviceaccounts"), { metadata: { name } });
      const token = succeeded(await tools.kubectl(["create", "token", name, "-n", ns])).trim();
      const who = await api.post(`${AUTHENTICATION}/selfsubjectreviews`, {}, { token });
      like(answers(who, 201), { status: { userInfo: { username: `system:serviceaccount:${ns}:${name}` } } });
      holds(
        /Username\s+\S+/.test(succeeded(await tools.kubectl(["auth", "whoami"]))),
        "kubectl tells who it is",
      );
    },
  ),
  check("impersonation: user, groups and extra", `${AUTHN}: User impersonation`, async ({ api }) => {
    const headers = { "impersonate-extra-Scopes": ["a", "b"], "impersonate-uid": "u-1" };
    const { status } = answers(
      await api.post(`${AUTHENTICATION}/selfsubjectreviews`, {}, { as: "jane", groups: ["devs"], headers }),
      201,
    );
    like(status.userInfo, {
      username: "jane",
      uid: "u-1",
      groups: ["devs", "system:authenticated"],
      extra: { scopes: ["a", "b"] },
    });
  }),
  check("impersonating a service account gives its groups", OWN, async ({ api, ns }) => {
    const { status } = answers(
      await api.post(`${AUTHENTICATION}/selfsubjectreviews`, {}, { as: `system:serviceaccount:${ns}:x` }),
      201,
    );
    same(
      status.userInfo.groups,
      ["system:serviceaccounts", `system:serviceaccounts:${ns}`, "system:authenticated"],
      "groups",
    );
  }),
  check("groups without a user are refused", OWN, async ({ api }) => {
    const answer = await api.get("/api/v1/nodes", { groups: ["g"] });
    holds(answer.code === 400 || answer.code === 500, `it is refused, not ${answer.code}`);
    holds(answer.text.includes("without impersonating a user"), answer.text);
  }),
  check("impersonation must be allowed", `${AUTHN}: User impersonation`, async (trial) => {
    const { api, path, name } = trial;
    await api.post(path("serviceaccounts"), { metadata: { name } });
    const { status } = await tokenOf(trial, name);
    refuses(
      await api.get("/version", { token: status.token, as: "bob" }),
      403,
      `users "bob" is forbidden: User "system:serviceaccount:${trial.ns}:${name}" cannot impersonate resource "users" in API group "" at the cluster scope`,
    );
  }),
];

export const authenticationChecks: readonly Check[] = [...authentication];
