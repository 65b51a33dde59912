import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chartFiles, HelmHome } from "./testing/helm-home.js";
import { until } from "./testing/home.js";

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
    expect(secret?.metadata.labels).toMatchObject({ name: "app", owner: "helm", status: "deployed", version: "1" });
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
