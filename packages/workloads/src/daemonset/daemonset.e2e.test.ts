import { afterEach, beforeEach, expect, it } from "vitest";
import { CONTROLLER_REVISION, DAEMON_SET, POD } from "../model/workload.js";
import { Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const daemon = (spec: object = {}, options?: Parameters<typeof template>[1]) => ({
  ...DAEMON_SET,
  metadata: { name: "agent", namespace: "default" },
  spec: {
    selector: { matchLabels: { app: "agent" } },
    template: template({ app: "agent" }, options),
    ...spec,
  },
});
const get = () => world.get(DAEMON_SET, "agent");
const available = (updated = 1) =>
  world.until(async () => {
    const { metadata, status } = await get();
    const seen = status.observedGeneration === metadata.generation;
    return seen && status.numberAvailable === 1 && status.updatedNumberScheduled === updated && get();
  });

it("runs one pod on the node", async () => {
  await world.create(daemon());
  const { status } = await available();
  expect(status).toMatchObject({
    desiredNumberScheduled: 1,
    currentNumberScheduled: 1,
    numberReady: 1,
    numberMisscheduled: 0,
  });
  const [pod] = await world.list(POD);
  expect(pod.spec.nodeName).toBe("capstan");
  expect(pod.spec.tolerations.map(({ key }: { key: string }) => key)).toContain(
    "node.kubernetes.io/unschedulable",
  );
  expect(pod.metadata.labels["controller-revision-hash"]).toMatch(/^[456789bcdf]+$/);
});

it("replaces the pod with a new template, and keeps both revisions", async () => {
  await world.create(daemon());
  await available();
  await world.patch(DAEMON_SET, "agent", {
    spec: { template: { spec: { containers: [{ name: "app", image: "app:2" }] } } },
  });
  await available();
  const pods = await world.list(POD);
  expect(pods.map(({ spec }) => spec.containers[0].image)).toEqual(["app:2"]);
  expect((await world.list(CONTROLLER_REVISION)).map(({ revision }) => revision).sort()).toEqual([1, 2]);
});

it("runs none where its selector allows no node, and says so", async () => {
  await world.create(daemon({}, { spec: { nodeSelector: { disk: "ssd" } } }));
  const { status } = await world.until(async () => {
    const found = await get();
    return found.status.observedGeneration === 1 && found;
  });
  expect(status).toMatchObject({ desiredNumberScheduled: 0, currentNumberScheduled: 0, numberReady: 0 });
  expect(await world.list(POD)).toEqual([]);
});

it("brings the new pod beside the old one with a surge", async () => {
  const updateStrategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  await world.create(daemon({ updateStrategy }));
  await available();
  await world.patch(DAEMON_SET, "agent", {
    spec: { template: { spec: { containers: [{ name: "app", image: "app:2" }] } } },
  });
  let ready = 1;
  await world.until(async () => {
    const pods = (await world.list(POD)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const up = pods.filter(({ status }) =>
      status.conditions?.some(
        (each: { type: string; status: string }) => each.type === "Ready" && each.status === "True",
      ),
    );
    ready = Math.min(ready, up.length);
    return pods.length === 1 && pods[0].spec.containers[0].image === "app:2" && up.length === 1;
  });
  expect(ready).toBe(1);
});
