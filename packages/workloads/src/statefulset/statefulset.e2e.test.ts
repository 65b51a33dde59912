import { afterEach, beforeEach, expect, it } from "vitest";
import { CLAIM, CONTROLLER_REVISION, POD, STATEFUL_SET } from "../model/workload.js";
import { Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const set = (spec: object = {}) => ({
  ...STATEFUL_SET,
  metadata: { name: "db", namespace: "default" },
  spec: {
    replicas: 3,
    serviceName: "db",
    selector: { matchLabels: { app: "db" } },
    template: template({ app: "db" }),
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
    ...spec,
  },
});
const image = (name: string) => ({
  spec: { template: { spec: { containers: [{ name: "app", image: name }] } } },
});
const get = () => world.get(STATEFUL_SET, "db");
const images = async () =>
  Object.fromEntries(
    (await world.list(POD)).map(({ metadata, spec }) => [metadata.name, spec.containers[0].image]),
  );
const settled = () =>
  world.until(async () => {
    const { metadata, spec, status } = await get();
    const done = status.observedGeneration === metadata.generation && status.readyReplicas === spec.replicas;
    return done && status.replicas === spec.replicas && status.updatedReplicas === spec.replicas && get();
  });

it("starts its pods one after another, with names and identities that stay", async () => {
  await world.create(set());
  const seen: string[][] = [];
  const found = await world.until(async () => {
    const pods = await world.list(POD);
    seen.push(pods.map(({ metadata }) => metadata.name));
    for (const { metadata } of pods.slice(1)) {
      const before = `db-${Number(metadata.name.slice(3)) - 1}`;
      expect((await world.get(POD, before)).status.phase).toBe("Running");
    }
    const { status } = await get();
    return status.readyReplicas === 3 && status.currentRevision === status.updateRevision && get();
  });
  expect(seen.filter((names) => names.length > 0)[0]).toEqual(["db-0"]);
  expect(found.status).toMatchObject({
    replicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    availableReplicas: 3,
    collisionCount: 0,
  });
  const pod = await world.get(POD, "db-2");
  expect(pod.metadata.labels).toMatchObject({
    "statefulset.kubernetes.io/pod-name": "db-2",
    "apps.kubernetes.io/pod-index": "2",
    "controller-revision-hash": found.status.updateRevision,
  });
  expect(pod.spec).toMatchObject({ hostname: "db-2", subdomain: "db" });
  expect(await world.events("db")).toContain(
    "SuccessfulCreate: create Pod db-0 in StatefulSet db successful",
  );
});

it("updates from the highest ordinal down to the partition", async () => {
  await world.create(set());
  await settled();
  await world.patch(STATEFUL_SET, "db", { spec: { updateStrategy: { rollingUpdate: { partition: 2 } } } });
  await world.patch(STATEFUL_SET, "db", image("app:2"));
  await world.pass(5_000);
  expect(await images()).toEqual({ "db-0": "app:1", "db-1": "app:1", "db-2": "app:2" });
  const { status } = await get();
  expect(status).toMatchObject({ updatedReplicas: 1, currentReplicas: 2, readyReplicas: 3 });
  expect(status.currentRevision).not.toBe(status.updateRevision);
  await world.patch(STATEFUL_SET, "db", { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
  const done = await settled();
  expect(await images()).toEqual({ "db-0": "app:2", "db-1": "app:2", "db-2": "app:2" });
  expect(done.status.currentRevision).toBe(done.status.updateRevision);
  expect((await world.list(CONTROLLER_REVISION)).map(({ revision }) => revision).sort()).toEqual([1, 2]);
});

it("renumbers an old revision when it is declared again", async () => {
  await world.create(set({ replicas: 1 }));
  await settled();
  const first = (await get()).status.updateRevision;
  await world.patch(STATEFUL_SET, "db", image("app:2"));
  await settled();
  await world.patch(STATEFUL_SET, "db", image("app:1"));
  expect((await settled()).status.updateRevision).toBe(first);
  expect((await world.list(CONTROLLER_REVISION)).map(({ revision }) => revision).sort()).toEqual([2, 3]);
});

it("replaces pods only when they are deleted, with OnDelete", async () => {
  await world.create(set({ replicas: 2, updateStrategy: { type: "OnDelete" } }));
  await settled();
  await world.patch(STATEFUL_SET, "db", image("app:2"));
  await world.pass(5_000);
  expect(await images()).toEqual({ "db-0": "app:1", "db-1": "app:1" });
  await world.client.delete({ ...POD, namespace: "default", name: "db-1" });
  await world.pass(5_000);
  expect(await images()).toEqual({ "db-0": "app:1", "db-1": "app:2" });
});

it("starts all at once with Parallel, and scales down from the top", async () => {
  await world.create(set({ podManagementPolicy: "Parallel" }));
  await world.settle();
  expect((await world.list(POD)).map(({ metadata }) => metadata.name)).toEqual(["db-0", "db-1", "db-2"]);
  await settled();
  await world.patch(STATEFUL_SET, "db", { spec: { replicas: 1 } });
  await settled();
  expect((await world.list(POD)).map(({ metadata }) => metadata.name)).toEqual(["db-0"]);
});

it("gives every pod its claims, which stay", async () => {
  const claims = [
    {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  ];
  await world.create(set({ replicas: 2, volumeClaimTemplates: claims }));
  await settled();
  const names = async () => (await world.list(CLAIM)).map(({ metadata }) => metadata.name);
  expect(await names()).toEqual(["data-db-0", "data-db-1"]);
  const [volume] = (await world.get(POD, "db-1")).spec.volumes;
  expect(volume).toMatchObject({ name: "data", persistentVolumeClaim: { claimName: "data-db-1" } });
  await world.patch(STATEFUL_SET, "db", { spec: { replicas: 1 } });
  await settled();
  expect(await names()).toEqual(["data-db-0", "data-db-1"]);
});
