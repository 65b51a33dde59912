import { type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, refuses, same, type Trial } from "../check.js";
import { deployment } from "../samples.js";

const E2E = "a conformance test of Kubernetes: ResourceQuota should create a ResourceQuota and ";
const COUNTS = "concepts/policy/resource-quotas: Quota on object count";

const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "a", image: "i" }] } };
const ports = [{ port: 80 }];

/** A kind that a quota counts, by the names under which it does. */
interface Counted {
  readonly resource: string;
  readonly groupVersion: string;
  readonly names: readonly string[];
  readonly object: (name: string) => Json;
}

const replicaSets: Counted = {
  resource: "replicasets",
  groupVersion: "apps/v1",
  names: ["count/replicasets.apps"],
  object: (name) => ({ metadata: { name }, spec: deployment(name, { replicas: 0 }).spec }),
};
const replicationControllers: Counted = {
  resource: "replicationcontrollers",
  groupVersion: "v1",
  names: ["count/replicationcontrollers", "replicationcontrollers"],
  object: (name) => ({ metadata: { name }, spec: { replicas: 0, selector: { app: "a" }, template } }),
};
const secrets: Counted = {
  resource: "secrets",
  groupVersion: "v1",
  names: ["count/secrets", "secrets"],
  object: (name) => ({ metadata: { name } }),
};
const services: Counted = {
  resource: "services",
  groupVersion: "v1",
  names: ["count/services", "services", "services.loadbalancers", "services.nodeports"],
  object: (name) => ({ metadata: { name }, spec: { type: "LoadBalancer", ports } }),
};
const jobs: Counted = {
  resource: "jobs",
  groupVersion: "batch/v1",
  names: ["count/jobs.batch"],
  object: (name) => ({
    metadata: { name },
    spec: { suspend: true, template: { spec: { ...template.spec, restartPolicy: "Never" } } },
  }),
};

/** A namespace with a quota of two of each name, none of which are used, and the paths of both. */
async function limited(trial: Trial, { names, resource, groupVersion }: Counted) {
  const { api, name } = trial;
  answers(await api.post("/api/v1/namespaces", { metadata: { name } }), 201);
  trial.after(() => api.delete(`/api/v1/namespaces/${name}`));
  const quotas = `/api/v1/namespaces/${name}/resourcequotas`;
  const hard = Object.fromEntries(names.map((each) => [each, "2"]));
  const used = Object.fromEntries(names.map((each) => [each, "0"]));
  answers(await api.post(quotas, { metadata: { name: "q" }, spec: { hard } }), 201);
  // What a controller does first; where none runs, nothing is counted without.
  answers(await api.patch(`${quotas}/q/status`, MERGE_PATCH, { status: { hard, used } }));
  const root = groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
  return { quota: `${quotas}/q`, objects: `${root}/namespaces/${name}/${resource}` };
}

async function usedIs({ api }: Trial, quota: string, names: readonly string[], count: string): Promise<void> {
  await eventually(async () => {
    const { used } = answers(await api.get(quota)).status;
    same(used, Object.fromEntries(names.map((each) => [each, count])), "what is used");
  }, 25_000);
}

/** Fills the quota; the next object is refused, an object that is tried only is not counted. */
function refusesMore(counted: Counted, title: string, cite: string): Check {
  return check(`${title}: counted when they come, refused beyond`, cite, async (trial) => {
    const { api } = trial;
    const { object, names, resource, groupVersion } = counted;
    const { quota, objects } = await limited(trial, counted);
    answers(await api.post(`${objects}?dryRun=All`, object("tried")), 201);
    // Until the admission of a server has seen the quota, it counts nothing.
    await eventually(async () => {
      const { code } = await api.post(objects, object("a"));
      same(code === 201 || code === 409, true, `whether ${code} is an answer`);
      same(answers(await api.get(quota)).status.used[names[0] ?? ""], "1", "what is used");
    });
    answers(await api.post(objects, object("b")), 201);
    await usedIs(trial, quota, names, "2");
    const [group = ""] = groupVersion.includes("/") ? groupVersion.split("/") : [];
    const full = group === "" ? resource : `${resource}.${group}`;
    const each = (count: number) => names.map((name) => `${name}=${count}`).join(",");
    refuses(
      await api.post(objects, object("c")),
      403,
      `${full} "c" is forbidden: exceeded quota: q, requested: ${each(1)}, used: ${each(2)}, limited: ${each(2)}`,
    );
    // An update of what is counted takes no more.
    answers(await api.patch(`${objects}/a`, MERGE_PATCH, { metadata: { labels: { changed: "yes" } } }));
    await usedIs(trial, quota, names, "2");
  });
}

/** What is deleted leaves room again. */
function givesBack(counted: Counted, title: string, cite: string): Check {
  return check(
    `${title}: no longer counted when they are gone`,
    cite,
    async (trial) => {
      const { api } = trial;
      const { quota, objects } = await limited(trial, counted);
      for (const name of ["a", "b"]) answers(await api.post(objects, counted.object(name)), 201);
      await usedIs(trial, quota, counted.names, "2");
      refuses(await api.post(objects, counted.object("c")), 403, "exceeded quota");
      answers(await api.delete(`${objects}/a`, { propagationPolicy: "Background" }));
      await usedIs(trial, quota, counted.names, "1");
      answers(await api.post(objects, counted.object("c")), 201);
      await usedIs(trial, quota, counted.names, "2");
    },
    "controllers",
  );
}

const lives: readonly (readonly [Counted, string, string])[] = [
  [replicaSets, "quotas of replica sets", `${E2E}capture the life of a replica set`],
  [
    replicationControllers,
    "quotas of replication controllers",
    `${E2E}capture the life of a replication controller`,
  ],
  [secrets, "quotas of secrets", `${E2E}capture the life of a secret`],
  [services, "quotas of services", `${E2E}capture the life of a service`],
  [jobs, "quotas of jobs", COUNTS],
];

export const quotaChecks: readonly Check[] = [
  ...lives.flatMap((each) => [refusesMore(...each), givesBack(...each)]),
  check(
    "a quota's status says at once what is there",
    `${E2E}ensure its status is promptly calculated`,
    async (trial) => {
      const { api, name } = trial;
      const at = `/api/v1/namespaces/${name}`;
      answers(await api.post("/api/v1/namespaces", { metadata: { name } }), 201);
      trial.after(() => api.delete(at));
      const object = replicationControllers.object("before");
      answers(await api.post(`${at}/replicationcontrollers`, object), 201);
      const hard = { replicationcontrollers: "5", "count/replicasets.apps": "5", services: "10" };
      answers(await api.post(`${at}/resourcequotas`, { metadata: { name: "q" }, spec: { hard } }), 201);
      const used = { replicationcontrollers: "1", "count/replicasets.apps": "0", services: "0" };
      await eventually(
        async () => same(answers(await api.get(`${at}/resourcequotas/q`)).status, { hard, used }),
        25_000,
      );
    },
    "controllers",
  ),
];
