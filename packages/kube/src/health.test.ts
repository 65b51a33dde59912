import { describe, expect, it } from "vitest";
import { type HealthOptions, objectHealth } from "./health.js";
import type { KubeObject } from "./object.js";

const make = (apiVersion: string, kind: string, rest: object = {}): KubeObject =>
  ({ apiVersion, kind, metadata: { name: "x", generation: 1 }, ...rest }) as KubeObject;
const health = (object: KubeObject, options?: HealthOptions) => {
  const { status, message } = objectHealth(object, options);
  return `${status}: ${message}`;
};

describe("what every object shares", () => {
  it.each<[string, object, string]>([
    [
      "deletion first",
      { metadata: { name: "x", deletionTimestamp: "t" } },
      "Terminating: Resource scheduled for deletion",
    ],
    [
      "an old generation",
      { status: { observedGeneration: 2 } },
      "InProgress: Foo generation is 1, but latest observed generation is 2",
    ],
    [
      "Reconciling",
      {
        status: {
          conditions: [
            { type: "Reconciling", status: "True", message: "m" },
            { type: "Stalled", status: "True" },
          ],
        },
      },
      "InProgress: m",
    ],
    ["Stalled", { status: { conditions: [{ type: "Stalled", status: "True", message: "m" }] } }, "Failed: m"],
    ["Ready", { status: { conditions: [{ type: "Ready", status: "True" }] } }, "Current: Resource is Ready"],
    [
      "not Ready",
      { status: { conditions: [{ type: "Ready", status: "False", message: "m" }] } },
      "InProgress: m",
    ],
    ["nothing", {}, "Current: Resource is current"],
    ["status of a wrong type", { status: [1] }, "Current: Resource is current"],
    [
      "conditions of a wrong type",
      { status: { conditions: [null, "x", {}] } },
      "Current: Resource is current",
    ],
  ])("%s", (_name, rest, expected) => {
    expect(health(make("a.b/v1", "Foo", rest))).toBe(expected);
  });

  it("an object that is not there", () => {
    expect(objectHealth(undefined).status).toBe("NotFound");
  });
});

const done = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const progressing = (reason: string) => ({ type: "Progressing", status: "True", reason });
const available = { type: "Available", status: "True" };
const deployment = (status: object, spec: object = {}) =>
  make("apps/v1", "Deployment", {
    spec: { replicas: 2, progressDeadlineSeconds: 600, ...spec },
    status: {
      observedGeneration: 1,
      conditions: [progressing("NewReplicaSetAvailable"), available],
      ...done,
      ...status,
    },
  });

describe("Deployment", () => {
  it.each<[object, object, string]>([
    [{}, {}, "Current: Deployment is available. Replicas: 2"],
    [{ replicas: 1 }, {}, "InProgress: Replicas: 1/2"],
    [{ updatedReplicas: 1 }, {}, "InProgress: Updated: 1/2"],
    [{ replicas: 3 }, {}, "InProgress: Pending termination: 1"],
    [{ availableReplicas: 1 }, {}, "InProgress: Available: 1/2"],
    [{ readyReplicas: 1 }, {}, "InProgress: Ready: 1/2"],
    [
      { conditions: [progressing("ReplicaSetUpdated"), available] },
      {},
      "InProgress: ReplicaSet not Available",
    ],
    [
      { conditions: [available] },
      { progressDeadlineSeconds: 2147483647 },
      "Current: Deployment is available. Replicas: 2",
    ],
    [{ conditions: [progressing("NewReplicaSetAvailable")] }, {}, "InProgress: Deployment not Available"],
    [
      { conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }] },
      {},
      "Failed: Progress deadline exceeded",
    ],
  ])("%j %j: %s", (status, spec, expected) => {
    expect(health(deployment(status, spec))).toBe(expected);
  });

  it("of another group has no rule", () => {
    expect(health({ ...deployment({ replicas: 0 }), apiVersion: "x.io/v1" })).toBe(
      "Current: Resource is current",
    );
  });
});

describe("StatefulSet", () => {
  const full = {
    replicas: 2,
    readyReplicas: 2,
    currentReplicas: 2,
    updatedReplicas: 2,
    currentRevision: "a",
    updateRevision: "a",
  };
  it.each<[object, object, string]>([
    [full, {}, "Current: All replicas scheduled as expected. Replicas: 2"],
    [
      {},
      { updateStrategy: { type: "OnDelete" } },
      "Current: StatefulSet is using the ondelete update strategy",
    ],
    [{ ...full, readyReplicas: 1 }, {}, "InProgress: Ready: 1/2"],
    [
      { ...full, updatedReplicas: 1 },
      { updateStrategy: { rollingUpdate: { partition: 0 } } },
      "InProgress: updated: 1/2",
    ],
    [
      { ...full, updatedReplicas: 1 },
      { updateStrategy: { rollingUpdate: { partition: 1 } } },
      "Current: Partition rollout complete. updated: 1",
    ],
    [{ ...full, updateRevision: "b" }, {}, "InProgress: Waiting for updated revision to match current"],
    [{ ...full, currentReplicas: 1 }, {}, "InProgress: current: 1/2"],
  ])("%j %j: %s", (status, spec, expected) => {
    expect(health(make("apps/v1", "StatefulSet", { spec: { replicas: 2, ...spec }, status }))).toBe(expected);
  });
});

