import { type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, like, refuses, same, type Trial } from "../check.js";

const ACCOUNTS = "tasks/configure-pod-container/configure-service-account";
const TOKENS = "concepts/configuration/secret: ServiceAccount token Secrets";
const STORAGE = "concepts/storage/persistent-volumes: Storage Object in Use Protection";
const OWN = "observed on a kube-apiserver 1.35: authn-authz";
const ACCOUNT = "kubernetes.io/service-account.name";

/** An account and a Secret for its token, once that is filled in; the token. */
async function tokenSecret(trial: Trial): Promise<{ readonly token: string; readonly secret: Json }> {
  const { api, path, name } = trial;
  answers(await api.post(path("serviceaccounts"), { metadata: { name } }), 201);
  const body = {
    metadata: { name, annotations: { [ACCOUNT]: name } },
    type: "kubernetes.io/service-account-token",
  };
  answers(await api.post(path("secrets"), body), 201);
  let secret: Json;
  await eventually(async () => {
    secret = answers(await api.get(`${path("secrets")}/${name}`));
    like(secret.data, { token: /./, "ca.crt": /./, namespace: /./ });
  });
  return { secret, token: Buffer.from(secret.data.token, "base64").toString() };
}

const review = async ({ api }: Trial, token: string): Promise<Json> => {
  const reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
  return answers(await api.post(reviews, { spec: { token } }), 201).status;
};

export const tokenSecretChecks: readonly Check[] = [
  check(
    "a Secret gets the token of its account",
    TOKENS,
    async (trial) => {
      const { ns, name } = trial;
      const { secret, token } = await tokenSecret(trial);
      const account = answers(await trial.api.get(`${trial.path("serviceaccounts")}/${name}`));
      same(Buffer.from(secret.data.namespace, "base64").toString(), ns, "the namespace");
      same(
        secret.metadata.annotations["kubernetes.io/service-account.uid"],
        account.metadata.uid,
        "the account's uid",
      );
      const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
      same(
        claims,
        {
          iss: "kubernetes/serviceaccount",
          "kubernetes.io/serviceaccount/namespace": ns,
          "kubernetes.io/serviceaccount/secret.name": name,
          "kubernetes.io/serviceaccount/service-account.name": name,
          "kubernetes.io/serviceaccount/service-account.uid": account.metadata.uid,
          sub: `system:serviceaccount:${ns}:${name}`,
        },
        "the claims",
      );
    },
    "controllers",
  ),
  check(
    "the token of a Secret is its account",
    TOKENS,
    async (trial) => {
      const { api, ns, name } = trial;
      const { token } = await tokenSecret(trial);
      const reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      const { status } = answers(await api.post(reviews, {}, { token }), 201);
      like(status.userInfo, {
        username: `system:serviceaccount:${ns}:${name}`,
        groups: ["system:serviceaccounts", `system:serviceaccounts:${ns}`, "system:authenticated"],
      });
      refuses(await api.get(trial.path("secrets"), { token }), 403);
      await eventually(async () => {
        const { metadata } = answers(await api.get(`${trial.path("secrets")}/${name}`));
        like(metadata.labels, { "kubernetes.io/legacy-token-last-used": /^\d{4}-\d\d-\d\d$/ });
      });
    },
    "controllers",
  ),
  check(
    "a Secret goes with its account",
    TOKENS,
    async (trial) => {
      const { api, path, name } = trial;
      const { token } = await tokenSecret(trial);
      answers(await api.delete(`${path("serviceaccounts")}/${name}`));
      await eventually(async () => answers(await api.get(`${path("secrets")}/${name}`), 404));
      like(await review(trial, token), {
        authenticated: undefined,
        error: "[invalid bearer token, Token has been invalidated]",
      });
    },
    "controllers",
  ),
  check(
    "a Secret for an account that is not there goes",
    TOKENS,
    async ({ api, path, name }) => {
      const body = {
        metadata: { name, annotations: { [ACCOUNT]: "nobody" } },
        type: "kubernetes.io/service-account-token",
      };
      answers(await api.post(path("secrets"), body), 201);
      await eventually(async () => answers(await api.get(`${path("secrets")}/${name}`), 404));
    },
    "controllers",
  ),
  check(
    "a Secret without the name of an account is refused",
    `${ACCOUNTS}: Manually create a long-lived API token for a ServiceAccount`,
    async ({ api, path, name }) => {
      const body = { metadata: { name }, type: "kubernetes.io/service-account-token" };
      refuses(await api.post(path("secrets"), body), 422, `metadata.annotations[${ACCOUNT}]: Required value`);
    },
  ),
  check(
    "a token that is marked invalid is refused",
    OWN,
    async (trial) => {
      const { api, path, name, ns } = trial;
      const { token } = await tokenSecret(trial);
      const labels = { "kubernetes.io/legacy-token-invalid-since": "2026-01-01" };
      answers(await api.patch(`${path("secrets")}/${name}`, MERGE_PATCH, { metadata: { labels } }));
      await eventually(async () =>
        like(await review(trial, token), {
          error: new RegExp(
            `the token in secret ${ns}/${name} for service account ${ns}/${name} has been marked invalid`,
          ),
        }),
      );
    },
    "controllers",
  ),
];

const claim = (name: string) => ({
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
});

export const protectionChecks: readonly Check[] = [
  check(
    "claims, volumes and attributes classes are created with what protects them",
    STORAGE,
    async (trial) => {
      const { api, path, name } = trial;
      const volume = {
        metadata: { name },
        spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/x" } },
      };
      const attributes = {
        metadata: { name, finalizers: ["example.com/own"] },
        driverName: "x.example.com",
        parameters: { a: "b" },
      };
      const finalizersOf = async (collection: string, body: object) =>
        answers(await api.post(`${collection}?dryRun=All`, body), 201).metadata.finalizers;
      same(
        await finalizersOf(path("persistentvolumeclaims"), claim(name)),
        ["kubernetes.io/pvc-protection"],
        "the claim's finalizers",
      );
      same(
        await finalizersOf("/api/v1/persistentvolumes", volume),
        ["kubernetes.io/pv-protection"],
        "the volume's finalizers",
      );
      same(
        await finalizersOf("/apis/storage.k8s.io/v1/volumeattributesclasses", attributes),
        ["example.com/own", "kubernetes.io/vac-protection"],
        "the class's finalizers",
      );
    },
  ),
  check(
    "a claim that nothing uses goes at once",
    STORAGE,
    async ({ api, path, name }) => {
      answers(await api.post(path("persistentvolumeclaims"), claim(name)), 201);
      answers(await api.delete(`${path("persistentvolumeclaims")}/${name}`));
      await eventually(async () => answers(await api.get(`${path("persistentvolumeclaims")}/${name}`), 404));
    },
    "controllers",
  ),
];
