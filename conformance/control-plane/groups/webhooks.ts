import { type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { define } from "../definitions.js";
import { configMap, pod } from "../samples.js";
import { patchedWith, reviewed, Webhook } from "../webhook.js";

const HOOKS = "reference/access-authn-authz/extensible-admission-controllers";

const E2E = "a conformance test of Kubernetes: ";

const OWN = "observed on a kube-apiserver 1.35: admission-webhooks-and-policies";

const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

/** Rules for ConfigMaps of the trial's own: by a label, so that checks do not meet each other's. */
const mapRules = (operations = ["CREATE", "UPDATE"]) => [
  { operations, apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] },
];

async function hook(
  trial: Trial,
  kind: "mutating" | "validating",
  answer: (review: Json, path: string) => Json | Promise<Json>,
  more: object = {},
): Promise<Webhook> {
  const webhook = await Webhook.start(answer);
  trial.after(() => webhook.close());
  await register(trial, kind, webhook, more);
  return webhook;
}

async function register(
  trial: Trial,
  kind: "mutating" | "validating",
  webhook: Webhook,
  more: object = {},
  name = trial.name,
): Promise<string> {
  const at = `${REGISTRATION}/${kind}webhookconfigurations`;
  const each = {
    name: `${name}.example.com`,
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    clientConfig: webhook.clientConfig(),
    rules: mapRules(),
    objectSelector: { matchLabels: { hook: trial.name } },
    ...more,
  };
  answers(await trial.api.post(at, { metadata: { name }, webhooks: [each] }), 201);
  trial.after(() => trial.api.delete(`${at}/${name}`));
  return `${at}/${name}`;
}

const marked = (trial: Trial, name: string, data: Record<string, string> = {}) =>
  configMap(name, data, { labels: { hook: trial.name } });

/** Configurations take effect a moment after they are written: asks until the webhook was called. */
async function called(trial: Trial, webhook: Webhook): Promise<void> {
  await eventually(async () => {
    await trial.api.post(
      `${trial.path("configmaps")}?dryRun=All`,
      marked(trial, `${trial.name}-marker`, { m: "0" }),
    );
    holds(webhook.calls.length > 0, "the webhook is called");
  });
}

