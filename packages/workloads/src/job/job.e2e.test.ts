import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JOB, POD } from "../model/workload.js";
import { conditions, Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const job = (spec: object = {}, options: { restartPolicy?: string; annotations?: object } = {}) => {
  const { restartPolicy = "Never", annotations = {} } = options;
  return {
    ...JOB,
    metadata: { name: "task", namespace: "default" },
    spec: { template: template({ app: "task" }, { annotations, spec: { restartPolicy } }), ...spec },
  };
};
const get = () => world.get(JOB, "task");
const reaches = (type: string, seconds = 600) =>
  world.until(async () => {
    const found = await get();
    return conditions(found)[type]?.startsWith("True") === true && found;
  }, seconds);
const fail = { annotations: { "capstan.dev/simulate": "fail" } };

describe("a Job", () => {
  it("completes", async () => {
    await world.create(job());
    const { status } = await reaches("Complete");
    expect(status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(status.active).toBeUndefined();
    expect(status.completionTime).toBeDefined();
    expect(status.conditions.map(({ type }: { type: string }) => type)).toEqual([
      "SuccessCriteriaMet",
      "Complete",
    ]);
    const [pod] = await world.list(POD);
    expect(pod.status.phase).toBe("Succeeded");
    expect(pod.metadata.finalizers).toBeUndefined();
    expect(await world.events("task")).toEqual([
      `SuccessfulCreate: Created pod: ${pod.metadata.name}`,
      "Completed: Job completed",
    ]);
  });

  it("runs as many pods at a time as it may until enough succeeded", async () => {
    await world.create(job({ completions: 5, parallelism: 2 }));
    let most = 0;
    const { status } = await world.until(async () => {
      const found = await get();
      most = Math.max(most, found.status?.active ?? 0);
      return conditions(found)["Complete"] !== undefined && found;
    });
    expect(most).toBe(2);
    expect(status.succeeded).toBe(5);
    expect(await world.list(POD)).toHaveLength(5);
  });

  it("gives up after its backoff limit, waiting longer each time", async () => {
    const start = world.clock.now();
    await world.create(job({ backoffLimit: 2 }, fail));
    const { status } = await reaches("Failed");
    expect(status.failed).toBe(3);
    expect(conditions({ status })).toMatchObject({
      Failed: "True BackoffLimitExceeded",
      FailureTarget: "True BackoffLimitExceeded",
    });
    expect(world.clock.now() - start).toBeGreaterThan(30_000);
    expect(await world.events("task")).toContain(
      "BackoffLimitExceeded: Job has reached the specified backoff limit",
    );
  });

  it("counts restarts of its containers where pods restart in place", async () => {
    await world.create(job({ backoffLimit: 1 }, { ...fail, restartPolicy: "OnFailure" }));
    const { status } = await reaches("Failed");
    expect(status.conditions[0].reason).toBe("BackoffLimitExceeded");
    expect(await world.list(POD)).toHaveLength(0);
  });

  it("fails when it is active for too long", async () => {
    await world.create(
      job({ activeDeadlineSeconds: 5 }, { annotations: { "capstan.dev/simulate": "run-forever" } }),
    );
    const { status } = await reaches("Failed");
    expect(conditions({ status })["Failed"]).toBe("True DeadlineExceeded");
  });

  it("is suspended and resumed", async () => {
    await world.create(job({ suspend: true }));
    await world.settle();
    expect((await get()).status.startTime).toBeUndefined();
    expect(await world.list(POD)).toEqual([]);
    await world.patch(JOB, "task", { spec: { suspend: false } });
    await world.settle();
    await world.patch(JOB, "task", { spec: { suspend: true } });
    await world.until(async () => (await world.list(POD)).length === 0);
    expect(conditions(await get())["Suspended"]).toBe("True JobSuspended");
    expect((await get()).status.failed).toBeUndefined();
    await world.patch(JOB, "task", { spec: { suspend: false } });
    const { status } = await reaches("Complete");
    expect(conditions({ status })["Suspended"]).toBe("False JobResumed");
  });

  it("is deleted when its time to live is over", async () => {
    await world.create(job({ ttlSecondsAfterFinished: 30 }));
    await reaches("Complete");
    await world.pass(25_000);
    expect((await get()).metadata.deletionTimestamp).toBeUndefined();
    await world.pass(10_000);
    const left = await get();
    expect(left === undefined || left.metadata.deletionTimestamp !== undefined).toBe(true);
  });
});

describe("an indexed Job", () => {
  const indexed = (spec: object = {}) => ({
    completionMode: "Indexed",
    completions: 4,
    parallelism: 4,
    ...spec,
  });

  it("runs one pod for every index", async () => {
    await world.create(job(indexed()));
    const { status } = await reaches("Complete");
    expect(status).toMatchObject({ succeeded: 4, completedIndexes: "0-3" });
    const pods = await world.list(POD);
    expect(pods.map(({ spec }) => spec.hostname).sort()).toEqual(["task-0", "task-1", "task-2", "task-3"]);
    expect(pods[0].spec.containers[0].env[0].name).toBe("JOB_COMPLETION_INDEX");
    expect(pods[0].metadata.labels["batch.kubernetes.io/job-completion-index"]).toMatch(/^[0-3]$/);
  });

  it("gives up on single indexes", async () => {
    await world.create(job(indexed({ completions: 2, backoffLimitPerIndex: 1 }), fail));
    const { status } = await reaches("Failed");
    expect(status).toMatchObject({ failedIndexes: "0,1", failed: 4 });
    expect(conditions({ status })["Failed"]).toBe("True FailedIndexes");
  });

  it("succeeds early by its policy", async () => {
    await world.create(job(indexed({ parallelism: 1, successPolicy: { rules: [{ succeededCount: 2 }] } })));
    const { status } = await reaches("Complete");
    expect(status.completedIndexes).toBe("0,1");
    expect(conditions({ status })["Complete"]).toBe("True SuccessPolicy");
  });
});

it("ends a Job at once where its failure policy says so", async () => {
  const rules = [{ action: "FailJob", onExitCodes: { operator: "In", values: [1] } }];
  await world.create(job({ podFailurePolicy: { rules } }, fail));
  const { status } = await reaches("Failed");
  const failed = status.conditions.find(({ type }: { type: string }) => type === "Failed");
  expect(failed.reason).toBe("PodFailurePolicy");
  expect(failed.message).toMatch(
    /^Container app for pod default\/task-\w+ failed with exit code 1 matching FailJob rule at index 0$/,
  );
  expect(await world.list(POD)).toHaveLength(1);
});
