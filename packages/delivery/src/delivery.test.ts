// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is substituted

import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openControlPlane, systemClock } from "@capstan/control-plane";
import { createClient } from "@capstan/controller";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "./testing/controller-home.js";
import { Home } from "./testing/home.js";

let home: Home;
beforeEach(async () => {
  home = await Home.open();
});
afterEach(async () => {
  await home.close();
});

function manifest(apiVersion: string, kind: string, name: string, fields: Record<string, unknown> = {}) {
  const { metadata, ...rest } = fields as { metadata?: Record<string, unknown> };
  return JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "apps", ...metadata }, ...rest });
}

function configMap(
  name: string,
  data: Record<string, string> = { k: "v" },
  annotations: Record<string, string> = {},
) {
  return manifest("v1", "ConfigMap", name, { data, metadata: { annotations } });
}

function deployment(name: string, replicas = 1, image = "nginx:1") {
  const labels = { app: name };
  return manifest("apps/v1", "Deployment", name, {
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image }] } },
    },
  });
}

function condition(type: string, status: string, reason: string) {
  return { type, status, reason, message: "", lastTransitionTime: "2026-01-01T00:00:00Z" };
}

/** What a Deployment controller would report. */
async function rollOut(name: string) {
  const live = await home.client.get({ apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name });
  const { replicas } = live["spec"] as { replicas: number };
  const status = {
    observedGeneration: live.metadata.generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [
      { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "ok" },
      { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "ok" },
    ],
  };
  const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name };
  await home.client.patch(ref, { type: "merge", body: { status } }, { subresource: "status" });
}

describe("applying", () => {
  it("applies what its source declares, and writes it down", async () => {
    await home.start();
    const revision = await home.commit({ "app/a.yaml": configMap("a"), "app/b.yaml": configMap("b") });
    await home.kustomization("app", { path: "./app" });
    await home.untilReady("app", revision);
    const { status, metadata } = await home.read("app");
    expect(metadata.finalizers).toEqual(["finalizers.fluxcd.io"]);
    expect(status?.inventory?.entries).toEqual([
      { id: "apps_a__ConfigMap", v: "v1" },
      { id: "apps_b__ConfigMap", v: "v1" },
    ]);
    expect(status?.lastAttemptedRevision).toBe(revision);
    expect(status?.history?.[0]).toMatchObject({
      lastReconciledStatus: "ReconciliationSucceeded",
      totalReconciliations: 1,
      metadata: { revision },
    });
    const applied = await home.get("v1", "ConfigMap", "a");
    expect(applied?.metadata.labels).toEqual({
      "kustomize.toolkit.fluxcd.io/name": "app",
      "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    });
    expect(applied?.metadata.managedFields?.[0]).toMatchObject({
      manager: "kustomize-controller",
      operation: "Apply",
    });
    expect(await home.message("app")).toBe(`Applied revision: ${revision}`);
    const events = await home.events("app");
    expect(events).toContain("Normal Progressing: ConfigMap/apps/a created\nConfigMap/apps/b created");
    expect(
      events.some((event) => event.startsWith("Normal ReconciliationSucceeded: Reconciliation finished in")),
    ).toBe(true);
  });

  it("writes only what a commit changed", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a"), "b.yaml": configMap("b") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.idle();
    home.writes.length = 0;
    const revision = await home.commit({ "a.yaml": configMap("a", { k: "new" }), "b.yaml": configMap("b") });
    await home.untilReady("app", revision);
    expect(home.writes.filter((write) => !write.includes("/status"))).toEqual([
      "PATCH /api/v1/namespaces/apps/configmaps/a",
    ]);
    expect((await home.get("v1", "ConfigMap", "a"))?.["data"]).toEqual({ k: "new" });
  });

  it("does nothing at all at an interval where nothing changed", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a"), "b.yaml": deployment("web") });
    await home.kustomization("app", { interval: "50ms" });
    await home.untilReady("app");
    await home.idle();
    const before = {
      writes: home.writes.length,
      renders: await home.counter("capstan_delivery_renders_total"),
    };
    const runs = await home.counter("controller_runtime_reconcile_total");
    await until(async () => (await home.counter("controller_runtime_reconcile_total")) >= runs + 3);
    expect(home.writes.slice(before.writes)).toEqual([]);
    expect(await home.counter("capstan_delivery_renders_total")).toBe(before.renders);
  });

  it("asks about all objects before it writes any, and tells everything that is refused", async () => {
    await home.start();
    await home.commit({
      "a.yaml": configMap("a"),
      "bad.yaml": manifest("v1", "ConfigMap", "bad", { data: { k: 1 } }),
      "worse.yaml": manifest("v1", "Service", "worse", { spec: { ports: "none" } }),
    });
    await home.kustomization("app");
    await home.untilCondition("app", "False ReconciliationFailed");
    const message = await home.message("app");
    expect(message).toContain("ConfigMap/apps/bad dry-run failed");
    expect(message).toContain("bad.yaml:1");
    expect(message).toContain("Service/apps/worse dry-run failed: ");
    expect(await home.get("v1", "ConfigMap", "a")).toBeUndefined();
  });

  it("applies a definition and its objects in one run", async () => {
    await home.start();
    await home.commit({
      "crd.yaml": JSON.stringify({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "widgets.example.dev" },
        spec: {
          group: "example.dev",
          names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
          scope: "Namespaced",
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
            },
          ],
        },
      }),
      "ns.yaml": JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "fresh" } }),
      "widget.yaml": manifest("example.dev/v1", "Widget", "one", {
        metadata: { namespace: "fresh" },
        spec: {},
      }),
    });
    await home.kustomization("app");
    await home.untilReady("app");
    expect(await home.get("example.dev/v1", "Widget", "one", "fresh")).toBeDefined();
    expect((await home.read("app")).status?.history?.[0]?.totalReconciliations).toBe(1);
  });

  it("applies an unknown kind once its definition appears", async () => {
    await home.start();
    await home.commit({ "widget.yaml": manifest("example.dev/v1", "Gadget", "one", { spec: {} }) });
    await home.kustomization("app");
    await home.untilCondition("app", "False ReconciliationFailed");
    expect(await home.message("app")).toContain('no matches for kind "Gadget" in version "example.dev/v1"');
    await home.client.create({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "gadgets.example.dev" },
      spec: {
        group: "example.dev",
        names: { kind: "Gadget", plural: "gadgets", singular: "gadget", listKind: "GadgetList" },
        scope: "Namespaced",
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        ],
      },
    });
    await home.untilReady("app");
  });

  it("recreates an object whose immutable field changed, when forced to", async () => {
    await home.start();
    await home.commit({ "s.yaml": manifest("v1", "ConfigMap", "s", { data: { a: "1" }, immutable: true }) });
    await home.kustomization("app");
    await home.untilReady("app");
    const before = await home.get("v1", "ConfigMap", "s");
    const next = { "s.yaml": manifest("v1", "ConfigMap", "s", { data: { a: "2" }, immutable: true }) };
    await home.commit(next);
    await home.untilCondition("app", "False ReconciliationFailed");
    expect((await home.get("v1", "ConfigMap", "s"))?.["data"]).toEqual({ a: "1" });
    await home.kustomization("app", { force: true });
    await home.untilReady("app");
    const after = await home.get("v1", "ConfigMap", "s");
    expect(after?.["data"]).toEqual({ a: "2" });
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  it("obeys what objects ask for: ignore, create once, merge", async () => {
    await home.start();
    const ssa = (value: string) => ({ "kustomize.toolkit.fluxcd.io/ssa": value });
    await home.client.create(JSON.parse(configMap("ignored", { k: "theirs" })));
    await home.client.create(JSON.parse(configMap("once", { k: "theirs" })));
    await home.commit({
      "1.yaml": configMap("ignored", { k: "ours" }, ssa("Ignore")),
      "2.yaml": configMap("once", { k: "ours" }, ssa("IfNotPresent")),
      "3.yaml": configMap("new", { k: "ours" }, ssa("ifnotpresent")),
    });
    await home.kustomization("app");
    await home.untilReady("app");
    expect((await home.get("v1", "ConfigMap", "ignored"))?.["data"]).toEqual({ k: "theirs" });
    expect((await home.get("v1", "ConfigMap", "once"))?.["data"]).toEqual({ k: "theirs" });
    expect((await home.get("v1", "ConfigMap", "new"))?.["data"]).toEqual({ k: "ours" });
    expect((await home.read("app")).status?.inventory?.entries).toHaveLength(3);
  });

  it("impersonates the service account that the spec names", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app", { serviceAccountName: "tenant" });
    await home.untilCondition("app", "False ReconciliationFailed");
    expect(await home.message("app")).toContain('User "system:serviceaccount:flux-system:tenant" cannot');
  });
});

