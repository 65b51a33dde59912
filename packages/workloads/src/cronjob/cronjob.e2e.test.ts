import { afterEach, beforeEach, expect, it } from "vitest";
import { CRON_JOB, JOB } from "../model/workload.js";
import { Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const minute = 60_000;
const cron = (spec: object = {}, annotations: object = {}) => ({
  ...CRON_JOB,
  metadata: { name: "tick", namespace: "default" },
  spec: {
    schedule: "* * * * *",
    jobTemplate: { spec: { template: template({}, { annotations, spec: { restartPolicy: "Never" } }) } },
    ...spec,
  },
});
const get = () => world.get(CRON_JOB, "tick");
const jobs = async () => (await world.list(JOB)).map(({ metadata }) => metadata.name).sort();
const forever = { "capstan.dev/simulate": "run-forever" };

it("starts a Job at every time, and keeps the last three", async () => {
  await world.create(cron());
  await world.pass(minute + 1000);
  const first = `tick-${Date.UTC(2026, 0, 1, 0, 1) / minute}`;
  expect(await jobs()).toEqual([first]);
  const { status } = await get();
  expect(status.lastScheduleTime).toBe("2026-01-01T00:01:00Z");
  expect(status.lastSuccessfulTime).toBeDefined();
  expect(status.active).toBeUndefined();
  await world.pass(5 * minute);
  expect(await jobs()).toHaveLength(3);
  expect(await world.events("tick")).toEqual(
    expect.arrayContaining([
      `SuccessfulCreate: Created job ${first}`,
      `SawCompletedJob: Saw completed job: ${first}, condition: Complete`,
    ]),
  );
});

it("does not start a second Job beside the first where that is forbidden", async () => {
  await world.create(cron({ concurrencyPolicy: "Forbid" }, forever));
  await world.pass(3 * minute);
  expect(await jobs()).toHaveLength(1);
  expect((await get()).status.active).toHaveLength(1);
  expect(
    (await world.events("tick")).filter((text) => text.startsWith("JobAlreadyActive")).length,
  ).toBeGreaterThan(0);
});

it("replaces the running Job where it is told to", async () => {
  await world.create(cron({ concurrencyPolicy: "Replace" }, forever));
  await world.pass(2 * minute + 30_000);
  expect((await get()).status.active.map(({ name }: { name: string }) => name)).toEqual([
    `tick-${Date.UTC(2026, 0, 1, 0, 2) / minute}`,
  ]);
});

it("starts nothing while suspended, and one Job for all that was missed", async () => {
  await world.create(cron({ suspend: true }));
  await world.pass(10 * minute);
  expect(await jobs()).toEqual([]);
  await world.patch(CRON_JOB, "tick", { spec: { suspend: false } });
  await world.settle();
  expect(await jobs()).toEqual([`tick-${Date.UTC(2026, 0, 1, 0, 10) / minute}`]);
});
