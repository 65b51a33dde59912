import { afterEach, beforeEach, expect, it } from "vitest";
import { CLAIM, POD, STORAGE_CLASS, VOLUME, VOLUME_ATTRIBUTES_CLASS } from "../model/workload.js";
import { Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const claim = (spec: object = {}) => ({
  ...CLAIM,
  metadata: { name: "data", namespace: "default" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const phase = async () => (await world.get(CLAIM, "data"))?.status?.phase;
const pod = {
  ...POD,
  metadata: { name: "user", namespace: "default" },
  spec: { ...template({}).spec, volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] },
};

it("provides a volume of the default class, and drops it with the claim", async () => {
  await world.create(claim());
  await world.until(async () => (await phase()) === "Bound");
  const bound = await world.get(CLAIM, "data");
  expect(bound.spec.storageClassName).toBe("standard");
  expect(bound.status).toMatchObject({ capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] });
  const name = `pvc-${bound.metadata.uid}`;
  expect((await world.get(VOLUME, name)).status.phase).toBe("Bound");
  await world.client.delete({ ...CLAIM, namespace: "default", name: "data" });
  await world.until(async () => (await world.get(VOLUME, name)) === undefined);
});

it("prefers the smallest volume that is there and suits", async () => {
  for (const [name, storage] of [
    ["big", "10Gi"],
    ["right", "2Gi"],
    ["small", "1Mi"],
  ]) {
    const spec = { capacity: { storage }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" } };
    await world.create({
      ...VOLUME,
      metadata: { name },
      spec: { ...spec, persistentVolumeReclaimPolicy: "Retain" },
    });
  }
  await world.settle();
  await world.create(claim({ storageClassName: "" }));
  await world.until(async () => (await phase()) === "Bound");
  expect((await world.get(CLAIM, "data")).spec.volumeName).toBe("right");
  await world.client.delete({ ...CLAIM, namespace: "default", name: "data" });
  await world.until(async () => (await world.get(VOLUME, "right")).status.phase === "Released");
});

it("waits for the first consumer where the class says so", async () => {
  const lazy = { ...STORAGE_CLASS, metadata: { name: "lazy" }, provisioner: "x.dev/y" };
  await world.create({ ...lazy, volumeBindingMode: "WaitForFirstConsumer" });
  await world.create(claim({ storageClassName: "lazy" }));
  await world.settle();
  expect(await phase()).toBe("Pending");
  await world.create(pod);
  await world.until(async () => (await world.get(POD, "user")).status.phase === "Running");
  expect(await phase()).toBe("Bound");
});

it("keeps a claim as long as a pod uses it", async () => {
  await world.create(claim());
  await world.create(pod);
  await world.until(async () => (await world.get(POD, "user")).status.phase === "Running");
  await world.client.delete({ ...CLAIM, namespace: "default", name: "data" });
  await world.settle();
  expect((await world.get(CLAIM, "data")).metadata.deletionTimestamp).toBeDefined();
  await world.client.delete({ ...POD, namespace: "default", name: "user" });
  await world.until(async () => (await world.get(CLAIM, "data")) === undefined);
});

it("keeps an attributes class as long as a claim names it", async () => {
  await world.create({
    ...VOLUME_ATTRIBUTES_CLASS,
    metadata: { name: "fast" },
    driverName: "x.dev",
    parameters: { a: "b" },
  });
  await world.create(claim({ volumeAttributesClassName: "fast" }));
  await world.client.delete({ ...VOLUME_ATTRIBUTES_CLASS, name: "fast" });
  await world.settle();
  expect((await world.get(VOLUME_ATTRIBUTES_CLASS, "fast")).metadata.deletionTimestamp).toBeDefined();
  await world.client.delete({ ...CLAIM, namespace: "default", name: "data" });
  await world.until(async () => (await world.get(VOLUME_ATTRIBUTES_CLASS, "fast")) === undefined);
});

it("says why a pod that mounts a missing claim is not scheduled", async () => {
  await world.create(pod);
  await world.settle();
  const [scheduled] = (await world.get(POD, "user")).status.conditions;
  expect(scheduled).toMatchObject({ type: "PodScheduled", status: "False", reason: "Unschedulable" });
  expect(scheduled.message).toContain('persistentvolumeclaim "data" not found');
});
