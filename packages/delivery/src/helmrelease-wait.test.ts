import type { KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "./testing/controller-home.js";
import { chartFiles, HelmHome } from "./testing/helm-home.js";

let home: HelmHome;
beforeEach(async () => {
  home = await HelmHome.open();
});
afterEach(async () => {
  await home.close();
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 2
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: web, image: "nginx:1"}]}
`;
const REVISION = "deployment.kubernetes.io/revision";

async function setStatus(object: KubeObject, status: Record<string, unknown>): Promise<void> {
  const { namespace = "", name = "", generation } = object.metadata;
  const body = { status: { observedGeneration: generation, ...status } };
  const ref = { apiVersion: object.apiVersion, kind: object.kind, namespace, name };
  await home.client.patch(ref, { type: "merge", body }, { subresource: "status" });
}

/** The Deployment's controller, whose rollout is stuck as kstatus has it, with one of two Pods ready. */
async function stuckRollout(): Promise<void> {
  await until(async () => (await home.get("apps/v1", "Deployment", "app")) !== undefined);
  const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "flux-system", name: "app" };
  await home.client.patch(ref, { type: "merge", body: { metadata: { annotations: { [REVISION]: "1" } } } });
  const deployment = await home.client.get(ref);
  const stuck = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" };
  await setStatus(deployment, { replicas: 2, updatedReplicas: 2, readyReplicas: 1, conditions: [stuck] });
  const { uid = "" } = deployment.metadata;
  const replicaSet = await home.client.create({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      namespace: "flux-system",
      name: "app-1",
      labels: { app: "app" },
      annotations: { [REVISION]: "1" },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "app", uid, controller: true }],
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "app" } },
      template: {
        metadata: { labels: { app: "app" } },
        spec: { containers: [{ name: "web", image: "nginx:1" }] },
      },
    },
  } as KubeObject);
  await setStatus(replicaSet, { replicas: 2, readyReplicas: 1 });
}

describe("waitStrategy", () => {
  const chart = (strategy: string) =>
    chartFiles("1.0.0", {
      "templates/deployment.yaml": DEPLOYMENT.replace(
        "replicas: 2\n",
        `replicas: 2\n  strategy: {rollingUpdate: {maxUnavailable: ${strategy}}}\n`,
      ),
    });

  it("legacy takes as many as the rollout may lack for ready, and conditions for nothing", async () => {
    await home.start();
    await home.publish(chart("1"));
    await home.release("app", { waitStrategy: { name: "legacy" } });
    await stuckRollout();
    await home.untilReady("app");
    expect(await home.condition("app", "Released")).toBe("True InstallSucceeded");
  });

  it("legacy waits to the end for fewer, though the rollout is stuck", async () => {
    await home.start();
    await home.publish(chart("0"));
    await home.release("app", { waitStrategy: { name: "legacy" }, timeout: "3s" });
    await stuckRollout();
    await home.untilCondition("app", "False InstallFailed");
    expect(await home.message("app")).toContain("timeout waiting for: [Deployment/flux-system/app");
  });

  it("poller fails with the rollout", async () => {
    await home.start();
    await home.publish(chart("1"));
    await home.release("app", { waitStrategy: { name: "poller" } });
    await stuckRollout();
    await home.untilCondition("app", "False InstallFailed");
    expect(await home.message("app")).toContain("failed early due to stalled resources: [Deployment/");
  });
});
