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

describe("installing", () => {
  it("installs a chart, and writes it down as Helm and Flux do", async () => {
    await home.start();
    const digest = await home.publish(chartFiles());
    await home.release("app", { values: { message: "hi" } });
    const { status, metadata } = await home.untilReady("app");
    const version = `1.0.0+${digest.slice(7, 19)}`;
    expect(await home.message("app")).toBe(
      `Helm install succeeded for release flux-system/app.v1 with chart app@${version}`,
    );
    expect(metadata.finalizers).toEqual(["finalizers.fluxcd.io"]);
    expect(status).toMatchObject({
      storageNamespace: "flux-system",
      lastAttemptedReleaseAction: "install",
      lastAttemptedRevision: version,
      lastAttemptedRevisionDigest: digest,
      lastAttemptedGeneration: 1,
      inventory: { entries: [{ id: "flux-system_app-config__ConfigMap", v: "v1" }] },
      history: [
        {
          apiVersion: "v2",
          action: "install",
          name: "app",
          namespace: "flux-system",
          version: 1,
          status: "deployed",
          chartName: "app",
          chartVersion: version,
          appVersion: "1.0.0",
          ociDigest: digest,
        },
      ],
    });
    expect(await home.condition("app", "Released")).toBe("True InstallSucceeded");
    expect(await home.condition("app", "Reconciling")).toBe("");
    const config = await home.get("v1", "ConfigMap", "app-config");
    expect(config).toMatchObject({ data: { message: "hi", version } });
    expect(config?.metadata.labels).toEqual({
      "app.kubernetes.io/managed-by": "Helm",
      "helm.toolkit.fluxcd.io/name": "app",
      "helm.toolkit.fluxcd.io/namespace": "flux-system",
    });
    expect(config?.metadata.annotations).toEqual({
      "meta.helm.sh/release-name": "app",
      "meta.helm.sh/release-namespace": "flux-system",
    });
    const secret = await home.get("v1", "Secret", "sh.helm.release.v1.app.v1");
    expect(secret).toMatchObject({ type: "helm.sh/release.v1" });
    expect(secret?.metadata.labels).toMatchObject({
      name: "app",
      owner: "helm",
      status: "deployed",
      version: "1",
    });
    expect(await home.events("app")).toContain(
      `Normal InstallSucceeded: Helm install succeeded for release flux-system/app.v1 with chart app@${version}`,
    );
  });

  it("writes nothing when nothing changed", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app", { driftDetection: { mode: "enabled" } });
    await home.untilReady("app");
    await home.idle();
    home.writes.length = 0;
    await home.annotate("app", { "reconcile.fluxcd.io/requestedAt": "now" });
    await until(async () => (await home.read("app")).status?.lastHandledReconcileAt === "now");
    await home.idle();
    expect(home.writes).toEqual([
      "PATCH /apis/helm.toolkit.fluxcd.io/v2/namespaces/flux-system/helmreleases/app/status",
    ]);
  });
});

const FAILING_HOOK = {
  "templates/hook.yaml":
    "{{ if .Values.fail }}\napiVersion: v1\nkind: Nonsense\nmetadata:\n  name: x\n{{ end }}\n",
};

