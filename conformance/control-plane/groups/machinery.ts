import { type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { DEFINITIONS, definitionBody } from "../definitions.js";
import { configMap } from "../samples.js";
import { reviewed, Webhook } from "../webhook.js";

const E2E = "a conformance test of Kubernetes: ";
const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";
const FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1";

/** Creates, reads, lists, watches, updates, patches and deletes objects of a cluster-wide kind that has a status. */
async function wholeLife(trial: Trial, collection: string, spec: Json, change: Json): Promise<void> {
  const { api, name } = trial;
  const labels = { life: name };
  const selected = `${collection}?labelSelector=life%3D${name}`;
  const stream = await api.watch(`${selected}&watch=true`);
  trial.after(() => stream.close());
  trial.after(() => api.delete(selected));
  const created = answers(await api.post(collection, { metadata: { name, labels }, spec }), 201);
  same(created.metadata.generation, 1, "the generation");
  answers(await api.post(collection, { metadata: { name: `${name}b`, labels }, spec }), 201);
  same(answers(await api.get(selected)).items.length, 2, "the number of objects");
  const at = `${collection}/${name}`;
  const patched = answers(await api.patch(at, MERGE_PATCH, { spec: change }));
  like(patched, { metadata: { generation: 2 }, spec: change });
  // The server itself writes to their status, so that a version may be old by now.
  await eventually(async () => {
    const live = answers(await api.get(at));
    live.metadata.annotations = { updated: "yes" };
    like(answers(await api.put(at, live)).metadata, { generation: 2, annotations: { updated: "yes" } });
  });
  const condition = {
    type: "Dangling",
    status: "False",
    reason: "Found",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  const status = { conditions: [condition] };
  const seen = answers(await api.patch(`${at}/status`, MERGE_PATCH, { status }));
  holds(
    seen.status.conditions.some((each: Json) => each.type === "Dangling"),
    "the status is patched",
  );
  await eventually(async () =>
    answers(await api.put(`${at}/status`, answers(await api.get(`${at}/status`)))),
  );
  answers(await api.delete(`${collection}/${name}b`));
  answers(await api.delete(selected));
  same(answers(await api.get(selected)).items, [], "what is left");
  await stream.find(({ type, object }) => type === "DELETED" && object.metadata.name === name);
  const types = stream.events.filter(({ object }) => object.metadata?.name === name).map(({ type }) => type);
  same([types[0], types.at(-1)], ["ADDED", "DELETED"], "the first and the last event");
}

/** A configuration with one webhook for ConfigMaps of the trial's namespace. */
function configuration(trial: Trial, webhook: Webhook, more: object): Json {
  return {
    metadata: { name: trial.name },
    webhooks: [
      {
        name: `${trial.name}.example.com`,
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        clientConfig: webhook.clientConfig(),
        rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": trial.ns } },
        objectSelector: { matchLabels: { hook: trial.name } },
        ...more,
      },
    ],
  };
}

async function install(
  trial: Trial,
  kind: "mutating" | "validating",
  webhook: Webhook,
  more: object,
): Promise<string> {
  const at = `${REGISTRATION}/${kind}webhookconfigurations`;
  trial.after(() => trial.api.delete(`${at}/${trial.name}`));
  answers(await trial.api.post(at, configuration(trial, webhook, more)), 201);
  return `${at}/${trial.name}`;
}

const denied = (review: Json) => reviewed(review, { allowed: false, status: { message: "not here" } });

export const machineryChecks: readonly Check[] = [
  check(
    "flow schemas: their whole life",
    `${E2E}API priority and fairness should support FlowSchema API operations`,
    (trial) =>
      wholeLife(
        trial,
        `${FLOW}/flowschemas`,
        {
          matchingPrecedence: 10_000,
          priorityLevelConfiguration: { name: "global-default" },
          distinguisherMethod: { type: "ByUser" },
          rules: [
            {
              subjects: [{ kind: "User", user: { name: "example" } }],
              nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
            },
          ],
        },
        { matchingPrecedence: 9_999 },
      ),
  ),
  check(
    "priority levels: their whole life",
    `${E2E}API priority and fairness should support PriorityLevelConfiguration API operations`,
    async (trial) => {
      const spec = { type: "Limited", limited: { limitResponse: { type: "Reject" } } };
      const collection = `${FLOW}/prioritylevelconfigurations`;
      const dry = await trial.api.post(`${collection}?dryRun=All`, { metadata: { name: trial.name }, spec });
      like(answers(dry, 201).spec.limited, {
        nominalConcurrencyShares: 30,
        lendablePercent: 0,
        limitResponse: { type: "Reject" },
      });
      await wholeLife(trial, collection, spec, { limited: { nominalConcurrencyShares: 5 } });
    },
  ),
  check(
    "definitions can be refused by a webhook",
    `${E2E}AdmissionWebhook should deny crd creation`,
    async (trial) => {
      const webhook = await Webhook.start(denied);
      trial.after(() => webhook.close());
      const rules = [
        {
          operations: ["CREATE"],
          apiGroups: ["apiextensions.k8s.io"],
          apiVersions: ["*"],
          resources: ["customresourcedefinitions"],
        },
      ];
      await install(trial, "validating", webhook, { rules, namespaceSelector: {} });
      const body = definitionBody(trial);
      body.metadata.labels = { hook: trial.name };
      trial.after(() => trial.api.delete(`${DEFINITIONS}/${body.metadata.name}`));
      await eventually(async () =>
        refuses(await trial.api.post(`${DEFINITIONS}?dryRun=All`, body), 400, "denied the request: not here"),
      );
      answers(await trial.api.get(`${DEFINITIONS}/${body.metadata.name}`), 404);
    },
  ),
  check(
    "a webhook passes over what its conditions leave out",
    `${E2E}AdmissionWebhook should mutate everything except 'skip-me' configmaps`,
    async (trial) => {
      const webhook = await Webhook.start(denied);
      trial.after(() => webhook.close());
      await install(trial, "validating", webhook, {
        matchConditions: [{ name: "skip", expression: "object.metadata.name != 'skip-me'" }],
      });
      const labels = { labels: { hook: trial.name } };
      const maps = trial.path("configmaps");
      await eventually(async () =>
        refuses(await trial.api.post(maps, configMap(trial.name, {}, labels)), 400, "not here"),
      );
      answers(await trial.api.post(maps, configMap("skip-me", {}, labels)), 201);
      answers(await trial.api.delete(`${maps}/skip-me`));
    },
  ),
  ...(["mutating", "validating"] as const).flatMap((kind) => [
    check(
      `${kind} webhooks' conditions are stored and changed`,
      `${E2E}AdmissionWebhook should be able to create and update ${kind} webhook configurations with match conditions`,
      async (trial) => {
        const webhook = await Webhook.start((review) => reviewed(review, { allowed: true }));
        trial.after(() => webhook.close());
        const one = { name: "one.example.com", expression: "true" };
        const at = await install(trial, kind, webhook, { matchConditions: [one] });
        const live = answers(await trial.api.get(at));
        same(live.webhooks[0].matchConditions, [one], "the conditions");
        const two = { name: "two.example.com", expression: "object.metadata.name == 'a'" };
        live.webhooks[0].matchConditions = [two];
        same(answers(await trial.api.put(at, live)).webhooks[0].matchConditions, [two], "those after it");
      },
    ),
    check(
      `${kind} webhooks' conditions that do not compile are refused`,
      `${E2E}AdmissionWebhook should reject ${kind} webhook configurations with invalid match conditions`,
      async (trial) => {
        const webhook = await Webhook.start(denied);
        trial.after(() => webhook.close());
        const matchConditions = [{ name: "bad", expression: "... [] bad expression" }];
        const at = `${REGISTRATION}/${kind}webhookconfigurations`;
        refuses(
          await trial.api.post(at, configuration(trial, webhook, { matchConditions })),
          422,
          "webhooks[0].matchConditions[0].expression: Invalid value",
          "compilation failed",
        );
      },
    ),
  ]),
];