describe("drift", () => {
  it("repairs an object that somebody edited, and says what and who", async () => {
    await home.start();
    await home.commit({ "web.yaml": deployment("web", 2), "a.yaml": configMap("a") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.idle();
    home.writes.length = 0;
    await home.client.patch(
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name: "web" },
      { type: "merge", body: { spec: { replicas: 7 } } },
      { fieldManager: "kubectl-edit" },
    );
    const spec = async () =>
      (await home.get("apps/v1", "Deployment", "web"))?.["spec"] as { replicas: number };
    await until(async () => (await spec()).replicas === 2);
    await home.idle();
    const applies = home.writes.filter((write) => !write.includes("/status"));
    expect(applies.every((write) => write.includes("/deployments/web"))).toBe(true);
    expect(await home.events("app")).toContain(
      "Normal DriftCorrected: Deployment/apps/web drift corrected: spec.replicas (kubectl-edit)",
    );
    expect(await home.ready("app")).toBe("True ReconciliationSucceeded");
  });

  it("puts back an object that somebody deleted", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.client.delete({ apiVersion: "v1", kind: "ConfigMap", namespace: "apps", name: "a" });
    await until(async () => (await home.get("v1", "ConfigMap", "a")) !== undefined);
  });

  it("takes away what kubectl added", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.idle();
    await home.client.patch(
      { apiVersion: "v1", kind: "ConfigMap", namespace: "apps", name: "a" },
      { type: "merge", body: { data: { extra: "1" } } },
      { fieldManager: "kubectl-patch" },
    );
    const data = async () => (await home.get("v1", "ConfigMap", "a"))?.["data"];
    await until(async () => JSON.stringify(await data()) === '{"k":"v"}');
  });

  it("leaves alone what other controllers add, and what defaults fill in", async () => {
    await home.start();
    await home.commit({ "web.yaml": deployment("web") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.idle();
    home.writes.length = 0;
    await home.client.patch(
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name: "web" },
      { type: "merge", body: { metadata: { annotations: { "vpa/note": "x" } } } },
      { fieldManager: "vpa" },
    );
    await rollOut("web");
    await home.idle();
    expect(home.writes).toEqual([]);
  });

  it("leaves a field to others that spec.ignore names", async () => {
    await home.start();
    await home.commit({ "web.yaml": deployment("web", 2) });
    await home.kustomization("app", {
      ignore: [{ paths: ["/spec/replicas"], target: { kind: "Deployment" } }],
    });
    await home.untilReady("app");
    await home.idle();
    await home.client.patch(
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name: "web" },
      { type: "merge", body: { spec: { replicas: 7 } } },
      { fieldManager: "autoscaler" },
    );
    await home.idle();
    const spec = (await home.get("apps/v1", "Deployment", "web"))?.["spec"] as { replicas: number };
    expect(spec.replicas).toBe(7);
  });
});

