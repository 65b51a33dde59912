import { APPLY_PATCH, type Json, STRATEGIC_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { pod } from "../samples.js";
import { reviewed, Webhook } from "../webhook.js";

const LOGS = "reference/kubernetes-api: pods v1, read log of the specified Pod";
const EPHEMERAL = "concepts/workloads/pods/ephemeral-containers";
const EVICTION = "concepts/scheduling-eviction/api-eviction";
const E2E = "a conformance test of Kubernetes: ";
const OWN = "observed on a kube-apiserver 1.35: subresources of pods";

/** A pod that no scheduler takes; gives its path. */
async function unscheduled(trial: Trial, name = trial.name): Promise<string> {
  answers(await trial.api.post(trial.path("pods"), pod(name, { schedulerName: "nobody" })), 201);
  trial.after(() => trial.api.delete(`${trial.path("pods")}/${name}?gracePeriodSeconds=0`));
  return `${trial.path("pods")}/${name}`;
}

const evicted = (name: string, more: object = {}) => ({
  apiVersion: "policy/v1",
  kind: "Eviction",
  metadata: { name },
  ...more,
});

export const podChecks: readonly Check[] = [
  check("a pod on no node has an empty log", OWN, async (trial) => {
    const at = await unscheduled(trial);
    const answer = await trial.api.get(`${at}/log`);
    same([answer.code, answer.text], [204, ""], "the answer");
    refuses(await trial.api.get(`${trial.path("pods")}/none/log`), 404, 'pods "none" not found');
    refuses(
      await trial.api.get(`${at}/log?container=x`),
      400,
      `container x is not valid for pod ${trial.name}`,
    );
  }),
  check("parameters of a log must make sense", LOGS, async (trial) => {
    const at = await unscheduled(trial);
    const invalid = (field: string, why: string) => `${field}: Invalid value: ${why}`;
    refuses(
      await trial.api.get(`${at}/log?tailLines=-1&limitBytes=0`),
      422,
      `PodLogOptions "${trial.name}" is invalid: [${invalid("tailLines", "-1: must be greater than or equal to 0")}, ${invalid("limitBytes", "0: must be greater than 0")}]`,
    );
    refuses(
      await trial.api.get(`${at}/log?sinceSeconds=0`),
      422,
      invalid("sinceSeconds", "0: must be greater than 0"),
    );
    refuses(
      await trial.api.get(`${at}/log?sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z`),
      422,
      "[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
    );
    refuses(await trial.api.get(`${at}/log?stream=Stdout`), 422, "stream: Forbidden: may not be specified");
    refuses(
      await trial.api.get(`${at}/log?tailLines=x`),
      400,
      'strconv.ParseInt: parsing "x": invalid syntax',
    );
    refuses(
      await trial.api.get(`${at}/log?sinceTime=2020-01-01`),
      400,
      'parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
    );
  }),
  check("exec, attach and port-forward reach no pod that is on no node", OWN, async (trial) => {
    const at = await unscheduled(trial);
    const why = `pod ${trial.name} does not have a host assigned`;
    for (const asked of ["exec?command=ls&stdout=1", "attach?stdout=1", "portforward?ports=80"]) {
      refuses(await trial.api.post(`${at}/${asked}`, undefined), 400, why);
      refuses(await trial.api.get(`${at}/${asked}`), 400, why);
    }
    const missing = `${trial.path("pods")}/none/exec?command=ls`;
    refuses(await trial.api.post(missing, undefined), 404, 'pods "none" not found');
  }),
  check(
    "attaching can be refused by a webhook",
    `${E2E}AdmissionWebhook should be able to deny attaching pod`,
    async (trial) => {
      const { api, name, ns } = trial;
      const at = await unscheduled(trial);
      const webhook = await Webhook.start((review) =>
        reviewed(review, { allowed: false, status: { message: "no attaching" } }),
      );
      trial.after(() => webhook.close());
      const configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
      const rules = [
        { operations: ["CONNECT"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods/attach"] },
      ];
      const each = {
        name: `${name}.example.com`,
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        clientConfig: webhook.clientConfig(),
        rules,
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": ns } },
        matchConditions: [{ name: "own", expression: `request.name == "${name}"` }],
      };
      answers(await api.post(configurations, { metadata: { name }, webhooks: [each] }), 201);
      trial.after(() => api.delete(`${configurations}/${name}`));
      await eventually(async () =>
        refuses(await api.post(`${at}/attach?stdout=1`, undefined), 400, "denied the request: no attaching"),
      );
      like(webhook.calls.at(-1)?.request, {
        operation: "CONNECT",
        name,
        namespace: ns,
        resource: { group: "", version: "v1", resource: "pods" },
        subResource: "attach",
        object: { kind: "PodAttachOptions", apiVersion: "v1", stdout: true },
        oldObject: null,
      });
    },
  ),
  check(
    "proxies: what is not there, and what nobody is behind",
    OWN,
    async ({ api, path, name }) => {
      refuses(await api.get(`${path("services")}/none/proxy/`), 404, 'services "none" not found');
      refuses(await api.get("/api/v1/nodes/none/proxy/"), 404, 'nodes "none" not found');
      const spec = { ports: [{ port: 80 }], selector: { app: name } };
      answers(await api.post(path("services"), { metadata: { name }, spec }), 201);
      const at = `${path("services")}/${name}`;
      const none = `no endpoints available for service "${name}"`;
      await eventually(async () =>
        like(refuses(await api.get(`${at}/proxy/a/b`), 503, none), { reason: "ServiceUnavailable" }),
      );
      refuses(await api.get(`${path("services")}/https:${name}:80/proxy/`), 503, none);
      refuses(await api.get(`${at}:81/proxy/`), 503, `no service port 81 found for service "${name}"`);
      const odd = `${path("services")}/ftp:${name}:80/proxy/`;
      refuses(await api.get(odd), 400, `invalid service request "ftp:${name}:80"`);
    },
    "controllers",
  ),
  check("ephemeral containers are added through their subresource alone", EPHEMERAL, async (trial) => {
    const { api } = trial;
    const at = await unscheduled(trial);
    const added = { spec: { ephemeralContainers: [{ name: "debug", image: "busybox" }] } };
    refuses(await api.patch(at, STRATEGIC_PATCH, added), 422, "pod updates may not change fields other than");
    const { spec } = answers(await api.patch(`${at}/ephemeralcontainers`, STRATEGIC_PATCH, added));
    like(spec.ephemeralContainers, [
      { name: "debug", image: "busybox", imagePullPolicy: "Always", terminationMessagePolicy: "File" },
    ]);
    const other = { spec: { containers: [{ name: spec.containers[0].name, image: "other:1" }] } };
    const left = answers(await api.patch(`${at}/ephemeralcontainers`, STRATEGIC_PATCH, other));
    same(left.spec.containers[0].image, spec.containers[0].image, "the image");
    refuses(
      await api.post(trial.path("pods"), pod(`${trial.name}x`, added.spec)),
      422,
      "spec.ephemeralContainers: Forbidden: cannot be set on create",
    );
  }),
  check(
    "an ephemeral container stays as it is, and has no ports, probes or resources",
    EPHEMERAL,
    async (trial) => {
      const { api } = trial;
      const at = `${await unscheduled(trial)}/ephemeralcontainers`;
      const with_ = (container: object) =>
        api.patch(at, STRATEGIC_PATCH, { spec: { ephemeralContainers: [container] } });
      answers(await with_({ name: "debug", image: "busybox" }));
      refuses(
        await with_({ name: "debug", image: "other" }),
        422,
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed',
      );
      const first = "spec.ephemeralContainers[0]";
      const cannot = "Forbidden: cannot be set for an Ephemeral Container";
      refuses(
        await with_({
          name: "more",
          image: "b",
          ports: [{ containerPort: 1 }],
          resources: { limits: { cpu: "1" } },
          livenessProbe: { exec: { command: ["a"] } },
          targetContainerName: "none",
        }),
        422,
        `${first}.targetContainerName: Not found: "none"`,
        `${first}.ports: ${cannot}, ${first}.resources: ${cannot}, ${first}.livenessProbe: ${cannot}`,
      );
      const live = answers(await api.get(at));
      live.spec.ephemeralContainers = [];
      refuses(await api.put(at, live), 422, 'existing ephemeral containers "debug" may not be removed');
    },
  ),
  check("an eviction deletes, a dry run does not", EVICTION, async (trial) => {
    const { api, name } = trial;
    const at = await unscheduled(trial);
    const dry = evicted(name, { deleteOptions: { dryRun: ["All"] } });
    like(answers(await api.post(`${at}/eviction`, dry), 201), { kind: "Status", status: "Success" });
    answers(await api.get(at));
    answers(await api.post(`${at}/eviction`, evicted(name)), 201);
    await eventually(async () => answers(await api.get(at), 404));
  }),
  check("an eviction names its pod, and keeps to preconditions", EVICTION, async (trial) => {
    const { api, name } = trial;
    const at = await unscheduled(trial);
    const why = "name in URL does not match name in Eviction object";
    refuses(await api.post(`${at}/eviction`, evicted("other")), 400, why);
    const precondition = { deleteOptions: { preconditions: { uid: "zz" } } };
    refuses(
      await api.post(`${at}/eviction`, evicted(name, precondition)),
      409,
      `Operation cannot be fulfilled on Pod "${name}": the UID in the precondition (zz) does not match`,
    );
    const missing = `${trial.path("pods")}/none/eviction`;
    refuses(await api.post(missing, evicted("none")), 404, 'pods "none" not found');
    refuses(await api.post(`${at}/eviction`, { kind: "ConfigMap" }), 400, "cannot be handled as a Eviction");
  }),
  check(
    "a disruption budget refuses evictions with 429",
    `${EVICTION}: How API-initiated eviction works`,
    async (trial) => {
      const { api, name } = trial;
      const at = await unscheduled(trial);
      const budgets = trial.path("poddisruptionbudgets", "policy/v1");
      const { metadata } = answers(await api.get(at));
      const labels = { budget: name };
      answers(await api.patch(at, STRATEGIC_PATCH, { metadata: { labels } }));
      const spec = { minAvailable: 1, selector: { matchLabels: labels } };
      answers(await api.post(budgets, { metadata: { name }, spec }), 201);
      await eventually(async () => {
        // A pod that never ran does not count, so it may be evicted; one that is ready may not.
        const status = {
          phase: "Running",
          conditions: [{ type: "Ready", status: "True" }],
        };
        await api.patch(`${at}/status`, STRATEGIC_PATCH, { status });
        const found = answers(await api.get(`${budgets}/${name}`));
        holds(found.status.observedGeneration !== undefined, "the budget was looked at");
        like(refuses(await api.post(`${at}/eviction`, evicted(name)), 429, "disruption budget"), {
          reason: "TooManyRequests",
        });
      });
      same(answers(await api.get(at)).metadata.uid, metadata.uid, "the pod");
    },
    "controllers",
  ),
  check("a status is applied through its subresource", OWN, async (trial) => {
    const at = await unscheduled(trial);
    const body = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: trial.name },
      status: { conditions: [{ type: "example.com/x", status: "True" }] },
    };
    const applied = answers(await trial.api.patch(`${at}/status?fieldManager=one`, APPLY_PATCH, body));
    const found = applied.status.conditions.find((each: Json) => each.type === "example.com/x");
    like(found, { status: "True" });
  }),
];
