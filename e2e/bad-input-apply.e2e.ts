import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { configMap, Flux, kustomization, namespace, source } from "./support/flux.js";

const scratch = temporaryDirectory();
let home: Capstan;
let flux: Flux;

beforeAll(async () => {
  home = await Capstan.up(join(scratch.path, "data"));
  flux = new Flux(home, scratch.path);
  await home.kubectl(["create", "namespace", namespace]);
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  scratch.remove();
});

const SUCCEEDED = { status: "True", reason: "ReconciliationSucceeded" } as const;
const FAILED = { status: "False", reason: "ReconciliationFailed" } as const;

function definition(kind: string, plural: string): object {
  const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.shop.example.com` },
    spec: {
      group: "shop.example.com",
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

describe("a change that the API refuses", () => {
  it("names every object that is refused with file and line, and applies none", async () => {
    const repository = await flux.running("refused", { "a.yaml": configMap("steady", { v: "1" }) });
    const invalid = `${configMap("fine")}---\n${configMap("bad-key", { "a b": "x" })}`;
    const service =
      "apiVersion: v1\nkind: Service\nmetadata: {name: bad-port}\nspec: {ports: [{port: 99999}]}\n";
    const files = { "a.yaml": configMap("steady", { v: "2" }), "b.yaml": invalid, "c/svc.yaml": service };
    await flux.change(repository, "refused", files);
    const says = [
      /ConfigMap\/default\/bad-key .*Invalid value: "a b".*\(b\.yaml:6\)/,
      /Service\/default\/bad-port .*99999.*\(c\/svc\.yaml:1\)/,
    ];
    await flux.is("kustomization", "refused", { ...FAILED, says });
    expect(await flux.data("steady")).toEqual({ v: "1" });
    expect(await home.get("configmap", "fine")).toBeUndefined();
  });

  it("waits for a kind that is not served, and applies its objects once it is", async () => {
    const repository = await flux.running(
      "kinds",
      { "a.yaml": configMap("kinds", { v: "1" }) },
      {
        retryInterval: "1h",
      },
    );
    const order = "apiVersion: shop.example.com/v1\nkind: Order\nmetadata:\n  name: first\n";
    const files = { "a.yaml": configMap("kinds", { v: "2" }), "order.yaml": `# an order\n${order}` };
    await flux.change(repository, "kinds", files);
    const says = [
      /Order\/default\/first .*no matches for kind "Order" in version "shop\.example\.com\/v1".*\(order\.yaml:2\)/,
    ];
    await flux.is("kustomization", "kinds", { ...FAILED, says });
    expect(await home.get("configmap", "kinds")).toBeDefined();
    await home.apply(definition("Order", "orders"));
    await flux.is("kustomization", "kinds", SUCCEEDED);
    await home.has("orders.shop.example.com", "first", "default");
    expect(await flux.data("kinds")).toEqual({ v: "2" });
  });

  it("replaces an object with an immutable field only when forced to", async () => {
    const fixed = (v: string) => configMap("fixed", { v }, "immutable: true\n");
    const repository = await flux.running("immutable", { "dir/fixed.yaml": fixed("1") });
    const before = await home.get("configmap", "fixed");
    await flux.change(repository, "immutable", { "dir/fixed.yaml": fixed("2") });
    const says = [/ConfigMap\/default\/fixed .*\(Invalid\).*immutable.*\(dir\/fixed\.yaml:1\)/];
    await flux.is("kustomization", "immutable", { ...FAILED, says });
    const kept = await home.get("configmap", "fixed");
    expect([kept?.data, kept?.metadata.uid]).toEqual([{ v: "1" }, before?.metadata.uid]);
    await home.apply(kustomization("immutable", "immutable", { force: true }));
    await flux.is("kustomization", "immutable", SUCCEEDED);
    await home.has("configmap", "fixed", "default", (object) => object.data?.["v"] === "2");
    expect((await home.get("configmap", "fixed"))?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  it("leaves an object to the Kustomization that has it already", async () => {
    await flux.running("owner", { "a.yaml": configMap("shared", { by: "owner" }) });
    const files = {
      "mine.yaml": configMap("mine"),
      "twice.yaml": `---\n${configMap("shared", { by: "rival" })}`,
    };
    const rival = await flux.repository("rival", files);
    await home.apply([source("rival", `file://${rival.path}`), kustomization("rival", "rival")]);
    const says = [
      /ConfigMap\/default\/shared is applied by Kustomization flux-system\/owner already \(twice\.yaml:\d\)/,
    ];
    await flux.is("kustomization", "rival", { ...FAILED, says });
    expect(await flux.data("shared")).toEqual({ by: "owner" });
    await flux.is("kustomization", "owner", SUCCEEDED);
    await home.kubectl(["delete", "kustomization", "rival", "-n", namespace]);
    expect(await flux.data("shared")).toEqual({ by: "owner" });
  });
});

describe("dependencies", () => {
  it("names what is not ready, and goes on the moment it is", async () => {
    const repository = await flux.running("first", { "a.yaml": configMap("first") });
    await flux.change(repository, "first", { "a.yaml": "kind: [\n" });
    await flux.is("kustomization", "first", { status: "False", reason: "BuildFailed" });
    await flux.repository("second", { "b.yaml": configMap("second") });
    const dependsOn = [{ name: "first" }];
    await home.apply([
      source("second", `file://${scratch.path}/second`),
      kustomization("second", "second", { dependsOn }),
      kustomization("absent", "second", { dependsOn: [{ name: "nobody" }] }),
    ]);
    const notReady = { status: "False", reason: "DependencyNotReady" } as const;
    await flux.is("kustomization", "second", {
      ...notReady,
      says: ["dependency 'flux-system/first' is not ready"],
    });
    await flux.is("kustomization", "absent", {
      ...notReady,
      says: ["dependency 'flux-system/nobody' not found"],
    });
    expect(await home.get("configmap", "second")).toBeUndefined();
    await flux.change(repository, "first", { "a.yaml": configMap("first", { v: "2" }) });
    // Far less than the half minute after which it would look again by itself.
    await flux.is("kustomization", "second", SUCCEEDED, 15_000);
    expect(await home.get("configmap", "second")).toBeDefined();
  });

  it("names all of a circle, and keeps what is applied", async () => {
    await flux.running("round", { "a.yaml": configMap("round") });
    const on = (name: string, other: string) =>
      kustomization(name, "round", { dependsOn: [{ name: other }], path: "./x" });
    await home.apply([on("one", "two"), on("two", "three"), on("three", "one")]);
    await home.apply(kustomization("round", "round", { dependsOn: [{ name: "round" }] }));
    for (const [name, way] of [
      ["one", "one → flux-system/two → flux-system/three → flux-system/one"],
      ["two", "two → flux-system/three → flux-system/one → flux-system/two"],
      ["round", "round → flux-system/round"],
    ] as const) {
      const says = [`circular dependency: flux-system/${way}`];
      await flux.is("kustomization", name, { status: "False", reason: "DependencyNotReady", says });
    }
    expect(await home.get("configmap", "round")).toBeDefined();
  });
});

describe("health", () => {
  it("names what does not become healthy in time, why, the time, and where it comes from", async () => {
    const pod =
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: sick\n  annotations: {capstan.dev/simulate: never-ready}\nspec:\n  containers: [{name: c, image: busybox}]\n";
    const spec = { wait: true, timeout: "2s", retryInterval: "1h" };
    const repository = await flux.running("sick", { "a.yaml": configMap("sick", { v: "1" }) }, spec);
    const files = { "a.yaml": configMap("sick", { v: "2" }), "app/pod.yaml": `# sick\n${pod}` };
    await flux.change(repository, "sick", files);
    await flux.is("kustomization", "sick", {
      type: "Healthy",
      status: "Unknown",
      reason: "Progressing",
      says: ["Running health checks for revision main@sha1:", "with a timeout of 30s"],
    });
    const says = [
      /^health check failed after 30(\.\d+)?s: timeout waiting for: \[/,
      /\[Pod\/default\/sick status: 'InProgress': .+ \(app\/pod\.yaml:2\)\]/,
      "spec.timeout is 2s; the shortest there is is 30s",
    ];
    const failed = { status: "False", reason: "HealthCheckFailed" } as const;
    await flux.is("kustomization", "sick", { ...failed, says });
    await flux.is("kustomization", "sick", { ...failed, type: "Healthy" });
    expect(await flux.data("sick")).toEqual({ v: "2" });
    expect(await home.get("pod", "sick")).toBeDefined();
  });
});

describe("a large deletion", () => {
  it("is held until it is approved", async () => {
    const names = Array.from({ length: 12 }, (_, at) => `many-${at}`);
    const all = Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)]));
    const repository = await flux.running("many", all);
    const gone = Object.fromEntries(names.slice(1).map((name) => [`${name}.yaml`, undefined]));
    await flux.change(repository, "many", gone);
    const says = ["11 of 12 objects would be deleted", "ConfigMap/default/many-11"];
    const held = await flux.is("kustomization", "many", {
      type: "DeletionHeld",
      status: "True",
      reason: "BudgetExceeded",
      says,
    });
    expect(await home.get("configmap", "many-11")).toBeDefined();
    const approval = /capstan\.dev\/approve-deletion=[0-9a-f]+/.exec(held.message)?.[0] ?? "";
    await home.kubectl(["annotate", "kustomization", "many", "-n", namespace, approval]);
    await home.gone("configmap", "many-11", "default");
    expect(await home.get("configmap", "many-0")).toBeDefined();
  });
});