/** A Deployment that gets ready only where somebody says so. */
const DEPLOYMENT = {
  "templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 1
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: "nginx:{{ .Values.tag | default "1" }}"}]}
`,
};

/** Reports what the Deployment controller would. */
async function rollOut(name: string, healthy = true) {
  const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "flux-system", name };
  const live = await home.client.get(ref);
  const condition = healthy
    ? { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "ok" }
    : { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too slow" };
  const ready = healthy ? 1 : 0;
  const status = {
    observedGeneration: live.metadata.generation,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: ready,
    availableReplicas: ready,
    conditions: [
      { type: "Available", status: healthy ? "True" : "False", reason: "x", message: "x" },
      condition,
    ],
  };
  await home.client.patch(ref, { type: "merge", body: { status } }, { subresource: "status" });
}

/** Rolls out every new generation of a Deployment, those with the image `nginx:bad` badly. */
function rollingOut(name: string): () => void {
  let stopped = false;
  const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "flux-system", name };
  void (async () => {
    while (!stopped) {
      const live = await home.client.tryGet(ref);
      const observed = (live?.["status"] as { observedGeneration?: number } | undefined)?.observedGeneration;
      if (live !== undefined && observed !== live.metadata.generation) {
        await rollOut(name, !JSON.stringify(live["spec"]).includes("nginx:bad"));
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return () => {
    stopped = true;
  };
}

describe("upgrading", () => {
  it("upgrades when values or the chart change", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app", { values: { message: "a" } });
    await home.untilReady("app");
    await home.release("app", { values: { message: "b" } });
    await home.untilReady("app");
    expect(await home.history("app")).toBe("1 superseded, 2 deployed");
    await home.publish(chartFiles("1.1.0"));
    await until(async () => (await home.history("app")) === "1 superseded, 2 superseded, 3 deployed");
    const { status } = await home.untilReady("app");
    expect(await home.message("app")).toContain("Helm upgrade succeeded for release flux-system/app.v3");
    expect(status?.history?.map(({ version, status: state }) => `${version} ${state}`)).toEqual([
      "3 deployed",
      "2 superseded",
    ]);
    expect((await home.get("v1", "ConfigMap", "app-config"))?.["data"]).toMatchObject({ message: "b" });
  });

  it("deletes what the chart no longer has, but keeps what it says to keep", async () => {
    await home.start();
    const map = (name: string, annotations = "") =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${annotations}}\n`;
    await home.publish(
      chartFiles("1.0.0", {
        "templates/a.yaml": map("goes"),
        "templates/b.yaml": map("stays", ", annotations: {helm.sh/resource-policy: keep}"),
      }),
    );
    await home.release("app");
    await home.untilReady("app");
    await home.publish(chartFiles("1.1.0"));
    await until(async () => (await home.history("app")) === "1 superseded, 2 deployed");
    expect(await home.get("v1", "ConfigMap", "goes")).toBeUndefined();
    expect(await home.get("v1", "ConfigMap", "stays")).toBeDefined();
  });

  it("keeps as many revisions as it is told to", async () => {
    await home.start();
    await home.publish(chartFiles());
    for (const message of ["a", "b", "c", "d"]) {
      await home.release("app", { maxHistory: 2, values: { message } });
      await home.untilReady("app");
    }
    expect(await home.history("app")).toBe("3 superseded, 4 deployed");
  });

  it("takes over a release that somebody else made", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app", { values: { message: "a" } });
    await home.untilReady("app");
    await home.client.patch(
      { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", namespace: "flux-system", name: "app" },
      { type: "merge", body: { status: { history: null } } },
      { subresource: "status" },
    );
    await home.annotate("app", { "reconcile.fluxcd.io/requestedAt": "1" });
    await until(async () => (await home.history("app")) === "1 superseded, 2 deployed");
  });
});

describe("values", () => {
  it("at a target path are whole numbers, as --set has them", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.client.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "flux-system", name: "values" },
      data: { n: "1000000" },
    } as KubeObject);
    const from = { kind: "ConfigMap", name: "values", valuesKey: "n", targetPath: "message" };
    await home.release("app", { valuesFrom: [from] });
    await home.untilReady("app");
    expect((await home.get("v1", "ConfigMap", "app-config"))?.["data"]).toMatchObject({ message: "1000000" });
    await home.annotate("app", { "reconcile.fluxcd.io/requestedAt": "1" });
    await until(async () => (await home.read("app")).status?.lastHandledReconcileAt === "1");
    expect(await home.history("app")).toBe("1 deployed");
  });
});

describe("a chart that renders differently each time", () => {
  it("is warned about once for each of its versions", async () => {
    const random = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: r}\ndata: {r: {{ randAlpha 5 }}}\n";
    const told = async () => (await home.events("app")).filter((event) => event.includes("UnstableChart"));
    await home.start();
    await home.publish(chartFiles("1.0.0", { "templates/random.yaml": random }), "chart", "1.0.0");
    await home.release("app");
    await home.untilReady("app");
    await until(async () => (await told()).length === 1);
    expect((await told())[0]).toContain("renders differently each time (randAlpha)");
    await home.release("app", { values: { message: "other" } });
    await home.untilReady("app");
    expect(await home.history("app")).toBe("1 superseded, 2 deployed");
    expect(await told()).toHaveLength(1);
  });
});