describe("pruning", () => {
  it("deletes exactly what left the source and is still ours", async () => {
    await home.start();
    await home.commit({
      "a.yaml": configMap("a"),
      "b.yaml": configMap("b"),
      "c.yaml": configMap("c", {}, { "kustomize.toolkit.fluxcd.io/prune": "disabled" }),
    });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.client.create(JSON.parse(configMap("foreign")));
    const revision = await home.commit({ "a.yaml": configMap("a") });
    await home.untilReady("app", revision);
    expect(await home.get("v1", "ConfigMap", "a")).toBeDefined();
    expect(await home.get("v1", "ConfigMap", "b")).toBeUndefined();
    expect(await home.get("v1", "ConfigMap", "c")).toBeDefined();
    expect(await home.get("v1", "ConfigMap", "foreign")).toBeDefined();
    expect((await home.read("app")).status?.inventory?.entries).toEqual([
      { id: "apps_a__ConfigMap", v: "v1" },
    ]);
    expect(await home.events("app")).toContain("Normal Progressing: ConfigMap/apps/b deleted");
  });

  it("holds a large deletion until it is approved", async () => {
    await home.start();
    const names = Array.from({ length: 12 }, (_, index) => `m${index}`);
    await home.commit(Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)])));
    await home.kustomization("app");
    await home.untilReady("app");
    await home.commit({ "m0.yaml": configMap("m0", { k: "new" }) });
    await home.untilCondition("app", "False DeletionHeld");
    expect((await home.get("v1", "ConfigMap", "m0"))?.["data"]).toEqual({ k: "new" });
    expect(await home.get("v1", "ConfigMap", "m11")).toBeDefined();
    const message = await home.message("app", "DeletionHeld");
    expect(message).toContain("11 of 12 objects would be deleted");
    expect(message).toContain("ConfigMap/apps/m11");
    const digest = /approve-deletion=([0-9a-f]+)/.exec(message)?.[1] ?? "";
    await home.kustomization("app", {}, { annotations: { "capstan.dev/approve-deletion": digest } });
    await home.untilReady("app");
    expect(await home.get("v1", "ConfigMap", "m11")).toBeUndefined();
    expect((await home.read("app")).status?.conditions?.some((c) => c.type === "DeletionHeld")).toBe(false);
  });

  it("holds the deletion of a namespace that still holds something", async () => {
    await home.start();
    const ns = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "fresh" } });
    await home.commit({ "ns.yaml": ns, "a.yaml": configMap("a") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.client.create({ ...JSON.parse(configMap("x")), metadata: { name: "x", namespace: "fresh" } });
    await home.commit({ "a.yaml": configMap("a") });
    await home.untilCondition("app", "False DeletionHeld");
    expect(await home.message("app")).toContain("Namespace/fresh still holds something");
    await home.kustomization("app", {}, { annotations: { "capstan.dev/deletion-budget": "off" } });
    await home.untilReady("app");
  });

  it("deletes what it applied when it is deleted, then lets go", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a"), "web.yaml": deployment("web") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.client.delete({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      namespace: "flux-system",
      name: "app",
    });
    await until(async () => (await home.ready("app")) === "");
    expect(await home.get("v1", "ConfigMap", "a")).toBeUndefined();
    expect(await home.get("apps/v1", "Deployment", "web")).toBeUndefined();
  });

  it("keeps what it applied where it is told to orphan it", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app", { deletionPolicy: "Orphan" });
    await home.untilReady("app");
    await home.client.delete({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      namespace: "flux-system",
      name: "app",
    });
    await until(async () => (await home.ready("app")) === "");
    expect(await home.get("v1", "ConfigMap", "a")).toBeDefined();
  });
});

describe("deleting with WaitForTermination", () => {
  it("lets go only when what it applied is really gone", async () => {
    await home.start();
    const metadata = { finalizers: ["example.dev/hold"] };
    await home.commit({ "a.yaml": manifest("v1", "ConfigMap", "a", { metadata }) });
    await home.kustomization("app", { deletionPolicy: "WaitForTermination" });
    await home.untilReady("app");
    const type = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
    await home.client.delete({ ...type, namespace: "flux-system", name: "app" });
    await home.untilCondition("app", "False Progressing");
    expect(await home.message("app")).toBe("waiting for 1 objects to be terminated");
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "apps", name: "a" };
    await home.client.patch(ref, { type: "merge", body: { metadata: { finalizers: null } } });
    await until(async () => (await home.ready("app")) === "");
  });
});

