import { afterEach, beforeEach, expect, it } from "vitest";
import { POD, REPLICA_SET, REPLICATION_CONTROLLER } from "../model/workload.js";
import { Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const set = (spec: object = {}) => ({
  ...REPLICA_SET,
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: template({ app: "web" }),
    ...spec,
  },
});

const ready = (count: number) =>
  world.until(async () => {
    const found = await world.get(REPLICA_SET, "web");
    return (found.status?.readyReplicas ?? 0) === count && found.status.replicas === count && found;
  });

it("replaces a pod as soon as it is being deleted", async () => {
  await world.create(set());
  await ready(2);
  const [first] = await world.list(POD);
  await world.client.delete({ ...POD, namespace: "default", name: first.metadata.name });
  await world.pass(1000);
  const names = (await world.list(POD)).map(({ metadata }) => metadata.name);
  expect(names).toHaveLength(2);
  expect(names).not.toContain(first.metadata.name);
});

it("adopts a pod that matches, and lets one go that does not any more", async () => {
  await world.create({
    ...POD,
    metadata: { name: "lone", namespace: "default", labels: { app: "web" } },
    spec: template({}).spec,
  });
  await world.create(set());
  await ready(2);
  const owner = async () => (await world.get(POD, "lone")).metadata.ownerReferences?.[0]?.name;
  expect(await owner()).toBe("web");
  await world.patch(POD, "lone", { metadata: { labels: { app: "debug" } } });
  await world.until(async () => (await owner()) === undefined);
  await ready(2);
  expect(await world.list(POD)).toHaveLength(3);
});

it("scales down what costs least and is ready least", async () => {
  await world.create(set({ replicas: 3 }));
  await ready(3);
  const pods = await world.list(POD);
  const cheap = pods[1].metadata.name;
  await world.patch(POD, cheap, {
    metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-1" } },
  });
  await world.patch(REPLICA_SET, "web", { spec: { replicas: 2 } });
  await ready(2);
  await world.pass(1000);
  expect((await world.list(POD)).map(({ metadata }) => metadata.name)).not.toContain(cheap);
});

it("counts pods available only after minReadySeconds", async () => {
  await world.create(set({ minReadySeconds: 10 }));
  await ready(2);
  expect((await world.get(REPLICA_SET, "web")).status.availableReplicas).toBeUndefined();
  await world.pass(12_000);
  expect((await world.get(REPLICA_SET, "web")).status.availableReplicas).toBe(2);
});

it("keeps the pods of a ReplicationController, by plain labels", async () => {
  const type = REPLICATION_CONTROLLER;
  const spec = { replicas: 2, selector: { app: "old" }, template: template({ app: "old" }) };
  await world.create({ ...type, metadata: { name: "old", namespace: "default" }, spec });
  const available = (count: number) =>
    world.until(async () => {
      const { status } = await world.get(type, "old");
      return status?.replicas === count && (status.availableReplicas ?? 0) === count;
    });
  await available(2);
  const [pod] = await world.list(POD);
  expect(pod.metadata.ownerReferences[0]).toMatchObject({ ...type, name: "old", controller: true });
  await world.patch(type, "old", { spec: { replicas: 1 } });
  await available(1);
  expect((await world.get(type, "old")).status).toMatchObject({ fullyLabeledReplicas: 1, readyReplicas: 1 });
});