describe("other workloads", () => {
  it.each<[string, string, object, HealthOptions, string]>([
    [
      "apps/v1",
      "ReplicaSet",
      { spec: { replicas: 0 }, status: { replicas: 0 } },
      {},
      "Current: ReplicaSet is available. Replicas: 0",
    ],
    [
      "apps/v1",
      "ReplicaSet",
      { status: { conditions: [{ type: "ReplicaFailure", status: "True" }] } },
      {},
      "InProgress: Replica Failure condition. Check Pods",
    ],
    ["apps/v1", "ReplicaSet", { status: {} }, {}, "InProgress: Labelled: 0/1"],
    [
      "apps/v1",
      "DaemonSet",
      { status: { observedGeneration: 1 } },
      {},
      "InProgress: Missing .status.desiredNumberScheduled",
    ],
    [
      "apps/v1",
      "DaemonSet",
      { status: { observedGeneration: 1, desiredNumberScheduled: 1, currentNumberScheduled: 1 } },
      {},
      "InProgress: Updated: 0/1",
    ],
    [
      "apps/v1",
      "DaemonSet",
      { status: { observedGeneration: 1, desiredNumberScheduled: 0 } },
      {},
      "Current: All replicas scheduled as expected. Replicas: 0",
    ],
    ["batch/v1", "Job", { status: {} }, {}, "InProgress: Job not started"],
    [
      "batch/v1",
      "Job",
      { status: { startTime: "t", active: 1 } },
      {},
      "InProgress: Job in progress. success:0, active: 1, failed: 0",
    ],
    [
      "batch/v1",
      "Job",
      { status: { startTime: "t", active: 1 } },
      { jobs: "started" },
      "Current: Job in progress. success:0, active: 1, failed: 0",
    ],
    [
      "batch/v1",
      "Job",
      { status: { conditions: [{ type: "Failed", status: "True" }], failed: 1 } },
      {},
      "Failed: Job Failed. failed: 1/1",
    ],
    [
      "batch/v1",
      "Job",
      { spec: { suspend: true }, status: { conditions: [{ type: "Suspended", status: "True" }] } },
      {},
      "Current: Job is suspended",
    ],
    ["batch/v1", "CronJob", {}, {}, "Current: Resource is current"],
    [
      "v1",
      "PersistentVolumeClaim",
      { status: { phase: "Pending" } },
      {},
      "InProgress: PVC is not Bound. phase: Pending",
    ],
    ["v1", "PersistentVolumeClaim", { status: { phase: "Bound" } }, {}, "Current: PVC is Bound"],
    [
      "v1",
      "Service",
      { spec: { type: "LoadBalancer" } },
      {},
      "InProgress: ClusterIP not set. Service type: LoadBalancer",
    ],
    ["v1", "Service", { spec: { type: "ClusterIP" } }, {}, "Current: Service is ready"],
  ])("%s %s %j %j: %s", (apiVersion, kind, rest, options, expected) => {
    expect(health(make(apiVersion, kind, rest), options)).toBe(expected);
  });
});

describe("Pod", () => {
  const unschedulable = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    lastTransitionTime: "2024-01-01T00:00:00Z",
  };
  const at = (seconds: number) => ({ now: Date.UTC(2024, 0, 1, 0, 0, seconds) });
  it.each<[object, HealthOptions, string]>([
    [{ phase: "Running", conditions: [{ type: "Ready", status: "True" }] }, {}, "Current: Pod is Ready"],
    [
      {
        phase: "Running",
        containerStatuses: [{ name: "a", state: { waiting: { reason: "CrashLoopBackOff" } } }],
      },
      {},
      "Failed: Containers in CrashLoop state: a",
    ],
    [{ phase: "Running" }, {}, "InProgress: Pod is running but is not Ready"],
    [{ phase: "Succeeded" }, {}, "Current: Pod has completed successfully"],
    [{ phase: "Pending", conditions: [unschedulable] }, at(14), "InProgress: Pod has not been scheduled"],
    [{ phase: "Pending", conditions: [unschedulable] }, at(16), "Failed: Pod could not be scheduled"],
    [{ phase: "Odd" }, {}, "Unknown: unknown phase Odd"],
  ])("%j %j: %s", (status, options, expected) => {
    expect(health(make("v1", "Pod", { status }), options)).toBe(expected);
  });
});

describe("CustomResourceDefinition", () => {
  it.each<[object[], string]>([
    [[], "InProgress: Install in progress"],
    [[{ type: "NamesAccepted", status: "False", message: "taken" }], "Failed: taken"],
    [[{ type: "Established", status: "False", reason: "Installing" }], "InProgress: Install in progress"],
    [
      [
        { type: "NamesAccepted", status: "True" },
        { type: "Established", status: "True" },
      ],
      "Current: CRD is established",
    ],
  ])("%j: %s", (conditions, expected) => {
    const object = make("apiextensions.k8s.io/v1", "CustomResourceDefinition", { status: { conditions } });
    expect(health(object)).toBe(expected);
  });
});