describe("failures", () => {
  it("says why nothing could be installed, and tries again", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", FAILING_HOOK));
    await home.release("app", { values: { fail: true } });
    await home.untilCondition("app", "False InstallFailed");
    expect(await home.message("app")).toContain(
      "Helm install failed for release flux-system/app with chart app@1.0.0+",
    );
    expect(await home.message("app")).toContain('no matches for kind "Nonsense" in version "v1"');
    expect(await home.history("app")).toBe("");
    await home.release("app", { values: { fail: false } });
    await home.untilReady("app");
    expect(await home.history("app")).toBe("1 deployed");
  });

  it("rolls back a failed upgrade, and stalls when no attempt is left", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    const upgrade = { remediation: { retries: 1 } };
    const stop = rollingOut("app");
    try {
      await home.release("app", { upgrade, values: { tag: "1" } });
      await home.untilReady("app");
      await home.release("app", { upgrade, values: { tag: "bad" } });
      await home.untilCondition("app", "True RetriesExceeded", "Stalled");
    } finally {
      stop();
    }
    expect(await home.message("app", "Stalled")).toBe("Failed to upgrade after 2 attempt(s)");
    expect(await home.condition("app", "Released")).toBe("False UpgradeFailed");
    expect(await home.message("app", "Released")).toContain(
      "failed early due to stalled resources: [Deployment/flux-system/app status: 'Failed'",
    );
    expect(await home.condition("app", "Remediated")).toBe("True RollbackSucceeded");
    expect(await home.condition("app")).toBe("False RollbackSucceeded");
    expect(await home.history("app")).toBe("1 superseded, 2 failed, 3 superseded, 4 failed, 5 deployed");
    const { status } = await home.read("app");
    expect(status).toMatchObject({ failures: 2, upgradeFailures: 2, lastAttemptedReleaseAction: "upgrade" });
    expect(await home.get("apps/v1", "Deployment", "app")).toMatchObject({
      spec: { template: { spec: { containers: [{ image: "nginx:1" }] } } },
    });
  });

  it("counts what a rollback led to as the upgrade to it, once that is declared", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    const upgrade = { remediation: { remediateLastFailure: true } };
    const stop = rollingOut("app");
    try {
      await home.release("app", { upgrade, values: { tag: "1" } });
      await home.untilReady("app");
      await home.release("app", { upgrade, values: { tag: "bad" } });
      await home.untilCondition("app", "True RetriesExceeded", "Stalled");
      await home.release("app", { upgrade, values: { tag: "1" } });
      await home.untilReady("app");
    } finally {
      stop();
    }
    expect(await home.condition("app")).toBe("True UpgradeSucceeded");
    expect(await home.condition("app", "Remediated")).toBe("");
    expect(await home.history("app")).toBe("1 superseded, 2 failed, 3 deployed");
  });

  it("leaves a failed install where no remediation is asked for", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    await home.release("app", { timeout: "200ms" });
    await home.untilCondition("app", "True RetriesExceeded", "Stalled");
    expect(await home.message("app")).toContain(
      "timeout waiting for: [Deployment/flux-system/app status: 'InProgress']",
    );
    expect(await home.history("app")).toBe("1 failed");
    expect(await home.get("apps/v1", "Deployment", "app")).toBeDefined();
  });

  it("uninstalls between attempts to install", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    const install = { remediation: { retries: 1, remediateLastFailure: true } };
    await home.release("app", { timeout: "200ms", install });
    await home.untilCondition("app", "True RetriesExceeded", "Stalled");
    expect(await home.message("app", "Stalled")).toBe("Failed to install after 2 attempt(s)");
    expect(await home.condition("app", "Remediated")).toBe("True UninstallSucceeded");
    expect(await home.history("app")).toBe("");
    expect(await home.get("apps/v1", "Deployment", "app")).toBeUndefined();
  });

  it("retries without remediation where that is the strategy", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    const install = { strategy: { name: "RetryOnFailure", retryInterval: "1s" }, timeout: "100ms" };
    const upgrade = { strategy: { name: "RetryOnFailure", retryInterval: "100ms" }, timeout: "5s" };
    await home.release("app", { install, upgrade });
    await home.untilCondition("app", "True ProgressingWithRetry", "Reconciling");
    expect(await home.message("app", "Reconciling")).toBe("retrying after 1s");
    expect(await home.condition("app")).toBe("False InstallFailed");
    const stop = rollingOut("app");
    try {
      await home.untilReady("app");
    } finally {
      stop();
    }
    expect(await home.history("app")).toBe("1 superseded, 2 deployed");
    expect((await home.read("app")).status?.failures).toBeUndefined();
  });
});

describe("something newer", () => {
  it("is taken up at once, though a release waits for its health", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    await home.release("app", { values: { tag: "slow" } });
    await until(async () => (await home.get("apps/v1", "Deployment", "app")) !== undefined);
    await home.release("app", { values: { tag: "1" } });
    await until(async () => (await home.history("app")) === "1 failed, 2 pending-upgrade");
    const stop = rollingOut("app");
    try {
      await home.untilReady("app");
    } finally {
      stop();
    }
    expect(await home.history("app")).toBe("1 superseded, 2 deployed");
    expect((await home.events("app")).some((event) => event.startsWith("Normal HealthCheckCanceled"))).toBe(
      true,
    );
  });
});
