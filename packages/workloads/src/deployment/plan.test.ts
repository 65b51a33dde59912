import { describe, expect, it } from "vitest";
import type { Deployment, DeploymentSpec, ReplicaSet } from "../model/workload.js";
import { DEPLOYMENT, REPLICA_SET } from "../model/workload.js";
import { resolveFenceposts } from "./fenceposts.js";
import { planDeployment } from "./plan.js";

const now = Date.UTC(2026, 0, 1);
const template = (image: string) => ({
  metadata: { labels: { a: "b" } },
  spec: { containers: [{ name: "c", image }] },
});

function deployment(spec: Partial<DeploymentSpec> = {}, fields: Partial<Deployment> = {}): Deployment {
  return {
    ...DEPLOYMENT,
    metadata: { name: "web", namespace: "x", uid: "d", generation: 1 },
    spec: {
      replicas: 10,
      selector: { matchLabels: { a: "b" } },
      template: template("new"),
      progressDeadlineSeconds: 600,
      ...spec,
    },
    ...fields,
  };
}

interface SetOptions {
  readonly size: number;
  readonly available?: number;
  readonly max?: number;
  readonly desired?: number;
  readonly image?: string;
  readonly revision?: number;
}

function set(name: string, options: SetOptions): ReplicaSet {
  const { size, available = size, max = 13, desired = 10, image = "old", revision = 1 } = options;
  return {
    ...REPLICA_SET,
    metadata: {
      name,
      uid: name,
      generation: 1,
      creationTimestamp: name === "new" ? "2025-12-31T01:00:00Z" : "2025-12-31T00:00:00Z",
      annotations: {
        "deployment.kubernetes.io/revision": String(revision),
        "deployment.kubernetes.io/desired-replicas": String(desired),
        "deployment.kubernetes.io/max-replicas": String(max),
      },
    },
    spec: { replicas: size, selector: {}, template: template(image) },
    status: { replicas: size, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}

const sizes = (plan: ReturnType<typeof planDeployment>) =>
  Object.fromEntries(
    plan.changes
      .filter(({ replicas }) => replicas !== undefined)
      .map(({ set: each, replicas }) => [each.metadata.name, replicas]),
  );

describe("fenceposts", () => {
  it.each([
    [1, "25%", "25%", 1, 0],
    [4, "25%", "25%", 1, 1],
    [10, "25%", "25%", 3, 2],
    [10, "39%", "39%", 4, 3],
    [0, "0%", "0%", 0, 1],
    [3, 0, 0, 0, 1],
    [3, 2, 0, 2, 0],
  ])(
    "%d pods, surge %s, unavailable %s: %d and %d",
    (replicas, maxSurge, maxUnavailable, surge, unavailable) => {
      const spec = deployment({
        replicas,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
      }).spec;
      expect(resolveFenceposts(spec)).toEqual({ surge, unavailable });
    },
  );
});

describe("a rolling update", () => {
  it("starts with as many new pods as the surge allows", () => {
    const plan = planDeployment({
      deployment: deployment(),
      sets: [set("old", { size: 10 })],
      pods: [],
      now,
    });
    expect(plan.create?.spec.replicas).toBe(3);
    expect(plan.create?.metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "2",
      "deployment.kubernetes.io/max-replicas": "13",
    });
    expect(sizes(plan)).toEqual({ old: 8 });
  });

  it.each([
    ["takes old pods as new ones become available", 3, 3, 8, 8, { new: 5 }],
    ["waits where the new pods are not available", 5, 0, 8, 8, {}],
    ["takes unhealthy old pods first, then what availability spares", 3, 3, 10, 6, { old: 5 }],
    ["cuts what is too large", 12, 12, 0, 0, { new: 10 }],
  ])("%s", (_name, size, available, oldSize, oldAvailable, expected) => {
    const sets = [
      set("old", { size: oldSize, available: oldAvailable }),
      set("new", { size, available, image: "new", revision: 2 }),
    ];
    expect(sizes(planDeployment({ deployment: deployment(), sets, pods: [], now }))).toEqual(expected);
  });

  it("finds the set of its template whatever its hash, and renumbers it", () => {
    const sets = [set("old", { size: 10, revision: 2 }), set("new", { size: 0, image: "new", revision: 1 })];
    const plan = planDeployment({ deployment: deployment(), sets, pods: [], now });
    expect(plan.create).toBeUndefined();
    expect(plan.annotations["deployment.kubernetes.io/revision"]).toBe("3");
    expect(plan.changes.find(({ set: each }) => each.metadata.name === "new")?.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
  });

  it("does nothing the second time", () => {
    const sets = [set("new", { size: 10, image: "new" })];
    const first = planDeployment({ deployment: deployment(), sets, pods: [], now });
    const settled = deployment({}, { status: first.status });
    const second = planDeployment({ deployment: settled, sets, pods: [], now: now + 5000 });
    expect(second.changes).toEqual([]);
    expect(second.status).toEqual(first.status);
  });
});

describe("scaling in the middle of a rollout", () => {
  it.each([
    ["grows in proportion", 20, [6, 4], [12, 8 + 5]],
    ["shrinks in proportion", 5, [8, 5], [4, 3]],
    ["stops everything at zero", 0, [8, 5], [0, 0]],
  ])("%s", (_name, replicas, [older = 0, newer = 0], expected) => {
    const sets = [set("old", { size: older }), set("new", { size: newer, image: "new", revision: 2 })];
    const found = sizes(planDeployment({ deployment: deployment({ replicas }), sets, pods: [], now }));
    const total = (found["old"] ?? older) + (found["new"] ?? newer);
    expect(total).toBe(replicas === 0 ? 0 : replicas + Math.ceil(replicas / 4));
    if (replicas < 20) expect([found["old"], found["new"]]).toEqual(expected);
  });
});

describe("progress", () => {
  const stuck = (reason: string, since: string) => ({
    conditions: [
      {
        type: "Progressing",
        status: "True" as const,
        reason,
        message: "",
        lastUpdateTime: since,
        lastTransitionTime: since,
      },
    ],
    replicas: 10,
    updatedReplicas: 10,
    unavailableReplicas: 10,
    observedGeneration: 1,
  });
  const sets = [set("new", { size: 10, available: 0, image: "new" })];
  const reasonOf = (status: Deployment["status"]) =>
    status?.conditions?.find(({ type }) => type === "Progressing")?.reason;

  it.each([
    ["2025-12-31T23:55:00Z", "ReplicaSetUpdated"],
    ["2025-12-31T23:49:59Z", "ProgressDeadlineExceeded"],
  ])("since %s is %s", (since, reason) => {
    const view = deployment({}, { status: stuck("ReplicaSetUpdated", since) });
    const plan = planDeployment({ deployment: view, sets, pods: [], now });
    expect(reasonOf(plan.status)).toBe(reason);
    expect(plan.resyncAfterMs === undefined).toBe(reason === "ProgressDeadlineExceeded");
  });

  it("is not timed once the rollout was complete", () => {
    const status = { ...stuck("NewReplicaSetAvailable", "2025-01-01T00:00:00Z") };
    const plan = planDeployment({ deployment: deployment({}, { status }), sets, pods: [], now });
    expect(reasonOf(plan.status)).toBe("NewReplicaSetAvailable");
  });

  it("is not spoken of without a deadline", () => {
    const plan = planDeployment({
      deployment: deployment({ progressDeadlineSeconds: 2147483647 }),
      sets,
      pods: [],
      now,
    });
    expect(reasonOf(plan.status)).toBeUndefined();
  });
});
