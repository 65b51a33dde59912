import { type Answer, type Json, MERGE_PATCH } from "../api.js";
import { audited, eventOf, eventsOf, readAuditLog } from "../audit-log.js";
import { answers, type Check, check, eventually, like, refuses, same, type Trial } from "../check.js";
import { configMap } from "../samples.js";
import { reviewed, Webhook } from "../webhook.js";

const AUDIT = "tasks/debug/debug-cluster/audit";
const EVENT = "reference/config-api/apiserver-audit.v1: Event";
const OWN = "observed on a kube-apiserver 1.35: requests";
const ADMISSION = "observed on a kube-apiserver 1.35: admission-webhooks-and-policies";
const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

export const typed = (name: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  ...configMap(name, { k: "v" }, more),
});

/** A token for a service account of a namespace that the policy speaks of. */
export async function tokenOf(trial: Trial, namespace: string, name: string): Promise<string> {
  const accounts = await audited(trial, namespace, "serviceaccounts");
  const made = await trial.api.post(accounts, { metadata: { name } });
  if (made.code !== 409) answers(made, 201);
  return answers(await trial.api.post(`${accounts}/${name}/token`, {}), 201).status.token;
}

/** Makes, reads, changes, lists and deletes one object; what was answered, in this order. */
async function everyVerb(trial: Trial, collection: string): Promise<readonly Answer[]> {
  const { api, name } = trial;
  const at = `${collection}/${name}`;
  return [
    await api.post(collection, typed(name)),
    await api.get(at),
    await api.put(at, typed(name)),
    await api.patch(at, MERGE_PATCH, { data: { k: "w" } }),
    await api.get(`${collection}?labelSelector=a%3Db`),
    await api.delete(at),
  ];
}

const VERBS = ["create", "get", "update", "patch", "list", "delete"];

const levels: readonly Check[] = [
  check("Metadata: one event a request, without bodies", `${AUDIT}: Audit policy`, async (trial) => {
    const answered = await everyVerb(trial, await audited(trial, "metadata"));
    const events = await eventsOf(trial, 1, ...answered);
    same(
      events.map(({ verb }) => verb),
      VERBS,
      "the verbs",
    );
    for (const event of events)
      like(event, { level: "Metadata", requestObject: undefined, responseObject: undefined });
    same(
      events.map(({ responseStatus }) => responseStatus.code),
      answered.map(({ code }) => code),
      "the codes",
    );
  }),
  check("Request: what was sent, too", `${AUDIT}: Audit policy`, async (trial) => {
    const { name } = trial;
    const events = await eventsOf(trial, 1, ...(await everyVerb(trial, await audited(trial, "request"))));
    const sent = { kind: "ConfigMap", apiVersion: "v1", metadata: { name }, data: { k: "v" } };
    const bodies = [sent, undefined, sent, { data: { k: "w" } }, undefined, undefined];
    for (const [index, event] of events.entries()) {
      like(event, { level: "Request", requestObject: bodies[index], responseObject: undefined });
    }
  }),
  check("RequestResponse: what was answered, too", `${AUDIT}: Audit policy`, async (trial) => {
    const { name } = trial;
    const events = await eventsOf(trial, 1, ...(await everyVerb(trial, await audited(trial, "response"))));
    const first = { kind: "ConfigMap", apiVersion: "v1", metadata: { name }, data: { k: "v" } };
    const changed = { ...first, data: { k: "w" } };
    const list = { kind: "ConfigMapList", apiVersion: "v1", items: [] };
    const deleted = { kind: "Status", status: "Success", details: { name, kind: "configmaps" } };
    for (const [index, responseObject] of [first, first, first, changed, list, deleted].entries())
      like(events[index], { level: "RequestResponse", responseObject });
  }),
  check(
    "a rule may leave managed fields out",
    `${EVENT}: omitManagedFields of a policy's rule`,
    async (trial) => {
      const { api, name } = trial;
      const [maps, services] = [
        await audited(trial, "response"),
        await audited(trial, "response", "services"),
      ];
      const service = { metadata: { name }, spec: { ports: [{ port: 80 }] } };
      trial.after(() => Promise.all([maps, services].map((at) => api.delete(`${at}/${name}`))));
      const [without, withThem] = await eventsOf(
        trial,
        1,
        await api.post(maps, typed(name)),
        await api.post(services, service),
      );
      same(without.responseObject.metadata.managedFields, undefined, "those left out");
      like(withThem.responseObject.metadata.managedFields, [{ manager: "conformance" }]);
    },
  ),
  check("None, and no rule at all: nothing", `${AUDIT}: Audit policy`, async (trial) => {
    const { api, path } = trial;
    const token = await tokenOf(trial, "metadata", "unseen");
    const at = await audited(trial, "metadata", "services");
    const silent = [
      await api.get(at),
      await api.get(`${at}/none`, { token }),
      await api.get(path("configmaps")),
      await api.get("/nothing"),
    ];
    // The log is in order: what came before this request is there when it is.
    await eventOf(trial, await api.get(`${at}/none`));
    const all = await readAuditLog(trial);
    for (const { headers } of silent)
      same(
        all.filter(({ auditID }) => auditID === headers["audit-id"]),
        [],
        "the events",
      );
  }),
  check("secrets and tokens stay out at Metadata", `${AUDIT}: Audit policy`, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "response", "secrets");
    trial.after(() => api.delete(`${at}/${name}`));
    const made = await api.post(at, { metadata: { name }, stringData: { password: `hunter2-${name}` } });
    const read = await api.get(`${at}/${name}`);
    for (const event of await eventsOf(trial, 1, made, read))
      like(event, { level: "Metadata", requestObject: undefined, responseObject: undefined });
  }),
  check(
    "secrets and tokens stay out at any level",
    "concepts/security/secrets-good-practices",
    async (trial) => {
      const { api, name } = trial;
      const at = await audited(trial, "secrets", "secrets");
      const accounts = await audited(trial, "secrets", "serviceaccounts");
      answers(await api.post(accounts, { metadata: { name } }), 201);
      const answered = [
        await api.post(at, { metadata: { name }, stringData: { password: `hunter2-${name}` } }),
        await api.get(at),
        await api.patch(`${at}/${name}`, MERGE_PATCH, { stringData: { password: `hunter3-${name}` } }),
        await api.post(`${accounts}/${name}/token`, {}),
      ];
      for (const event of await eventsOf(trial, 1, ...answered))
        like(event, { level: "RequestResponse", requestObject: undefined, responseObject: undefined });
    },
    "process",
    "audit",
  ),
].map(audit);

