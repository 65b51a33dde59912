import { type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, same, type Trial } from "../check.js";
import { define } from "../definitions.js";
import { configMap, deployment } from "../samples.js";
import { succeeded } from "../tools.js";

const CASCADE = "tasks/administer-cluster/use-cascading-deletion";

const GC = "concepts/architecture/garbage-collection";

const OWN = "observed on a kube-apiserver 1.35: metadata-lifecycle";

const E2E = "a conformance test of Kubernetes: ";

async function made(trial: Trial, name: string, metadata: object = {}): Promise<Json> {
  return answers(await trial.api.post(trial.path("configmaps"), configMap(name, {}, metadata)), 201);
}

const ownerOf = ({ metadata, kind, apiVersion }: Json, more: object = {}) => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  ...more,
});

const gone = (trial: Trial, name: string, within?: number) =>
  eventually(
    async () =>
      same((await trial.api.get(`${trial.path("configmaps")}/${name}`)).code, 404, `the code of ${name}`),
    within,
  );

const owners: readonly Check[] = [
  check(
    "a dependent goes with its owner",
    `${GC}: Owners and dependents`,
    async (trial) => {
      const owner = await made(trial, trial.name);
      await made(trial, `${trial.name}child`, { ownerReferences: [ownerOf(owner)] });
      await trial.api.delete(`${trial.path("configmaps")}/${trial.name}`);
      await gone(trial, `${trial.name}child`);
    },
    "controllers",
  ),
  check(
    "a dependent of what never was goes",
    GC,
    async (trial) => {
      await made(trial, trial.name, {
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "never", uid: "was" }],
      });
      await gone(trial, trial.name);
    },
    "controllers",
  ),
  check(
    "a dependent with another owner stays, without the reference",
    OWN,
    async (trial) => {
      const [one, two] = [await made(trial, `${trial.name}1`), await made(trial, `${trial.name}2`)];
      await made(trial, trial.name, { ownerReferences: [ownerOf(one), ownerOf(two)] });
      await trial.api.delete(`${trial.path("configmaps")}/${trial.name}1`);
      await eventually(async () =>
        same(
          answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}`)).metadata.ownerReferences
            .length,
          1,
          "the number of owners",
        ),
      );
    },
    "controllers",
  ),
  check(
    "foreground: the owner waits for dependents that block it",
    `${CASCADE}: Use foreground cascading deletion`,
    async (trial) => {
      const owner = await made(trial, trial.name);
      await made(trial, `${trial.name}child`, {
        ownerReferences: [ownerOf(owner, { blockOwnerDeletion: true })],
        finalizers: ["example.com/hold"],
      });
      const at = `${trial.path("configmaps")}/${trial.name}`;
      like(answers(await trial.api.delete(at, { propagationPolicy: "Foreground" })), {
        metadata: { finalizers: ["foregroundDeletion"] },
      });
      await eventually(async () =>
        like(answers(await trial.api.get(`${at}child`)), { metadata: { deletionTimestamp: /Z$/ } }),
      );
      answers(await trial.api.get(at));
      await trial.api.patch(`${at}child`, MERGE_PATCH, { metadata: { finalizers: null } });
      await gone(trial, trial.name);
    },
    "controllers",
  ),
  check(
    "orphan: dependents stay without the reference",
    `${CASCADE}: Delete owner objects and orphan dependents`,
    async (trial) => {
      const owner = await made(trial, trial.name);
      await made(trial, `${trial.name}child`, { ownerReferences: [ownerOf(owner)] });
      await trial.api.delete(`${trial.path("configmaps")}/${trial.name}`, { propagationPolicy: "Orphan" });
      await gone(trial, trial.name);
      await eventually(async () =>
        same(
          answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}child`)).metadata
            .ownerReferences,
          undefined,
          "owners",
        ),
      );
    },
    "controllers",
  ),
  check(
    "a circle of owners does not hold",
    `${E2E}Garbage collector should not be blocked by dependency circle`,
    async (trial) => {
      const names = ["a", "b", "c"].map((each) => `${trial.name}${each}`);
      const objects = await Promise.all(names.map((name) => made(trial, name)));
      for (const [index, name] of names.entries()) {
        const reference = ownerOf(objects[(index + 1) % 3], { blockOwnerDeletion: true });
        answers(
          await trial.api.patch(`${trial.path("configmaps")}/${name}`, MERGE_PATCH, {
            metadata: { ownerReferences: [reference] },
          }),
        );
      }
      await trial.api.delete(`${trial.path("configmaps")}/${names[0]}`, { propagationPolicy: "Foreground" });
      for (const name of names) await gone(trial, name, 20_000);
    },
    "controllers",
  ),
  check(
    "a dependent with an owner that waits and one that does not stays",
    `${E2E}Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted`,
    async (trial) => {
      const [going, staying] = [await made(trial, `${trial.name}1`), await made(trial, `${trial.name}2`)];
      await made(trial, trial.name, {
        ownerReferences: [ownerOf(going, { blockOwnerDeletion: true }), ownerOf(staying)],
      });
      await trial.api.delete(`${trial.path("configmaps")}/${trial.name}1`, {
        propagationPolicy: "Foreground",
      });
      await gone(trial, `${trial.name}1`);
      like(answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}`)), {
        metadata: { ownerReferences: [{ name: `${trial.name}2` }] },
      });
    },
    "controllers",
  ),
  check(
    "custom resources own and are owned",
    GC,
    async (trial) => {
      const { collection, object } = await define(trial);
      const owner = answers(await trial.api.post(collection(), object(trial.name)), 201);
      await made(trial, trial.name, { ownerReferences: [ownerOf(owner)] });
      await trial.api.delete(`${collection()}/${trial.name}`);
      // New kinds are seen by the collector with its next look at discovery.
      await gone(trial, trial.name, 60_000);
    },
    "controllers",
  ),
  check(
    "an owner in another namespace counts as none",
    OWN,
    async (trial) => {
      const other = answers(
        await trial.api.post("/api/v1/namespaces/default/configmaps", configMap(trial.name)),
        201,
      );
      trial.after(() => trial.api.delete(`/api/v1/namespaces/default/configmaps/${trial.name}`));
      await made(trial, trial.name, { ownerReferences: [ownerOf(other)] });
      await gone(trial, trial.name);
    },
    "controllers",
  ),
  check("equal owners are one, with a warning", OWN, async (trial) => {
    const owner = await made(trial, `${trial.name}o`);
    const answer = await trial.api.post(
      trial.path("configmaps"),
      configMap(trial.name, {}, { ownerReferences: [ownerOf(owner), ownerOf(owner)] }),
    );
    same(answers(answer, 201).metadata.ownerReferences.length, 1, "the number of owners");
    holds(
      answer.warnings.some((each) => each.includes(".metadata.ownerReferences contains duplicate entries")),
      `a warning: ${answer.warnings}`,
    );
  }),
  check(
    "replica sets go with their deployment, pods with them",
    `${E2E}Garbage collector should delete RS created by deployment when not orphaning`,
    async ({ api, path, name, tools, ns }) => {
      await api.post(path("deployments", "apps/v1"), deployment(name));
      const count = async (resource: string, version?: string) =>
        answers(await api.get(`${path(resource, version)}?labelSelector=app%3D${name}`)).items.length;
      await eventually(async () =>
        same([await count("replicasets", "apps/v1"), await count("pods")], [1, 1], "the numbers"),
      );
      succeeded(
        await tools.kubectl([
          "delete",
          "deployment",
          name,
          "-n",
          ns,
          "--cascade=background",
          "--timeout=20s",
        ]),
      );
      await eventually(async () =>
        same([await count("replicasets", "apps/v1"), await count("pods")], [0, 0], "the numbers"),
      );
    },
    "workloads",
  ),
  check(
    "replica sets stay without their deployment when orphaned",
    `${E2E}Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan`,
    async ({ api, path, name }) => {
      await api.post(path("deployments", "apps/v1"), deployment(name));
      const sets = async () =>
        answers(await api.get(`${path("replicasets", "apps/v1")}?labelSelector=app%3D${name}`)).items;
      await eventually(async () => same((await sets()).length, 1, "the number of sets"));
      await api.delete(`${path("deployments", "apps/v1")}/${name}`, { propagationPolicy: "Orphan" });
      await eventually(async () => same((await sets())[0].metadata.ownerReferences, undefined, "owners"));
    },
    "workloads",
  ),
];

const expiry: readonly Check[] = [
  check(
    "a finished job goes after its time",
    "concepts/workloads/controllers/ttlafterfinished",
    async ({ api, path, name }) => {
      const spec = {
        ttlSecondsAfterFinished: 0,
        template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "i" }] } },
      };
      answers(await api.post(path("jobs", "batch/v1"), { metadata: { name }, spec }), 201);
      await eventually(
        async () => same((await api.get(`${path("jobs", "batch/v1")}/${name}`)).code, 404, "the code"),
        30_000,
      );
    },
    "workloads",
  ),
  check(
    "a job deleted without a policy leaves its pods, with a warning",
    OWN,
    async ({ api, path, name }) => {
      const spec = {
        suspend: true,
        template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "i" }] } },
      };
      await api.post(path("jobs", "batch/v1"), { metadata: { name }, spec });
      const answer = await api.delete(`${path("jobs", "batch/v1")}/${name}`);
      answers(answer);
      holds(
        answer.warnings.some((each) =>
          each.startsWith("child pods are preserved by default when jobs are deleted"),
        ),
        `a warning: ${answer.warnings}`,
      );
    },
  ),
];

/** A replication controller with two pods: its path, and its pods. */
async function controllerOf(
  trial: Trial,
): Promise<{ readonly at: string; readonly pods: () => Promise<Json[]> }> {
  const { api, path, name } = trial;
  const labels = { rc: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "app:1" }] } };
  const spec = { replicas: 2, selector: labels, template };
  answers(await api.post(path("replicationcontrollers"), { metadata: { name }, spec }), 201);
  const at = `${path("replicationcontrollers")}/${name}`;
  const pods = async () => answers(await api.get(`${path("pods")}?labelSelector=rc%3D${name}`)).items;
  await eventually(async () => {
    same((await pods()).length, 2, "the number of pods");
    like(answers(await api.get(at)).status, { replicas: 2, fullyLabeledReplicas: 2 });
  });
  trial.after(() => api.delete(`${path("pods")}?labelSelector=rc%3D${name}`));
  return { at, pods };
}

const replicationControllers: readonly Check[] = [
  check(
    "a replication controller keeps its pods, which go with it",
    `${E2E}Garbage collector should delete pods created by rc when not orphaning`,
    async (trial) => {
      const { at, pods } = await controllerOf(trial);
      answers(await trial.api.patch(at, MERGE_PATCH, { spec: { replicas: 1 } }));
      await eventually(async () => same((await pods()).length, 1, "the number of pods"));
      answers(await trial.api.delete(at, { propagationPolicy: "Background" }));
      await eventually(async () => same(await pods(), [], "the pods"));
    },
    "controllers",
  ),
  check(
    "a replication controller stays until its pods are gone, if told so",
    `${E2E}Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so`,
    async (trial) => {
      const { api } = trial;
      const { at, pods } = await controllerOf(trial);
      const [held] = await pods();
      const pod = `${trial.path("pods")}/${held.metadata.name}`;
      answers(await api.patch(pod, MERGE_PATCH, { metadata: { finalizers: ["example.com/hold"] } }));
      answers(await api.delete(at, { propagationPolicy: "Foreground" }));
      await eventually(async () => same((await pods()).length, 1, "the number of pods"));
      const waiting = answers(await api.get(at)).metadata;
      like(waiting, { deletionTimestamp: /Z$/, finalizers: ["foregroundDeletion"] });
      answers(await api.patch(pod, MERGE_PATCH, { metadata: { finalizers: null } }));
      await eventually(async () => answers(await api.get(at), 404));
      same(await pods(), [], "the pods");
    },
    "controllers",
  ),
  check(
    "pods stay without their replication controller when orphaned",
    `${E2E}Garbage collector should orphan pods created by rc if delete options say so`,
    async (trial) => {
      const { at, pods } = await controllerOf(trial);
      answers(await trial.api.delete(at, { propagationPolicy: "Orphan" }));
      await eventually(async () => answers(await trial.api.get(at), 404));
      same(
        (await pods()).map((each: Json) => each.metadata.ownerReferences),
        [undefined, undefined],
        "the owners of the pods",
      );
    },
    "controllers",
  ),
];

export const garbage: readonly Check[] = [...owners, ...expiry, ...replicationControllers];
