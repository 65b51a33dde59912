import { afterEach, beforeEach, expect, it } from "vitest";
import { DEPLOYMENT, JOB, POD, SERVICE } from "./model/workload.js";
import { conditions, Harness, template } from "./testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const web = {
  ...DEPLOYMENT,
  metadata: { name: "web", namespace: "default" },
  spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template: template({ app: "web" }) },
};
const names = async () => (await world.list(POD)).map(({ metadata }) => metadata.name).sort();

it("a restart of the process changes nothing of what runs", async () => {
  await world.create(web);
  await world.create({
    ...SERVICE,
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  });
  await world.until(async () => (await world.get(DEPLOYMENT, "web")).status?.availableReplicas === 3);
  await world.pass(1000);
  const before = await names();
  world.writes.length = 0;
  await world.restart();
  await world.pass(1000);
  const written = world.writes.filter((write) => !/nodes|events|storageclasses/.test(write));
  expect(written).toEqual([]);
  expect(await names()).toEqual(before);
  const pods = await world.list(POD);
  expect(pods.every(({ status }) => status.containerStatuses[0].restartCount === 0)).toBe(true);
});

it.each([0, 1, 2, 3, 5, 8, 13])(
  "a rollout and a job that are interrupted after %d steps come to their ends",
  async (steps) => {
    await world.create(web);
    await world.create({
      ...JOB,
      metadata: { name: "task", namespace: "default" },
      spec: { completions: 3, template: template({}, { spec: { restartPolicy: "Never" } }) },
    });
    for (let step = 0; step < steps; step++) {
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      world.clock.move(Math.min(world.clock.next ?? 0, 1000));
    }
    await world.restart();
    await world.until(async () => (await world.get(DEPLOYMENT, "web")).status?.availableReplicas === 3);
    await world.until(async () => conditions(await world.get(JOB, "task"))["Complete"] !== undefined);
    expect(await world.list(POD, "app=web")).toHaveLength(3);
    expect((await world.get(JOB, "task")).status).toMatchObject({ succeeded: 3 });
  },
);
