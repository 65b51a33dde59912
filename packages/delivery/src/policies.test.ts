// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is substituted

import { deepEqual } from "@capstan/kube";
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

const GROUP = "kustomize.toolkit.fluxcd.io";

function configMap(name: string, data: Record<string, string>, annotations: Record<string, string> = {}) {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "apps", annotations },
    data,
  });
}

async function dataOf(name: string): Promise<unknown> {
  return (await home.get("v1", "ConfigMap", name))?.["data"];
}

async function becomes(name: string, data: Record<string, string>): Promise<void> {
  await until(
    async () => deepEqual(await dataOf(name), data),
    async () =>
      `${JSON.stringify(await dataOf(name))}, ${await home.ready("app")} ${await home.message("app")}`,
  );
}

/** Adds a key to a ConfigMap as some other program. */
async function edit(name: string, data: Record<string, string>, fieldManager: string) {
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "apps", name };
  await home.client.patch(ref, { type: "merge", body: { data } }, { fieldManager });
}

describe("what objects ask for", () => {
  it("keeps the fields of others where an object asks to be merged, and its own in force", async () => {
    await home.start();
    await home.commit({ "a.yaml": configMap("a", { k: "ours" }, { [`${GROUP}/ssa`]: "Merge" }) });
    await home.kustomization("app");
    await home.untilReady("app");
    await edit("a", { extra: "theirs", k: "theirs" }, "kubectl-edit");
    await becomes("a", { extra: "theirs", k: "ours" });
  });

  it("leaves alone what is not to be reconciled, also when it leaves the source", async () => {
    const disabled = { [`${GROUP}/reconcile`]: "disabled" };
    await home.start();
    await home.commit({ "a.yaml": configMap("a", { k: "one" }), "b.yaml": configMap("b", { k: "one" }) });
    await home.kustomization("app");
    await home.untilReady("app");
    await home.client.patch(
      { apiVersion: "v1", kind: "ConfigMap", namespace: "apps", name: "a" },
      { type: "merge", body: { metadata: { annotations: disabled } } },
      { fieldManager: "hand" },
    );
    await home.commit({
      "a.yaml": configMap("a", { k: "two" }, disabled),
      "b.yaml": configMap("b", { k: "two" }),
    });
    await becomes("b", { k: "two" });
    const revision = await home.commit({ "b.yaml": configMap("b", { k: "two" }) });
    await home.untilReady("app", revision);
    expect(await dataOf("a")).toEqual({ k: "one" });
  });
});

describe("what the process is told", () => {
  it("undoes the managers that are to be overridden, by the start of their names", async () => {
    await home.start({ settings: { overrideManagers: ["intruder"] } });
    await home.commit({ "a.yaml": configMap("a", { k: "v" }) });
    await home.kustomization("app");
    await home.untilReady("app");
    await edit("a", { kept: "1" }, "controller");
    await edit("a", { gone: "1" }, "intruder-2");
    await becomes("a", { k: "v", kept: "1" });
  });

  it("applies kinds of a stage of their own before all others of a namespace", async () => {
    await home.start({ settings: { customStageKinds: ["rbac.authorization.k8s.io/RoleBinding"] } });
    const roleBinding = JSON.stringify({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "first", namespace: "apps" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    });
    await home.commit({ "a.yaml": configMap("a", { k: "v" }), "z.yaml": roleBinding });
    await home.kustomization("app");
    await home.untilReady("app");
    const applied = home.writes.filter((write) => /(?:configmaps|rolebindings)\/[a-z]+$/.test(write));
    expect(applied.map((write) => write.split("/").at(-1))).toEqual(["first", "a"]);
  });
});

describe("substitution", () => {
  const manifest = { "a.yaml": configMap("a", { zone: "${ZONE:-here}" }) };

  it("leaves texts as they are where there are no variables, unless it is to run always", async () => {
    await home.start();
    await home.commit(manifest);
    await home.kustomization("app", { postBuild: {} });
    await home.untilReady("app");
    expect(await dataOf("a")).toEqual({ zone: "${ZONE:-here}" });
    await home.kustomization("app", { postBuild: { substituteStrategy: "Always" } });
    await becomes("a", { zone: "here" });
  });

  it("passes over missing objects that are optional, and fails for others; the last word wins", async () => {
    await home.start();
    await home.commit(manifest);
    for (const [name, zone] of [
      ["one", "first"],
      ["two", "second"],
    ] as const) {
      await home.client.create({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "flux-system" },
        data: { ZONE: zone },
      });
    }
    const from = (...names: readonly string[]) => names.map((name) => ({ kind: "ConfigMap", name }));
    const missing = { kind: "Secret", name: "nowhere", optional: true };
    await home.kustomization("app", { postBuild: { substituteFrom: [missing, ...from("one", "two")] } });
    await becomes("a", { zone: "second" });
    const inline = { substitute: { ZONE: "third" }, substituteFrom: from("one", "two") };
    await home.kustomization("app", { postBuild: inline });
    await becomes("a", { zone: "third" });
    await home.kustomization("app", { postBuild: { substituteFrom: [{ ...missing, optional: false }] } });
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toContain("substitute from 'Secret/nowhere' error: ");
  });
});
