import { testControlPlane } from "@capstan/control-plane";
import { createClient } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cluster, createObjects, updateObjects } from "./apply-objects.js";
import type { ReleaseObject } from "./resource.js";

let plane: Awaited<ReturnType<typeof testControlPlane>>;
let cluster: Cluster;
beforeEach(async () => {
  plane = await testControlPlane();
  const client = createClient(plane.transport());
  cluster = { client, fieldManager: "helm-controller", signal: new AbortController().signal };
});
afterEach(() => plane.close());

const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" };
const configMap = (data: Record<string, string>): ReleaseObject => ({
  object: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "default", name: "a" },
    data,
  } as KubeObject,
  namespaced: true,
});
const read = async () => (await cluster.client.get(ref))["data"];

describe("writing objects, with nobody listening", () => {
  it.each(["ssa", "csa"] as const)("creates and changes them (%s)", async (method) => {
    const before = configMap({ a: "1", b: "1" });
    await createObjects(cluster, [before], method);
    expect(await read()).toEqual({ a: "1", b: "1" });
    await cluster.client.patch(ref, { type: "merge", body: { data: { theirs: "1" } } });
    const after = configMap({ a: "2" });
    expect(await updateObjects(cluster, [before], [after], { method, forceConflicts: true })).toEqual({
      created: [],
      error: undefined,
    });
    expect(await read()).toEqual({ a: "2", theirs: "1" });
  });

  it("replaces them where that is asked for", async () => {
    const before = configMap({ a: "1" });
    await createObjects(cluster, [before], "csa");
    await cluster.client.patch(ref, { type: "merge", body: { data: { theirs: "1" } } });
    const options = { method: "csa", forceConflicts: false, forceReplace: true } as const;
    await updateObjects(cluster, [before], [configMap({ a: "2" })], options);
    expect(await read()).toEqual({ a: "2" });
  });
});
