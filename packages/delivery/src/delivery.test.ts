import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Home, until } from "./testing/home.js";

let home: Home;
beforeEach(async () => {
  home = await Home.open();
});
afterEach(async () => {
  await home.close();
});

function configMap(name: string, data: Record<string, string> = { k: "v" }, annotations: Record<string, string> = {}) {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "apps", annotations },
    data,
  });
}

describe("a Kustomization", () => {
  it("applies what its source declares, and writes it down", async () => {
    await home.start();
    const revision = await home.commit({ "app/a.yaml": configMap("a"), "app/b.yaml": configMap("b") });
    await home.kustomization("app", { path: "./app" });
    await home.untilReady("app", revision);
    const { status } = await home.read("app");
    expect(status?.inventory?.entries).toEqual([
      { id: "apps_a__ConfigMap", v: "v1" },
      { id: "apps_b__ConfigMap", v: "v1" },
    ]);
    expect(status?.lastAttemptedRevision).toBe(revision);
    expect(status?.history?.[0]).toMatchObject({ lastReconciledStatus: "ReconciliationSucceeded", totalReconciliations: 1 });
    const applied = await home.get("v1", "ConfigMap", "a");
    expect(applied?.metadata.labels).toEqual({
      "kustomize.toolkit.fluxcd.io/name": "app",
      "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    });
    expect(applied?.metadata.managedFields?.[0]).toMatchObject({ manager: "kustomize-controller", operation: "Apply" });
    expect(await home.message("app")).toBe(`Applied revision: ${revision}`);
  });
});