const webhooks: readonly Check[] = [
  check("a webhook refuses, with its own message and code", `${HOOKS}: Response`, async (trial) => {
    const webhook = await hook(trial, "validating", (review) =>
      reviewed(review, { allowed: false, status: { message: "not today", code: 418, reason: "Teapot" } }),
    );
    await called(trial, webhook);
    const status = refuses(
      await trial.api.post(trial.path("configmaps"), marked(trial, trial.name)),
      418,
      `admission webhook "${trial.name}.example.com" denied the request: not today`,
    );
    same(status.reason, "Teapot", "the reason");
  }),
  check("without a message it is told so", OWN, async (trial) => {
    const webhook = await hook(trial, "validating", (review) => reviewed(review, { allowed: false }));
    await called(trial, webhook);
    refuses(
      await trial.api.post(trial.path("configmaps"), marked(trial, trial.name)),
      400,
      "denied the request without explanation",
    );
  }),
  check("a review tells who does what to which object", `${HOOKS}: Request`, async (trial) => {
    const webhook = await hook(trial, "validating", (review) => reviewed(review, { allowed: true }), {
      rules: mapRules(["*"]),
    });
    await called(trial, webhook);
    webhook.calls.length = 0;
    answers(await trial.api.post(trial.path("configmaps"), marked(trial, trial.name, { a: "1" })), 201);
    answers(
      await trial.api.patch(`${trial.path("configmaps")}/${trial.name}`, MERGE_PATCH, { data: { a: "2" } }),
    );
    answers(await trial.api.delete(`${trial.path("configmaps")}/${trial.name}`));
    const [created, updated, deleted] = webhook.calls.map(({ request }) => request);
    like(created, {
      uid: /./,
      operation: "CREATE",
      kind: { group: "", version: "v1", kind: "ConfigMap" },
      resource: { group: "", version: "v1", resource: "configmaps" },
      requestKind: { kind: "ConfigMap" },
      namespace: trial.ns,
      name: trial.name,
      userInfo: { username: /./ },
      object: { data: { a: "1" } },
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions" },
    });
    like(updated, {
      operation: "UPDATE",
      object: { data: { a: "2" } },
      oldObject: { data: { a: "1" } },
      options: { kind: "UpdateOptions" },
    });
    like(deleted, {
      operation: "DELETE",
      object: null,
      oldObject: { data: { a: "2" } },
      options: { kind: "DeleteOptions" },
    });
  }),
  check(
    "mutating webhooks run one after the other",
    `${E2E}AdmissionWebhook should mutate configmap`,
    async (trial) => {
      const add = (key: string) => (review: Json) =>
        patchedWith(review, [
          { op: "add", path: `/data/${key}`, value: String(Object.keys(review.request.object.data).length) },
        ]);
      const first = await hook(trial, "mutating", add("first"), {});
      const second = await Webhook.start(add("second"));
      trial.after(() => second.close());
      await register(trial, "mutating", second, {}, `${trial.name}b`);
      await called(trial, first);
      await called(trial, second);
      same(
        answers(await trial.api.post(trial.path("configmaps"), marked(trial, trial.name, { a: "x" })), 201)
          .data,
        { a: "x", first: "1", second: "2" },
        "data",
      );
    },
  ),
  check(
    "a patched object is filled in, a patched custom resource pruned",
    `${E2E}AdmissionWebhook should mutate pod and apply defaults after mutation; should mutate custom resource with pruning`,
    async (trial) => {
      const schema = {
        type: "object",
        properties: {
          data: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } },
        },
      };
      const { collection, object, group, plural } = await define(trial, { schema });
      const answer = (review: Json) =>
        review.request.kind.kind === "Pod"
          ? patchedWith(review, [
              { op: "add", path: "/spec/initContainers", value: [{ name: "added", image: "app:2" }] },
            ])
          : patchedWith(review, [
              { op: "add", path: "/data/b", value: "yes" },
              { op: "add", path: "/data/unknown", value: "no" },
            ]);
      const rules = [
        {
          operations: ["CREATE"],
          apiGroups: ["", group],
          apiVersions: ["v1"],
          resources: ["pods", plural, "configmaps"],
        },
      ];
      await hook(trial, "mutating", answer, { rules });
      const labels = { hook: trial.name };
      await eventually(async () => {
        const made = answers(
          await trial.api.post(
            `${trial.path("pods")}?dryRun=All`,
            pod(trial.name, { schedulerName: "nobody" }, { labels }),
          ),
          201,
        );
        like(made.spec.initContainers, [
          { name: "added", imagePullPolicy: "IfNotPresent", terminationMessagePath: "/dev/termination-log" },
        ]);
      });
      same(
        answers(await trial.api.post(collection(), object(trial.name, { data: { a: "x" } }, { labels })), 201)
          .data,
        { a: "x", b: "yes" },
        "data",
      );
    },
  ),
  check(
    "custom resources are refused on creation, update and deletion",
    `${E2E}AdmissionWebhook should be able to deny custom resource creation, update and deletion`,
    async (trial) => {
      const { collection, object, group, plural } = await define(trial);
      const answer = (review: Json) =>
        reviewed(review, {
          allowed:
            (review.request.object ?? review.request.oldObject).data?.bad !== true ||
            review.request.operation === "DELETE"
              ? review.request.oldObject?.data?.keep !== true
              : false,
        });
      const webhook = await hook(trial, "validating", answer, {
        rules: [
          { operations: ["*"], apiGroups: [group], apiVersions: ["v1"], resources: [plural] },
          ...mapRules(["CREATE"]),
        ],
        objectSelector: {},
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": trial.ns } },
        matchConditions: [
          {
            name: "mine",
            expression: `request.resource.resource == '${plural}' || object.metadata.name.startsWith('${trial.name}')`,
          },
        ],
      });
      await called(trial, webhook);
      same(
        (await trial.api.post(collection(), object("bad", { data: { bad: true } }))).code,
        400,
        "the code of creating",
      );
      answers(await trial.api.post(collection(), object("ok", { data: {} })), 201);
      same(
        (await trial.api.patch(`${collection()}/ok`, MERGE_PATCH, { data: { bad: true } })).code,
        400,
        "the code of updating",
      );
      answers(await trial.api.patch(`${collection()}/ok`, MERGE_PATCH, { data: { keep: true } }));
      same((await trial.api.delete(`${collection()}/ok`)).code, 400, "the code of deleting");
    },
  ),
  check("what cannot be reached refuses, or is passed over", `${HOOKS}: Failure policy`, async (trial) => {
    const gone = await Webhook.start(() => ({}));
    gone.close();
    const config = { clientConfig: { url: "https://127.0.0.1:1/" } };
    const at = await register(trial, "validating", {
      clientConfig: () => config.clientConfig,
    } as unknown as Webhook);
    await eventually(async () =>
      refuses(
        await trial.api.post(trial.path("configmaps"), marked(trial, trial.name)),
        500,
        `Internal error occurred: failed calling webhook "${trial.name}.example.com": failed to call webhook: Post "https://127.0.0.1:1/?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused`,
      ),
    );
    const live = answers(await trial.api.get(at));
    live.webhooks[0].failurePolicy = "Ignore";
    answers(await trial.api.put(at, live));
    await eventually(async () =>
      answers(await trial.api.post(trial.path("configmaps"), marked(trial, `${trial.name}ok`)), 201),
    );
  }),
  check(
    "a certificate of somebody else is refused",
    `${E2E}AdmissionWebhook should unconditionally reject operations on fail closed webhook`,
    async (trial) => {
      const [webhook, other] = [
        await Webhook.start((review) => reviewed(review, { allowed: true })),
        await Webhook.start(() => ({})),
      ];
      trial.after(() => webhook.close());
      trial.after(() => other.close());
      await register(trial, "validating", webhook, {
        clientConfig: { ...webhook.clientConfig(), caBundle: other.clientConfig().caBundle },
      });
      await eventually(async () =>
        refuses(
          await trial.api.post(trial.path("configmaps"), marked(trial, trial.name)),
          500,
          "failed calling webhook",
        ),
      );
    },
  ),
  check("a Service leads to its webhook", `${HOOKS}: Service reference`, async (trial) => {
    const { api, ns, name } = trial;
    const webhook = await Webhook.start(
      (review) => reviewed(review, { allowed: false, status: { message: "reached" } }),
      [`${name}.${ns}.svc`],
    );
    trial.after(() => webhook.close());
    const { port } = webhook;
    const { caBundle } = webhook.clientConfig();
    await register(trial, "validating", webhook, {
      clientConfig: { service: { namespace: ns, name, port, path: "/check" }, caBundle },
    });
    const says = (text: string) =>
      eventually(async () => {
        const answer = await api.post(trial.path("configmaps"), marked(trial, name));
        holds(answer.json.message.includes(text), `${answer.json.message} says ${text}`);
      });
    await says(`Post "https://${name}.${ns}.svc:${port}/check?timeout=10s": service "${name}" not found`);
    const service = (spec: object) => api.post(trial.path("services"), { metadata: { name }, spec });
    answers(await service({ ports: [{ port: port === 1 ? 2 : 1 }] }), 201);
    await says(`no service port ${port} found for service "${name}"`);
    answers(await api.delete(`${trial.path("services")}/${name}`));
    answers(await service({ type: "ExternalName", externalName: "localhost" }), 201);
    await says("denied the request: reached");
  }),
  check("a Service's webhook must be certified under the Service's name", OWN, async (trial) => {
    const { api, ns, name } = trial;
    const webhook = await Webhook.start((review) => reviewed(review, { allowed: true }));
    trial.after(() => webhook.close());
    const { caBundle } = webhook.clientConfig();
    const spec = { type: "ExternalName", externalName: "localhost" };
    answers(await api.post(trial.path("services"), { metadata: { name }, spec }), 201);
    await register(trial, "validating", webhook, {
      clientConfig: { service: { namespace: ns, name, port: webhook.port }, caBundle },
    });
    await eventually(async () =>
      refuses(
        await api.post(trial.path("configmaps"), marked(trial, name)),
        500,
        `tls: failed to verify certificate: x509: certificate is valid for localhost, not ${name}.${ns}.svc`,
      ),
    );
  }),
  check("timeouts are kept", `${E2E}AdmissionWebhook should honor timeout`, async (trial) => {
    const slow = (review: Json) =>
      new Promise<Json>((resolve) => setTimeout(() => resolve(reviewed(review, { allowed: true })), 3_000));
    await hook(trial, "validating", slow, { timeoutSeconds: 1 });
    await eventually(async () =>
      refuses(
        await trial.api.post(trial.path("configmaps"), marked(trial, trial.name)),
        500,
        "context deadline exceeded",
      ),
    );
  }),
  check("an answer that makes no sense is a failure", OWN, async (trial) => {
    const webhook = await hook(trial, "validating", (review) => ({
      apiVersion: review.apiVersion,
      kind: review.kind,
      response: { uid: "other", allowed: true },
    }));
    await called(trial, webhook);
    refuses(
      await trial.api.post(trial.path("configmaps"), marked(trial, trial.name)),
      500,
      'received invalid webhook response: expected response.uid="',
    );
  }),
  check("warnings and match conditions", `${HOOKS}: Matching requests: matchConditions`, async (trial) => {
    const webhook = await hook(
      trial,
      "validating",
      (review) => reviewed(review, { allowed: true, warnings: ["look out"] }),
      { matchConditions: [{ name: "not-skipped", expression: "!('skip' in object.metadata.labels)" }] },
    );
    await called(trial, webhook);
    same(
      (await trial.api.post(trial.path("configmaps"), marked(trial, trial.name))).warnings,
      ["look out"],
      "warnings",
    );
    const count = webhook.calls.length;
    same(
      (
        await trial.api.post(
          trial.path("configmaps"),
          configMap(`${trial.name}s`, {}, { labels: { hook: trial.name, skip: "yes" } }),
        )
      ).warnings,
      [],
      "warnings of what is skipped",
    );
    same(webhook.calls.length, count, "the number of calls");
  }),
  check(
    "namespace selectors and changed rules",
    `${E2E}AdmissionWebhook patching/updating a validating webhook should work`,
    async (trial) => {
      const webhook = await hook(trial, "validating", (review) => reviewed(review, { allowed: false }));
      await called(trial, webhook);
      const at = `${REGISTRATION}/validatingwebhookconfigurations/${trial.name}`;
      const live = answers(await trial.api.get(at));
      live.webhooks[0].rules = mapRules(["UPDATE"]);
      answers(await trial.api.put(at, live));
      await eventually(async () =>
        answers(await trial.api.post(trial.path("configmaps"), marked(trial, trial.name)), 201),
      );
      answers(
        await trial.api.patch(at, "application/json-patch+json", [
          { op: "replace", path: "/webhooks/0/rules/0/operations", value: ["CREATE"] },
          { op: "add", path: "/webhooks/0/namespaceSelector", value: { matchLabels: { none: "such" } } },
        ]),
      );
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      answers(await trial.api.post(trial.path("configmaps"), marked(trial, `${trial.name}b`)), 201);
    },
  ),
  check(
    "webhooks are listed, and deleted as a collection",
    `${E2E}AdmissionWebhook listing validating webhooks should work`,
    async (trial) => {
      const webhook = await Webhook.start((review) => reviewed(review, { allowed: false }));
      trial.after(() => webhook.close());
      for (const each of ["a", "b"]) await register(trial, "validating", webhook, {}, `${trial.name}${each}`);
      for (const each of ["a", "b"])
        await trial.api.patch(
          `${REGISTRATION}/validatingwebhookconfigurations/${trial.name}${each}`,
          MERGE_PATCH,
          { metadata: { labels: { of: trial.name } } },
        );
      const at = `${REGISTRATION}/validatingwebhookconfigurations?labelSelector=of%3D${trial.name}`;
      same(answers(await trial.api.get(at)).items.length, 2, "the number listed");
      await called(trial, webhook);
      answers(await trial.api.delete(at));
      await eventually(async () =>
        answers(
          await trial.api.post(`${trial.path("configmaps")}?dryRun=All`, marked(trial, trial.name)),
          201,
        ),
      );
    },
  ),
  check(
    "configurations of webhooks are not sent to webhooks",
    `${E2E}AdmissionWebhook should not be able to mutate or prevent deletion of webhook configuration objects`,
    async (trial) => {
      const webhook = await hook(trial, "validating", (review) => reviewed(review, { allowed: false }), {
        rules: [
          {
            operations: ["*"],
            apiGroups: ["admissionregistration.k8s.io"],
            apiVersions: ["*"],
            resources: ["*"],
          },
        ],
        objectSelector: { matchLabels: { hook: trial.name } },
      });
      const other = { metadata: { name: `${trial.name}x`, labels: { hook: trial.name } }, webhooks: [] };
      answers(await trial.api.post(`${REGISTRATION}/validatingwebhookconfigurations`, other), 201);
      answers(await trial.api.delete(`${REGISTRATION}/validatingwebhookconfigurations/${trial.name}x`));
      same(webhook.calls.length, 0, "the number of calls");
    },
  ),
  check("a webhook with side effects has no dry run", `${HOOKS}: Side effects`, async (trial) => {
    const webhook = await hook(trial, "validating", (review) => reviewed(review, { allowed: true }));
    await called(trial, webhook);
    same(webhook.calls.at(-1).request.dryRun, true, "dryRun in the review");
  }),
  check(
    "a mutating webhook is asked again after another's change",
    `${HOOKS}: Reinvocation policy`,
    async (trial) => {
      const first = await hook(
        trial,
        "mutating",
        (review) =>
          patchedWith(review, [
            { op: "add", path: "/data/seen", value: Object.keys(review.request.object.data).sort().join("") },
          ]),
        { reinvocationPolicy: "IfNeeded" },
      );
      const second = await Webhook.start((review) =>
        patchedWith(review, [{ op: "add", path: "/data/z", value: "1" }]),
      );
      trial.after(() => second.close());
      await register(trial, "mutating", second, {}, `${trial.name}b`);
      await called(trial, first);
      await called(trial, second);
      like(
        answers(await trial.api.post(trial.path("configmaps"), marked(trial, trial.name, { a: "x" })), 201)
          .data,
        { seen: "aseenz", z: "1" },
      );
    },
  ),
];

export const webhookChecks: readonly Check[] = [...webhooks];