const contents: readonly Check[] = [
  check("who, what, from where, how answered and when", EVENT, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "metadata");
    trial.after(() => api.delete(`${at}/${name}`));
    const query = "fieldManager=a%2Db&fieldManager=c,d";
    const answer = await api.post(`${at}?${query}`, typed(name));
    like(await eventOf(trial, answer), {
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      stage: "ResponseComplete",
      requestURI: `${at}?${query}`,
      verb: "create",
      user: { username: /./, groups: ["system:masters", "system:authenticated"] },
      impersonatedUser: undefined,
      sourceIPs: ["127.0.0.1"],
      userAgent: "conformance/v1",
      objectRef: {
        resource: "configmaps",
        namespace: "audited-metadata",
        name,
        apiVersion: "v1",
        apiGroup: undefined,
        subresource: undefined,
      },
      responseStatus: { metadata: {}, code: 201, status: undefined },
      requestReceivedTimestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
      stageTimestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
      annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
    });
  }),
  check("groups and subresources of what was asked for", EVENT, async (trial) => {
    const at = (await audited(trial, "metadata", "deployments")).replace("/api/v1", "/apis/apps/v1");
    const event = await eventOf(trial, await trial.api.get(`${at}/none/scale`));
    same(
      event.objectRef,
      {
        resource: "deployments",
        namespace: "audited-metadata",
        name: "none",
        apiGroup: "apps",
        apiVersion: "v1",
        subresource: "scale",
      },
      "the reference",
    );
  }),
  check("an object that is sent says what its address does not", OWN, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "metadata");
    trial.after(() => api.delete(`${at}?labelSelector=of%3D${name}`));
    const live = answers(await api.post(at, typed(name, { labels: { of: name } })), 201);
    const [updated, generated] = await eventsOf(
      trial,
      1,
      await api.put(`${at}/${name}`, live),
      await api.post(at, { metadata: { generateName: `${name}-`, labels: { of: name } } }),
    );
    const { uid, resourceVersion } = live.metadata;
    like(updated.objectRef, { name, uid, resourceVersion });
    like(generated, { objectRef: { name: undefined }, responseStatus: { code: 201 } });
  }),
  check("the stages of a request", `${AUDIT}: stages`, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "stages");
    trial.after(() => api.delete(`${at}/${name}`));
    const [received, done] = await eventsOf(trial, 2, await api.post(at, typed(name)));
    like(received, {
      stage: "RequestReceived",
      responseStatus: undefined,
      annotations: undefined,
      objectRef: { resource: "configmaps", namespace: "audited-stages", name: undefined },
    });
    like(done, { stage: "ResponseComplete", responseStatus: { code: 201 }, objectRef: { name } });
    same(done.requestReceivedTimestamp, received.requestReceivedTimestamp, "when it came");
  }),
  check("the stages of a watch", `${AUDIT}: stages`, async (trial) => {
    const at = await audited(trial, "stages");
    const answer = await trial.api.get(`${at}?watch=true&timeoutSeconds=1&labelSelector=of%3D${trial.name}`);
    const events = await eventsOf(trial, 3, answer);
    same(
      events.map(({ stage, verb, responseStatus }) => [stage, verb, responseStatus?.code]),
      [
        ["RequestReceived", "watch", undefined],
        ["ResponseStarted", "watch", 200],
        ["ResponseComplete", "watch", 200],
      ],
      "the stages",
    );
  }),
  check("paths that are no resources", `${AUDIT}: Audit policy`, async (trial) => {
    const { api, name } = trial;
    like(await eventOf(trial, await api.get(`/audited/${name}?a=b`)), {
      level: "Metadata",
      verb: "get",
      requestURI: `/audited/${name}?a=b`,
      objectRef: undefined,
      responseStatus: { code: 404 },
    });
  }),
].map(audit);