describe("waiting", () => {
  it("waits for health by watch, and holds no worker meanwhile", async () => {
    await home.start({ concurrency: 1 });
    const revision = await home.commit({ "web.yaml": deployment("web") });
    await home.kustomization("app", { wait: true });
    await home.untilCondition("app", "Unknown Progressing");
    await home.kustomization("other", { path: "./missing" });
    await home.untilCondition("other", "False ArtifactFailed");
    await rollOut("web");
    await home.untilReady("app", revision);
    expect(await home.message("app", "Healthy")).toMatch(/^Health check passed in /);
  });

  it("is superseded at once by a newer revision", async () => {
    await home.start();
    await home.commit({ "web.yaml": deployment("web", 1, "broken:1") });
    await home.kustomization("app", { wait: true });
    await home.untilCondition("app", "Unknown Progressing");
    const revision = await home.commit({ "a.yaml": configMap("a") });
    await home.untilReady("app", revision);
    expect(await home.get("apps/v1", "Deployment", "web")).toBeUndefined();
  });

  it("gives up waiting for a definition when there is a newer revision", async () => {
    await home.start();
    const crd = (plural: string, kind: string) =>
      JSON.stringify({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.example.dev` },
        spec: {
          group: "example.dev",
          names: { kind, plural, singular: plural.slice(0, -1), listKind: `${kind}List` },
          scope: "Namespaced",
          versions: [
            { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
          ],
        },
      });
    await home.client.create(JSON.parse(crd("widgets", "Widget")));
    await until(
      async () =>
        (await home.client.resourceFor({ apiVersion: "example.dev/v1", kind: "Widget" })) !== undefined,
    );
    await home.commit({ "crd.yaml": crd("gadgets", "Widget"), "a.yaml": configMap("a") });
    await home.kustomization("app");
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      name: "gadgets.example.dev",
    };
    await until(async () => (await home.client.tryGet(definition)) !== undefined);
    const revision = await home.commit({ "a.yaml": configMap("a") });
    await home.untilReady("app", revision);
    expect(await home.client.tryGet(definition)).toBeUndefined();
  });

  it("fails at once when an object failed, and recovers by watch", async () => {
    await home.start();
    await home.commit({ "web.yaml": deployment("web") });
    await home.kustomization("app", { wait: true });
    await home.untilCondition("app", "Unknown Progressing");
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name: "web" };
    const live = await home.client.get(ref);
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "late" },
    ];
    const body = { status: { observedGeneration: live.metadata.generation, conditions } };
    await home.client.patch(ref, { type: "merge", body }, { subresource: "status" });
    await home.untilCondition("app", "False HealthCheckFailed");
    expect(await home.message("app")).toContain(
      "failed early due to stalled resources: [Deployment/apps/web status: 'Failed'",
    );
    await rollOut("web");
    await home.untilReady("app");
  });

  it("starts a dependant the moment what it waits for is ready", async () => {
    await home.start();
    await home.commit({ "a/a.yaml": configMap("a"), "web/web.yaml": deployment("web") });
    await home.kustomization("app", { path: "./a", dependsOn: [{ name: "base" }] });
    await home.untilCondition("app", "False DependencyNotReady");
    expect(await home.message("app")).toBe("dependency 'flux-system/base' not found");
    await home.kustomization("base", { path: "./web", wait: true });
    await until(async () => (await home.message("app")) === "dependency 'flux-system/base' is not ready");
    await home.untilCondition("base", "Unknown Progressing");
    await rollOut("web");
    await home.untilReady("app");
  });

  it("names a circular dependency, and goes on when it is broken", async () => {
    await home.start();
    await home.commit({ "one/a.yaml": configMap("a"), "two/b.yaml": configMap("b") });
    await home.kustomization("one", { path: "./one", dependsOn: [{ name: "two" }] });
    await home.kustomization("two", { path: "./two", dependsOn: [{ name: "one" }] });
    await until(async () => (await home.message("one")).startsWith("circular"));
    expect(await home.message("one")).toBe(
      "circular dependency: flux-system/one → flux-system/two → flux-system/one",
    );
    await home.kustomization("two", { path: "./two" });
    await home.untilReady("one");
  });

  it("asks a readyExpr instead", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("base", { path: "./missing" }, { labels: { go: "no" } });
    await home.kustomization("app", {
      dependsOn: [{ name: "base", readyExpr: "dep.metadata.labels.go == 'yes'" }],
    });
    await home.untilCondition("app", "False DependencyNotReady");
    await home.kustomization("base", { path: "./missing", timeout: "1m" }, { labels: { go: "yes" } });
    await home.untilReady("app");
  });

  it("tells of an expression that does not compile, for good", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app", { healthCheckExprs: [{ apiVersion: "v1", current: "status.phase ==" }] });
    await home.untilCondition("app", "False InvalidCELExpression");
    const { status, metadata } = await home.read("app");
    expect(status?.conditions?.some((c) => c.type === "Stalled" && c.status === "True")).toBe(true);
    expect(status?.observedGeneration).toBe(metadata.generation);
  });
});

describe("bad input", () => {
  it("tells which file is no YAML, and leaves running what ran", async () => {
    await home.start();
    await home.commit({ "app/a.yaml": configMap("a") });
    await home.kustomization("app", { path: "./app" });
    await home.untilReady("app");
    await home.commit({ "app/a.yaml": "a: [", "app/b.yaml": "kind: {" });
    await home.untilCondition("app", "False BuildFailed");
    const message = await home.message("app");
    expect(message).toMatch(/app\/a\.yaml/);
    expect(message).toMatch(/app\/b\.yaml/);
    expect(await home.get("v1", "ConfigMap", "a")).toBeDefined();
    expect((await home.read("app")).status?.inventory?.entries).toHaveLength(1);
  });

  it("says that a path, a source or an artifact is missing", async () => {
    await home.start();
    await home.kustomization("app", { path: "./nowhere" });
    await home.untilCondition("app", "False ArtifactFailed");
    expect(await home.message("app")).toBe("Source 'GitRepository/flux-system/repo' not found");
    await home.commit({ "a.yaml": configMap("a") });
    await until(async () => (await home.message("app")).startsWith("kustomization path not found: stat"));
  });

  it("refuses sources of other namespaces where the process says so", async () => {
    await home.start({ settings: { noCrossNamespaceRefs: true } });
    await home.kustomization("app", {
      sourceRef: { kind: "GitRepository", name: "repo", namespace: "apps" },
    });
    await home.untilCondition("app", "False AccessDenied");
    expect(await home.message("app")).toBe(
      "can't access 'GitRepository/apps/repo', cross-namespace references have been blocked",
    );
  });

  it("substitutes variables strictly, and says which is not set", async () => {
    await home.start();
    await home.client.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "vars", namespace: "flux-system" },
      stringData: { PORT: "8080" },
    });
    await home.commit({ "a.yaml": configMap("a", { port: "p${PORT}", zone: "${ZONE}" }) });
    const postBuild = { substituteFrom: [{ kind: "Secret", name: "vars" }] };
    await home.kustomization("app", { postBuild });
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toContain('variable not set (strict mode): "ZONE"');
    expect(await home.message("app")).not.toContain("8080");
    await home.kustomization("app", { postBuild: { ...postBuild, substitute: { ZONE: "b" } } });
    await home.untilReady("app");
    expect((await home.get("v1", "ConfigMap", "a"))?.["data"]).toEqual({ port: "p8080", zone: "b" });
  });
});

describe("restarts", () => {
  it("converges when it was killed between apply and status", async () => {
    await home.start();
    const revision = await home.commit({ "a.yaml": configMap("a"), "b.yaml": configMap("b") });
    await home.kustomization("app");
    await until(async () => (await home.get("v1", "ConfigMap", "a")) !== undefined);
    await home.stop();
    await home.start();
    await home.untilReady("app", revision);
    expect(await home.get("v1", "ConfigMap", "b")).toBeDefined();
    expect((await home.read("app")).status?.inventory?.entries).toHaveLength(2);
  });

  it("changes nothing where everything is as it was", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a"), "web.yaml": deployment("web") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.idle();
    await home.stop();
    const versions = async () =>
      [await home.get("v1", "ConfigMap", "a"), await home.get("apps/v1", "Deployment", "web")].map(
        (o) => o?.metadata.resourceVersion,
      );
    const before = [...(await versions()), (await home.read("app")).metadata.resourceVersion];
    await home.start();
    await home.idle();
    expect([...(await versions()), (await home.read("app")).metadata.resourceVersion]).toEqual(before);
  });

  it("loses sight of nothing that a failed apply created", async () => {
    await home.start();
    const ns = (name: string) => JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await home.commit({
      "ns.yaml": ns("fresh"),
      "bad.yaml": manifest("v1", "ConfigMap", "bad", { data: { k: 1 } }),
      "a.yaml": configMap("a"),
    });
    await home.kustomization("app");
    await home.untilCondition("app", "False ReconciliationFailed");
    expect((await home.read("app")).status?.inventory?.entries).toContainEqual({
      id: "_fresh__Namespace",
      v: "v1",
    });
    const revision = await home.commit({ "a.yaml": configMap("a") });
    await home.untilReady("app", revision);
    await until(
      async () =>
        (await home.client.tryGet({ apiVersion: "v1", kind: "Namespace", name: "fresh" })) === undefined,
    );
  });
});

describe("what wakes a Kustomization", () => {
  it("answers a request to reconcile", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.kustomization("app", {}, { annotations: { "reconcile.fluxcd.io/requestedAt": "now" } });
    await until(async () => (await home.read("app")).status?.lastHandledReconcileAt === "now");
  });

  it("does nothing while suspended, and catches up when resumed", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app", { suspend: true });
    await home.idle();
    expect(await home.ready("app")).toBe("");
    await home.kustomization("app", { suspend: false });
    await home.untilReady("app");
    await home.kustomization("app", { suspend: true });
    await home.commit({ "b.yaml": configMap("b") });
    await home.idle();
    expect(await home.get("v1", "ConfigMap", "b")).toBeUndefined();
    await home.client.delete({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      namespace: "flux-system",
      name: "app",
    });
    await until(async () => (await home.ready("app")) === "");
    expect(await home.get("v1", "ConfigMap", "a")).toBeDefined();
  });

  it("is woken by variables that ask to be watched", async () => {
    await home.start();
    const labels = { "reconcile.fluxcd.io/watch": "Enabled" };
    const vars = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "vars", namespace: "flux-system", labels },
    };
    await home.client.create({ ...vars, data: { ZONE: "a" } });
    await home.commit({ "a.yaml": configMap("a", { zone: "${ZONE}" }) });
    await home.kustomization("app", { postBuild: { substituteFrom: [{ kind: "ConfigMap", name: "vars" }] } });
    await home.untilReady("app");
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "flux-system", name: "vars" };
    await home.client.patch(ref, { type: "merge", body: { data: { ZONE: "b" } } });
    const data = async () => JSON.stringify((await home.get("v1", "ConfigMap", "a"))?.["data"]);
    await until(async () => (await data()) === '{"zone":"b"}');
  });
});

describe("other clusters", () => {
  it("applies to the one that a kubeconfig leads to, watches it, and cleans up there", async () => {
    const random = {
      float: Math.random,
      bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    };
    const plane = await openControlPlane({ port: 0, clock: systemClock, random });
    try {
      const remote = createClient(plane.transport());
      await remote.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "apps" } });
      await home.start();
      const metadata = { name: "remote", namespace: "flux-system" };
      await home.client.create({
        apiVersion: "v1",
        kind: "Secret",
        metadata,
        stringData: { value: plane.kubeconfig },
      });
      await home.commit({ "a.yaml": configMap("a") });
      await home.kustomization("app", { kubeConfig: { secretRef: { name: "remote" } } });
      await home.untilReady("app");
      const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "apps", name: "a" };
      expect(await home.get("v1", "ConfigMap", "a")).toBeUndefined();
      await remote.patch(ref, { type: "merge", body: { data: { k: "edited" } } }, { fieldManager: "hand" });
      await until(async () => JSON.stringify((await remote.get(ref))["data"]) === '{"k":"v"}');
      await home.client.delete({
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        namespace: "flux-system",
        name: "app",
      });
      await until(async () => (await remote.tryGet(ref)) === undefined);
      await home.stop();
    } finally {
      await plane.close();
    }
  });

  describe("that cannot be reached", () => {
    const refused = async (kind: "Secret" | "ConfigMap", data: Record<string, string>, settings = {}) => {
      await home.start({ settings });
      await home.client.create({
        apiVersion: "v1",
        kind,
        metadata: { name: "remote", namespace: "flux-system" },
        ...(kind === "Secret" ? { stringData: data } : { data }),
      });
      await home.commit({ "a.yaml": configMap("a") });
      const ref = kind === "Secret" ? "secretRef" : "configMapRef";
      await home.kustomization("app", { kubeConfig: { [ref]: { name: "remote" } } });
      await home.untilCondition("app", "False ReconciliationFailed");
      return home.message("app");
    };
    const kubeconfig = (user: Record<string, unknown>, cluster: Record<string, unknown> = {}) =>
      JSON.stringify({
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1", ...cluster } }],
        users: [{ name: "u", user }],
      });

    it.each([
      [
        "a key that is not there",
        { other: "x" },
        "KubeConfig secret 'flux-system/remote' does not contain a 'value' key with a kubeconfig",
      ],
      [
        "a file of this machine",
        { value: kubeconfig({ tokenFile: "/etc/hostname" }) },
        "names a file as its tokenFile, which is not allowed here",
      ],
      ["a program", { value: kubeconfig({ exec: { command: "/bin/true" } }) }, "which is not allowed here"],
      [
        "unverified TLS",
        { value: kubeconfig({ token: "t" }, { "insecure-skip-tls-verify": true }) },
        "insecure TLS is not allowed",
      ],
    ])("refuses a Secret with %s", async (_, data, reason) => {
      expect(await refused("Secret", data as Record<string, string>)).toContain(reason);
    });

    it.each([
      [
        "a cloud",
        { provider: "aws", cluster: "arn:aws:eks:x" },
        "provider 'aws' of spec.kubeConfig.configMapRef needs an identity at the cloud",
      ],
      [
        "an unknown provider",
        { provider: "acme" },
        "provider 'acme' is not supported; use generic, or a kubeconfig in a Secret",
      ],
      ["no address", { provider: "generic" }, "cluster address is required"],
      ["an address without TLS", { provider: "generic", address: "http://x" }, "must use https scheme"],
      [
        "a service account, which has no identity of its own",
        { provider: "generic", address: "x", serviceAccountName: "sa" },
        "ObjectLevelWorkloadIdentity feature gate is not enabled",
      ],
      ["no service account", { provider: "generic", address: "x" }, "this process runs as none"],
    ])("refuses a ConfigMap with %s", async (_, data, reason) => {
      expect(await refused("ConfigMap", data as Record<string, string>)).toContain(reason);
    });
  });

  it("says what is wrong with the Secret that should lead there", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app", { kubeConfig: { secretRef: { name: "remote" } } });
    await home.untilCondition("app", "False ReconciliationFailed");
    expect(await home.message("app")).toContain("unable to read KubeConfig secret 'flux-system/remote'");
  });
});

describe("remote bases", () => {
  const build =
    "resources:\n- https://git.example/team/base//app?ref=v1\n- https://files.example/extra.yaml\n";

  it("are refused unless they are allowed", async () => {
    await home.start();
    await home.commit({ "kustomization.yaml": build });
    await home.kustomization("app");
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toContain("is not allowed");
  });

  it("are fetched, built as one, and looked at again at every run", async () => {
    const directory = await mkdtemp(join(tmpdir(), "capstan-base-"));
    try {
      await mkdir(join(directory, "app"));
      await writeFile(join(directory, "app", "kustomization.yaml"), "resources: [a.yaml]\n");
      await writeFile(join(directory, "app", "a.yaml"), configMap("a"));
      const asked: string[] = [];
      let text = "one";
      let open = 0;
      await home.start({
        remoteBases: {
          repository: async ({ cloneUrl, path, ref }) => {
            asked.push(`${cloneUrl} ${path} ${ref}`);
            open += 1;
            return {
              directory,
              close: async () => {
                open -= 1;
              },
            };
          },
          file: async (url) => {
            if (url !== "https://files.example/extra.yaml") return { status: 404, body: Buffer.of() };
            return { status: 200, body: Buffer.from(configMap("extra", { text })) };
          },
        },
      });
      await home.commit({ "kustomization.yaml": build });
      await home.kustomization("app");
      await home.untilReady("app");
      expect((await home.get("v1", "ConfigMap", "a"))?.["data"]).toEqual({ k: "v" });
      expect(asked).toContain("https://git.example/team/base app v1");
      text = "two";
      await home.kustomization("app", {}, { annotations: { "reconcile.fluxcd.io/requestedAt": "x" } });
      const data = async () => JSON.stringify((await home.get("v1", "ConfigMap", "extra"))?.["data"]);
      await until(async () => (await data()) === '{"text":"two"}');
      await home.idle();
      expect(open).toBe(0);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("that cannot be fetched are told with the reason", async () => {
    const fail = async () => Promise.reject(new Error("the server is on fire"));
    await home.start({ remoteBases: { repository: fail, file: fail } });
    await home.commit({ "kustomization.yaml": build });
    await home.kustomization("app");
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toContain("the server is on fire");
  });
});

describe("a shard", () => {
  it("runs what carries its label alone, and knows the dependencies that others run", async () => {
    await home.start({ selection: { labelSelector: "sharding.fluxcd.io/key=one" } });
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("elsewhere");
    const labels = { "sharding.fluxcd.io/key": "one" };
    await home.kustomization("mine", { dependsOn: [{ name: "elsewhere" }] }, { labels });
    await home.untilCondition("mine", "False DependencyNotReady");
    expect(await home.message("mine")).toContain("dependency 'flux-system/elsewhere' is not ready");
    expect(await home.ready("elsewhere")).toBe("");
    await home.kustomization("missing", { dependsOn: [{ name: "nowhere" }] }, { labels });
    await home.untilCondition("missing", "False DependencyNotReady");
    expect(await home.message("missing")).toContain("dependency 'flux-system/nowhere' not found");
    const status = {
      observedGeneration: 1,
      lastAppliedRevision: `main@sha1:${"1".padStart(40, "0")}`,
      conditions: [condition("Ready", "True", "ReconciliationSucceeded")],
    };
    const other = {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      namespace: "flux-system",
      name: "elsewhere",
    };
    await home.client.patch(other, { type: "merge", body: { status } }, { subresource: "status" });
    await home.untilReady("mine");
  });
});

describe("a Kustomization that is applied by another", () => {
  it("keeps its finalizer, and both come to rest", async () => {
    await home.start();
    const child = JSON.stringify({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "child", namespace: "flux-system" },
      spec: {
        interval: "10m",
        prune: true,
        path: "./child",
        sourceRef: { kind: "GitRepository", name: "repo" },
      },
    });
    await home.commit({ "parent/child.yaml": child, "child/a.yaml": configMap("a") });
    await home.kustomization("parent", { path: "./parent", wait: true });
    await home.untilReady("child");
    await home.untilReady("parent");
    await home.idle();
    expect((await home.read("child")).metadata.finalizers).toEqual(["finalizers.fluxcd.io"]);
    home.writes.length = 0;
    await home.kustomization(
      "parent",
      { path: "./parent", wait: true },
      { annotations: { "reconcile.fluxcd.io/requestedAt": "x" } },
    );
    await until(async () => (await home.read("parent")).status?.lastHandledReconcileAt === "x");
    await home.idle();
    expect(home.writes).toHaveLength(1);
    await home.commit({ "parent/readme.md": "" });
    await until(async () => (await home.ready("child")) === "");
    await until(async () => (await home.get("v1", "ConfigMap", "a")) === undefined);
  });
});

describe("secrets", () => {
  it("that are encrypted are not applied", async () => {
    await home.start();
    await home.commit({
      "s.yaml": manifest("v1", "Secret", "s", { data: { k: "RU5D" }, sops: { mac: "x" } }),
    });
    await home.kustomization("app");
    await home.untilCondition("app", "False ReconciliationFailed");
    expect(await home.message("app")).toBe(
      "Secret/apps/s is SOPS encrypted, configuring decryption is required for this secret to be reconciled",
    );
  });

  describe("in files of SOPS", () => {
    const testdata = (path: string) =>
      readFileSync(new URL(`../../sops/testdata/${path}`, import.meta.url), "utf8");
    const keys = (
      name: string,
      key: string,
      namespace = "flux-system",
      labels: Record<string, string> = {},
    ) =>
      home.client.apply(
        {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name, namespace, labels },
          stringData: { "identity.agekey": testdata(`keys/${key}.agekey`), notes: "no key" },
        },
        { fieldManager: "test", force: true },
      );
    const decryption = { provider: "sops", secretRef: { name: "keys" } };
    const user = async () => {
      const secret = await home.get("v1", "Secret", "database", "default");
      return Buffer.from(
        (secret?.["data"] as Record<string, string> | undefined)?.["user"] ?? "",
        "base64",
      ).toString();
    };
    beforeEach(async () => {
      await home.commit({ "secret.yaml": testdata("encrypted/secret.yaml") });
    });

    it("are applied in clear", async () => {
      await home.start();
      await keys("keys", "one");
      await home.kustomization("app", { decryption });
      await home.untilReady("app");
      expect(await user()).toBe("ada");
    });

    it("wait for the right key, and are applied as soon as it is there", async () => {
      await home.start();
      await home.kustomization("app", { decryption });
      await home.untilCondition("app", "False BuildFailed");
      expect(await home.message("app")).toBe('secrets "keys" not found');
      await keys("keys", "stranger", "flux-system", { "reconcile.fluxcd.io/watch": "Enabled" });
      await until(async () => (await home.message("app")).includes("cannot get sops data key"));
      expect(await home.message("app")).toMatch(
        /^secret.yaml:1: decryption failed for 'Secret.v1.\[noGrp\]\/database': failed to decrypt and format 'default\/database' Secret data: cannot get sops data key: no key opens the file: age1\S+: no identity matched any of the recipients$/,
      );
      expect(await user()).toBe("");
      await keys("keys", "one", "flux-system", { "reconcile.fluxcd.io/watch": "Enabled" });
      await home.untilReady("app");
      expect(await user()).toBe("ada");
    });

    it("are opened with the identities of the controllers where no Secret is named", async () => {
      await keys("fallback", "one", "apps");
      await home.start({ settings: { sopsAgeSecret: { namespace: "apps", name: "fallback" } } });
      await home.kustomization("named", { decryption: { provider: "sops" } });
      await home.untilReady("named");
      expect(await user()).toBe("ada");
    });

    it("are refused where the identity of a service account is asked for", async () => {
      await home.start();
      await home.kustomization("app", { decryption: { provider: "sops", serviceAccountName: "kms" } });
      await home.untilCondition("app", "False FeatureGateDisabled");
      expect(await home.message("app")).toContain(
        "please enable the ObjectLevelWorkloadIdentity feature gate",
      );
    });
  });

  it("are never shown, whatever the API says about them", async () => {
    await home.start();
    await home.commit({ "s.yaml": manifest("v1", "Secret", "s", { data: { k: 424242 } }) });
    await home.kustomization("app");
    await home.untilCondition("app", "False ReconciliationFailed");
    expect(await home.message("app")).not.toContain("424242");
    expect((await home.events("app")).join()).not.toContain("424242");
  });
});

describe("a deleted service account", () => {
  it("leaves behind what nobody can delete, and says so", async () => {
    await home.start();
    const account = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "tenant", namespace: "flux-system" },
    };
    await home.client.create(account);
    await home.client.create({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "tenant" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", name: "tenant", namespace: "flux-system" }],
    } as never);
    await home.commit({ "a.yaml": configMap("a") });
    await home.kustomization("app", { serviceAccountName: "tenant" });
    await home.untilReady("app");
    await home.client.delete({
      apiVersion: "v1",
      kind: "ServiceAccount",
      namespace: "flux-system",
      name: "tenant",
    });
    await home.client.delete({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      namespace: "flux-system",
      name: "app",
    });
    await until(async () => (await home.ready("app")) === "");
    expect(await home.get("v1", "ConfigMap", "a")).toBeDefined();
    expect((await home.events("app")).some((event) => event.includes("unable to prune objects"))).toBe(true);
  });
});

describe("ownership", () => {
  it("refuses an object that another Kustomization applies, until that one lets go", async () => {
    await home.start();
    await home.commit({
      "one/a.yaml": configMap("a", { by: "one" }),
      "two/a.yaml": configMap("a", { by: "two" }),
    });
    await home.kustomization("one", { path: "./one" });
    await home.untilReady("one");
    await home.kustomization("two", { path: "./two" });
    await home.untilCondition("two", "False ReconciliationFailed");
    expect(await home.message("two")).toBe(
      "ConfigMap/apps/a is applied by Kustomization flux-system/one already (two/a.yaml:1)",
    );
    expect((await home.get("v1", "ConfigMap", "a"))?.["data"]).toEqual({ by: "one" });
    await home.client.delete({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      namespace: "flux-system",
      name: "one",
    });
    await home.untilReady("two");
    expect((await home.get("v1", "ConfigMap", "a"))?.["data"]).toEqual({ by: "two" });
  });

  it("hands an object over that moves from one to another in a commit", async () => {
    await home.start();
    await home.commit({
      "one/a.yaml": configMap("a"),
      "one/b.yaml": configMap("b"),
      "two/c.yaml": configMap("c"),
    });
    await home.kustomization("one", { path: "./one" });
    await home.kustomization("two", { path: "./two" });
    await home.untilReady("one");
    await home.untilReady("two");
    const revision = await home.commit({
      "one/a.yaml": configMap("a"),
      "two/b.yaml": configMap("b"),
      "two/c.yaml": configMap("c"),
    });
    await home.untilReady("one", revision);
    await home.untilReady("two", revision);
    await home.idle();
    const labels = (await home.get("v1", "ConfigMap", "b"))?.metadata.labels;
    expect(labels?.["kustomize.toolkit.fluxcd.io/name"]).toBe("two");
  });
});

describe("being stopped", () => {
  it("at any request leaves nothing that a later start does not put right", { timeout: 60_000 }, async () => {
    const files = {
      "ns.yaml": JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "fresh" } }),
      "a.yaml": configMap("a"),
      "b.yaml": manifest("v1", "ConfigMap", "b", { metadata: { namespace: "fresh" }, data: {} }),
    };
    for (let stopAt = 1; stopAt <= 12; stopAt++) {
      const name = `app-${stopAt}`;
      const own = Object.fromEntries(
        Object.entries(files).map(([path, text]) => [
          path,
          text.replaceAll("fresh", `fresh-${stopAt}`).replaceAll('"a"', `"a-${stopAt}"`),
        ]),
      );
      const revision = await home.commit(own, name);
      home.stopAtWrite = stopAt;
      await home.start();
      await home.kustomization(name, { sourceRef: { kind: "GitRepository", name } });
      await until(async () => home.stopped || (await home.ready(name)) === "True ReconciliationSucceeded");
      await home.stop();
      const half = await home.read(name);
      const conditions = (half.status?.conditions ?? []).map((condition) => condition.type).sort();
      // Either nothing yet, or that it is under way, or the whole result.
      expect(["", "Ready", "Ready,Reconciling"]).toContain(conditions.join());
      expect((half.status?.conditions ?? []).some((condition) => condition.status === "False")).toBe(false);
      home.stopAtWrite = undefined;
      await home.start();
      await home.untilReady(name, revision);
      expect((await home.read(name)).status?.inventory?.entries).toHaveLength(3);
      expect(await home.get("v1", "ConfigMap", "b", `fresh-${stopAt}`)).toBeDefined();
      await home.stop();
    }
  });
});
