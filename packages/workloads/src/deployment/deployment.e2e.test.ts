import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEPLOYMENT, POD, REPLICA_SET } from "../model/workload.js";
import { conditions, Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const web = (spec: object = {}, options?: Parameters<typeof template>[1]) => ({
  ...DEPLOYMENT,
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    template: template({ app: "web" }, options),
    ...spec,
  },
});

const get = () => world.get(DEPLOYMENT, "web");
const rolledOut = () =>
  world.until(async () => {
    const { metadata, spec, status } = await get();
    const done =
      status.observedGeneration === metadata.generation &&
      (status.updatedReplicas ?? 0) === spec.replicas &&
      (status.replicas ?? 0) === spec.replicas &&
      (status.availableReplicas ?? 0) === spec.replicas;
    return done && get();
  });

describe("a Deployment", () => {
  it("becomes available", async () => {
    await world.create(web());
    const deployment = await rolledOut();
    expect(deployment.status).toMatchObject({
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
    expect(conditions(deployment)).toEqual({
      Available: "True MinimumReplicasAvailable",
      Progressing: "True NewReplicaSetAvailable",
    });
    expect(deployment.metadata.annotations["deployment.kubernetes.io/revision"]).toBe("1");
    const pods = await world.list(POD);
    expect(pods.map(({ status }) => status.phase)).toEqual(["Running", "Running", "Running"]);
    expect(new Set(pods.map(({ status }) => status.podIP)).size).toBe(3);
    const [set] = await world.list(REPLICA_SET);
    expect(set.status).toMatchObject({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
    expect(await world.events("web")).toEqual([
      `ScalingReplicaSet: Scaled up replica set ${set.metadata.name} from 0 to 3`,
    ]);
  });

  it("rolls to a new template without losing availability, and back to the old one", async () => {
    await world.create(web());
    await rolledOut();
    await world.patch(DEPLOYMENT, "web", {
      spec: { template: { spec: { containers: [{ name: "app", image: "app:2" }] } } },
    });
    let least = 3;
    await world.until(async () => {
      const { status, metadata } = await get();
      least = Math.min(least, status.availableReplicas ?? 0);
      return (
        status.observedGeneration === metadata.generation &&
        status.updatedReplicas === 3 &&
        status.replicas === 3 &&
        status.availableReplicas === 3
      );
    });
    expect(least).toBe(3);
    expect((await get()).metadata.annotations["deployment.kubernetes.io/revision"]).toBe("2");
    const pods = (await world.list(POD)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(pods.map(({ spec }) => spec.containers[0].image)).toEqual(["app:2", "app:2", "app:2"]);

    await world.patch(DEPLOYMENT, "web", {
      spec: { template: { spec: { containers: [{ name: "app", image: "app:1" }] } } },
    });
    await rolledOut();
    const sets = await world.list(REPLICA_SET);
    expect(sets).toHaveLength(2);
    const annotations = sets.map(({ metadata }) => metadata.annotations);
    expect(annotations.map((each) => each["deployment.kubernetes.io/revision"]).sort()).toEqual(["2", "3"]);
    expect(annotations.map((each) => each["deployment.kubernetes.io/revision-history"])).toContain("1");
  });

  it("that is replaced by Recreate has no old pod when the first new one comes", async () => {
    await world.create(web({ strategy: { type: "Recreate" } }));
    await rolledOut();
    await world.patch(DEPLOYMENT, "web", {
      spec: { template: { spec: { containers: [{ name: "app", image: "app:2" }] } } },
    });
    const images = await world.until(async () => {
      const pods = await world.list(POD);
      const found = new Set(pods.map(({ spec }) => spec.containers[0].image));
      return found.has("app:2") && found;
    });
    expect([...images]).toEqual(["app:2"]);
    await rolledOut();
  });

  it("says when it does not progress in time, and when it does after all", async () => {
    await world.create(
      web({ progressDeadlineSeconds: 30 }, { annotations: { "capstan.dev/simulate": "never-ready" } }),
    );
    const stuck = await world.until(async () => {
      const deployment = await get();
      return conditions(deployment)["Progressing"]?.includes("ProgressDeadlineExceeded") && deployment;
    });
    expect(conditions(stuck)).toEqual({
      Available: "False MinimumReplicasUnavailable",
      Progressing: "False ProgressDeadlineExceeded",
    });
    await world.patch(DEPLOYMENT, "web", { spec: { template: { metadata: { annotations: null } } } });
    expect(conditions(await rolledOut())["Progressing"]).toBe("True NewReplicaSetAvailable");
  });

  it("keeps its history limit, scales, pauses and resumes", async () => {
    await world.create(web({ revisionHistoryLimit: 1 }));
    for (const image of ["app:1", "app:2", "app:3", "app:4"]) {
      await world.patch(DEPLOYMENT, "web", {
        spec: { template: { spec: { containers: [{ name: "app", image }] } } },
      });
      await rolledOut();
    }
    await world.settle();
    expect(await world.list(REPLICA_SET)).toHaveLength(2);
    await world.patch(DEPLOYMENT, "web", { spec: { replicas: 5, paused: true } });
    await rolledOut();
    expect(conditions(await get())["Progressing"]).toBe("Unknown DeploymentPaused");
    await world.patch(DEPLOYMENT, "web", { spec: { paused: null, replicas: 1 } });
    expect(conditions(await rolledOut())["Available"]).toBe("True MinimumReplicasAvailable");
    const resumed = await world.until(async () => {
      const deployment = await get();
      return conditions(deployment)["Progressing"] === "True NewReplicaSetAvailable" && deployment;
    });
    expect(resumed.status.replicas).toBe(1);
  });

  it("of size zero costs few writes, and none while nothing changes", async () => {
    world.writes.length = 0;
    await world.create(web({ replicas: 0 }));
    await rolledOut();
    await world.settle();
    const own = world.writes.filter((write) => !write.includes("/events"));
    expect(own.length).toBeLessThanOrEqual(4);
    const before = world.writes.length;
    await world.pass(60_000);
    expect(world.writes.length).toBe(before);
  });
});
