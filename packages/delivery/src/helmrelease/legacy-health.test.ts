import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { legacyHealth } from "./legacy-health.js";

type Fields = Record<string, unknown>;

function object(type: string, spec: Fields, status: Fields, generation = 1): KubeObject {
  const [apiVersion = "", kind = ""] = type.split(" ");
  return { apiVersion, kind, metadata: { namespace: "x", name: "a", generation }, spec, status };
}

const replicaSet = (readyReplicas: number, observedGeneration = 1) =>
  object("apps/v1 ReplicaSet", {}, { readyReplicas, observedGeneration });
const seen = { observedGeneration: 1 };

describe("legacyHealth", () => {
  it.each<[string, boolean, KubeObject, KubeObject?]>([
    ["a Pod that is ready", true, object("v1 Pod", {}, { conditions: [{ type: "Ready", status: "True" }] })],
    ["a Pod that is not", false, object("v1 Pod", {}, { conditions: [{ type: "Ready", status: "False" }] })],
    [
      "a rollout with as many as it may lack",
      true,
      object("apps/v1 Deployment", { replicas: 4 }, seen),
      replicaSet(3),
    ],
    ["a rollout with fewer", false, object("apps/v1 Deployment", { replicas: 4 }, seen), replicaSet(2)],
    [
      "a rollout that may lack none",
      false,
      object("apps/v1 Deployment", { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: 0 } } }, seen),
      replicaSet(3),
    ],
    [
      "one replica where nothing may surge",
      true,
      object(
        "apps/v1 Deployment",
        { replicas: 1, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } },
        seen,
      ),
      replicaSet(0),
    ],
    [
      "a Recreate with fewer",
      false,
      object("apps/v1 Deployment", { replicas: 2, strategy: { type: "Recreate" } }, seen),
      replicaSet(1),
    ],
    ["a Deployment without replicas yet", false, object("apps/v1 Deployment", { replicas: 0 }, seen)],
    ["an old observation", false, object("apps/v1 Deployment", { replicas: 1 }, seen, 2), replicaSet(1)],
    ["a paused Deployment", true, object("apps/v1 Deployment", { paused: true }, {})],
    [
      "a DaemonSet that may lack one",
      true,
      object(
        "apps/v1 DaemonSet",
        {},
        { ...seen, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2 },
      ),
    ],
    [
      "a DaemonSet that rolls out",
      false,
      object(
        "apps/v1 DaemonSet",
        {},
        { ...seen, desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberReady: 3 },
      ),
    ],
    [
      "a DaemonSet that nobody rolls out",
      true,
      object("apps/v1 DaemonSet", { updateStrategy: { type: "OnDelete" } }, seen),
    ],
    [
      "a StatefulSet on its way",
      false,
      object(
        "apps/v1 StatefulSet",
        { replicas: 2 },
        { ...seen, updatedReplicas: 2, readyReplicas: 2, currentRevision: "a", updateRevision: "b" },
      ),
    ],
    [
      "a StatefulSet with a partition",
      true,
      object(
        "apps/v1 StatefulSet",
        { replicas: 2, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
        { ...seen, updatedReplicas: 1, readyReplicas: 2, currentRevision: "a", updateRevision: "b" },
      ),
    ],
    [
      "a ReplicaSet with Pods that are not ready",
      false,
      object("apps/v1 ReplicaSet", {}, { ...seen, replicas: 2, readyReplicas: 1 }),
    ],
    ["a bound claim", true, object("v1 PersistentVolumeClaim", {}, { phase: "Bound" })],
    ["a pending claim", false, object("v1 PersistentVolumeClaim", {}, { phase: "Pending" })],
    ["a Service without an address", false, object("v1 Service", { type: "ClusterIP" }, {})],
    ["a Service elsewhere", true, object("v1 Service", { type: "ExternalName" }, {})],
    [
      "a load balancer on its way",
      false,
      object("v1 Service", { type: "LoadBalancer", clusterIP: "1" }, { loadBalancer: {} }),
    ],
    [
      "a load balancer with addresses of its own",
      true,
      object("v1 Service", { type: "LoadBalancer", clusterIP: "1", externalIPs: ["2"] }, {}),
    ],
    ["a definition on its way", false, object("apiextensions.k8s.io/v1 CustomResourceDefinition", {}, {})],
    [
      "a custom resource that says it is not ready",
      true,
      object("example.com/v1 Widget", {}, { conditions: [{ type: "Ready", status: "False" }] }),
    ],
  ])("of %s: %s", (_what, ready, live, newest) => {
    expect(legacyHealth(live, { jobs: true, replicaSet: newest }).status).toBe(
      ready ? "Current" : "InProgress",
    );
  });

  it("asks Jobs only where they are waited for, and gives up those that failed", () => {
    const job = (status: Fields) => object("batch/v1 Job", { completions: 1, backoffLimit: 0 }, status);
    const of = (status: Fields, jobs = true) => legacyHealth(job(status), { jobs, replicaSet: undefined });
    expect(of({}, false).status).toBe("Current");
    expect(of({}).status).toBe("InProgress");
    expect(of({ succeeded: 1 }).status).toBe("Current");
    expect(of({ failed: 1 })).toEqual({ status: "Failed", message: "job is failed: x/a" });
  });
});