const refusals: readonly Check[] = [
  check("refusals with their whole status", OWN, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "response");
    trial.after(() => api.delete(`${at}/${name}`));
    answers(await api.post(at, typed(name)), 201);
    const [exists, missing] = await eventsOf(
      trial,
      1,
      await api.post(at, typed(name)),
      await api.delete(`${at}/${name}-none`),
    );
    const status = {
      metadata: {},
      status: "Failure",
      message: `configmaps "${name}" already exists`,
      reason: "AlreadyExists",
      details: { name, kind: "configmaps" },
      code: 409,
    };
    same(exists.responseStatus, status, "the status");
    same(exists.responseObject, { kind: "Status", apiVersion: "v1", ...status }, "the answer");
    like(missing.responseStatus, { reason: "NotFound", code: 404 });
  }),
  check("what a user may not do, and who that user is", EVENT, async (trial) => {
    const { api } = trial;
    const token = await tokenOf(trial, "metadata", "refused");
    const at = await audited(trial, "metadata", "pods");
    like(await eventOf(trial, await api.get(`${at}/x`, { token })), {
      user: {
        username: "system:serviceaccount:audited-metadata:refused",
        uid: /./,
        groups: ["system:serviceaccounts", "system:serviceaccounts:audited-metadata", "system:authenticated"],
        extra: { "authentication.kubernetes.io/credential-id": [/^JTI=/] },
      },
      responseStatus: { reason: "Forbidden", code: 403 },
      annotations: { "authorization.k8s.io/decision": "forbid" },
    });
  }),
  check("who could not be authenticated", `${OWN} 1.11: audit comes after authentication`, async (trial) => {
    const at = await audited(trial, "response");
    const answer = await trial.api.get(`${at}/x`, { token: "guessed" });
    refuses(answer, 401);
    const event = await eventOf(trial, answer);
    like(event, {
      level: "RequestResponse",
      stage: "ResponseStarted",
      verb: "get",
      responseStatus: { status: "Failure", reason: "Unauthorized", code: 401 },
      annotations: undefined,
    });
    same(event.user, {}, "the user");
  }),
  check("who acts as somebody else", `${OWN} 1.11: impersonation comes after audit`, async (trial) => {
    const at = await audited(trial, "metadata");
    // The policy is silent about this user: it is asked about the one who was authenticated.
    const answer = await trial.api.get(`${at}/x`, { as: "audited-nobody" });
    like(await eventOf(trial, answer), {
      user: { groups: ["system:masters", "system:authenticated"] },
      impersonatedUser: { username: "audited-nobody", groups: ["system:authenticated"] },
      responseStatus: { code: 403, message: /User "audited-nobody" cannot get/ },
    });
  }),
].map(audit);

