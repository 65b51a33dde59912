import { objectHealth } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NODE, POD } from "../model/workload.js";
import { conditions, Harness } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const pod = (simulate: string | undefined, spec: object = {}) => ({
  ...POD,
  metadata: {
    name: "p",
    namespace: "default",
    ...(simulate === undefined ? {} : { annotations: { "capstan.dev/simulate": simulate } }),
  },
  spec: { containers: [{ name: "app", image: "app:1" }], ...spec },
});
const get = () => world.get(POD, "p");
const phase = (wanted: string) =>
  world.until(async () => {
    const found = await get();
    return found.status.phase === wanted && found;
  });

it("registers one ready node", async () => {
  await world.settle();
  const node = await world.client.get({ ...NODE, name: "capstan" });
  expect(conditions(node)).toMatchObject({
    Ready: "True KubeletReady",
    DiskPressure: "False KubeletHasNoDiskPressure",
  });
  expect(node["status"]).toMatchObject({ allocatable: { pods: "20k" } });
});

describe("a simulated pod", () => {
  it("runs its init containers first, and is told of in events", async () => {
    await world.create(
      pod(undefined, {
        initContainers: [
          { name: "setup", image: "setup:1" },
          { name: "proxy", image: "proxy:1", restartPolicy: "Always" },
        ],
      }),
    );
    const found = await phase("Running");
    expect(
      found.status.initContainerStatuses.map(({ name, state }: { name: string; state: object }) => [
        name,
        Object.keys(state),
      ]),
    ).toEqual([
      ["setup", ["terminated"]],
      ["proxy", ["running"]],
    ]);
    expect(conditions(found)).toMatchObject({ Initialized: "True", Ready: "True", PodScheduled: "True" });
    expect(await world.events("p")).toEqual(
      expect.arrayContaining([
        "Scheduled: Successfully assigned default/p to capstan",
        "Started: Started container setup",
        "Started: Started container app",
      ]),
    );
  });

  it("goes into CrashLoopBackOff", async () => {
    await world.create(pod("crash-loop"));
    const found = await world.until(async () => {
      const status = (await get()).status.containerStatuses?.[0];
      return status?.state.waiting?.reason === "CrashLoopBackOff" && status;
    });
    expect(found).toMatchObject({
      ready: false,
      restartCount: 1,
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
    });
    expect(found.state.waiting.message).toMatch(
      /^back-off 10s restarting failed container=app pod=p_default\(/,
    );
    expect(objectHealth(await get()).status).toBe("Failed");
    await world.pass(12_000);
    expect((await get()).status.containerStatuses[0].restartCount).toBe(2);
  });

  it.each([
    ["fail", { restartPolicy: "Never" }, "Failed"],
    ["healthy", { restartPolicy: "Never" }, "Succeeded"],
    ["healthy", { restartPolicy: "OnFailure" }, "Succeeded"],
  ])("that is to %s with %j ends as %s", async (simulate, spec, wanted) => {
    await world.create(pod(simulate, spec));
    expect((await phase(wanted)).status.containerStatuses[0].state.terminated).toBeDefined();
  });

  it("runs without ever being ready", async () => {
    await world.create(pod("never-ready"));
    await phase("Running");
    await world.pass(30_000);
    expect(conditions(await get())["Ready"]).toBe("False ContainersNotReady");
  });

  it("waits for an image that cannot be pulled", async () => {
    await world.create(pod("image-pull"));
    await world.pass(5_000);
    const { status } = await get();
    expect(status.phase).toBe("Pending");
    expect(status.containerStatuses[0].state.waiting).toEqual({
      reason: "ImagePullBackOff",
      message: 'Back-off pulling image "app:1"',
    });
  });

  it("is not assigned to any node", async () => {
    await world.create(pod("unschedulable"));
    await world.pass(5_000);
    expect(conditions(await get())).toEqual({ PodScheduled: "False Unschedulable" });
    expect((await get()).spec.nodeName).toBeUndefined();
  });

  it("fails when it was active for too long", async () => {
    await world.create(pod(undefined, { activeDeadlineSeconds: 5 }));
    expect((await phase("Failed")).status).toMatchObject({ reason: "DeadlineExceeded" });
  });

  it("is gone after it was stopped, and gives its address back", async () => {
    await world.create(pod(undefined));
    const { status } = await phase("Running");
    await world.client.delete({ ...POD, namespace: "default", name: "p" });
    await world.until(async () => (await get()) === undefined);
    expect(status.podIP).toMatch(/^10\.244\./);
    expect(await world.events("p")).toContain("Killing: Stopping container app");
  });
});