const annotations: readonly Check[] = [
  check("what admission policies have to say", `${ADMISSION} 7.9, 7.10`, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "metadata");
    const label = { matchLabels: { of: name } };
    const policies = `${REGISTRATION}/validatingadmissionpolicies`;
    const bindings = `${REGISTRATION}/validatingadmissionpolicybindings`;
    for (const each of [policies, bindings]) trial.after(() => api.delete(`${each}/${name}`));
    trial.after(() => api.delete(`${at}?labelSelector=of%3D${name}`));
    const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };
    const spec = {
      matchConstraints: { resourceRules: [rule], objectSelector: label },
      validations: [{ expression: "false", message: "never" }],
      auditAnnotations: [{ key: "named", valueExpression: "'it is ' + object.metadata.name" }],
    };
    answers(await api.post(policies, { metadata: { name }, spec }), 201);
    const bound = { policyName: name, validationActions: ["Audit"] };
    answers(await api.post(bindings, { metadata: { name }, spec: bound }), 201);
    await eventually(async () => {
      const answer = await api.post(at, { metadata: { generateName: `${name}-`, labels: { of: name } } });
      answers(answer, 201);
      const said = (await eventOf(trial, answer)).annotations;
      same(JSON.parse(said["validation.policy.admission.k8s.io/validation_failure"] ?? "null"), [
        { message: "never", policy: name, binding: name, expressionIndex: 0, validationActions: ["Audit"] },
      ]);
      like(said[`${name}/named`], new RegExp(`^it is ${name}-`));
    });
  }),
  check("what webhooks have to say, and what they changed", `${ADMISSION} 3.5, 6.2`, async (trial) => {
    const change = [{ op: "add", path: "/data", value: { hooked: "yes" } }];
    const patch = { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(change)).toString("base64") };
    const said = await annotatedBy(trial, "mutating", (review) =>
      reviewed(review, { allowed: true, auditAnnotations: { said: "hello" }, ...patch }),
    );
    const { name } = trial;
    like(said, { [`${name}.example.com/said`]: "hello" });
    same(
      JSON.parse(saidBy(said, "mutation.webhook.admission.k8s.io/round_0_index_", name)),
      { configuration: name, webhook: `${name}.example.com`, mutated: true },
      "what is said of the change",
    );
    same(
      JSON.parse(saidBy(said, "patch.webhook.admission.k8s.io/round_0_index_", name)),
      { configuration: name, webhook: `${name}.example.com`, patch: change, patchType: "JSONPatch" },
      "the change",
    );
  }),
  check("webhooks that failed and were passed over", `${ADMISSION} 4.3, 6.2`, async (trial) => {
    const { name } = trial;
    for (const [kind, key] of [
      ["mutating", "failed-open.mutation.webhook.admission.k8s.io/round_0_index_"],
      ["validating", "failed-open.validating.webhook.admission.k8s.io/round_0_index_"],
    ] as const) {
      const said = await annotatedBy(trial, kind, () => ({}), { failurePolicy: "Ignore" });
      same(saidBy(said, key, name), `${name}.example.com`, key);
    }
  }),
].map(audit);

/** The annotation of a webhook; its place depends on what else is configured. */
function saidBy(said: Json, prefix: string, name: string): string {
  const found = Object.entries<string>(said).filter(
    ([key, value]) =>
      key.startsWith(prefix) && /^\d+$/.test(key.slice(prefix.length)) && value.includes(name),
  );
  same(found.length, 1, `the number of ${prefix} in ${JSON.stringify(said)}`);
  return found[0]?.[1] ?? "";
}

/** The annotations of the creation of an object in `audited-request` that only one webhook is asked about. */
async function annotatedBy(
  trial: Trial,
  kind: "mutating" | "validating",
  answer: (review: Json) => Json,
  more: object = {},
): Promise<Json> {
  const { api, name } = trial;
  const webhook = await Webhook.start(answer);
  trial.after(() => webhook.close());
  const configurations = `${REGISTRATION}/${kind}webhookconfigurations`;
  trial.after(() => api.delete(`${configurations}/${name}`));
  const at = await audited(trial, "request");
  const hook = {
    name: `${name}.example.com`,
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    clientConfig: webhook.clientConfig(),
    rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
    objectSelector: { matchLabels: { of: `${name}-${kind}` } },
    ...more,
  };
  answers(await api.post(configurations, { metadata: { name }, webhooks: [hook] }), 201);
  let said: Json;
  await eventually(async () => {
    const map = configMap(name, {}, { labels: { of: `${name}-${kind}` } });
    const made = await api.post(`${at}?dryRun=All`, map);
    answers(made, 201);
    said = (await eventOf(trial, made)).annotations;
    if (!Object.keys(said).some((key) => !key.startsWith("authorization")))
      throw new Error("nothing is said");
  });
  return said;
}

/** A check that needs an audit log. */
export function audit(each: Check): Check {
  return { ...each, needs: [...(each.needs ?? []), "audit"] };
}

export const auditChecks: readonly Check[] = [...levels, ...contents, ...refusals, ...annotations];
