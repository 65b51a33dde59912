import type { ApiRequest, KubeObject, Transport } from "@capstan/kube";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

let plane: TestControlPlane;
let api: Transport;

beforeEach(async () => {
  plane = await testControlPlane();
  api = plane.transport();
});
afterEach(() => plane.close());

async function call(method: ApiRequest["method"], path: string, body?: unknown, contentType?: string) {
  const request = { method, path, body, ...(contentType === undefined ? {} : { contentType }) };
  const response = await api.request(request);
  return { status: response.status, body: response.body as KubeObject };
}

const CONFIGS = "/api/v1/namespaces/default/configmaps";

async function config(name: string, metadata: Partial<KubeObject["metadata"]> = {}): Promise<KubeObject> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, name } };
  const created = await call("POST", CONFIGS, body);
  expect(created.status).toBe(201);
  return created.body;
}

const ownedBy = (owner: KubeObject, blockOwnerDeletion = false) => ({
  ownerReferences: [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid ?? "",
      blockOwnerDeletion,
    },
  ],
});

const exists = async (name: string) => (await call("GET", `${CONFIGS}/${name}`)).status === 200;
const gone = (name: string) => vi.waitFor(async () => expect(await exists(name)).toBe(false));

test("every namespace gets its service account and the authority's certificate, also again", async () => {
  await call("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "team" },
  });
  const account = "/api/v1/namespaces/team/serviceaccounts/default";
  const authority = "/api/v1/namespaces/team/configmaps/kube-root-ca.crt";
  await vi.waitFor(async () => {
    expect((await call("GET", account)).status).toBe(200);
    expect((await call("GET", authority)).status).toBe(200);
  });
  await call("DELETE", account);
  await call("DELETE", authority);
  await vi.waitFor(async () => {
    expect((await call("GET", account)).status).toBe(200);
    expect((await call("GET", authority)).status).toBe(200);
  });
});

test("a deleted owner takes its dependents with it, and theirs", async () => {
  const owner = await config("owner");
  const child = await config("child", ownedBy(owner));
  await config("grandchild", ownedBy(child));
  await call("DELETE", `${CONFIGS}/owner`);
  await gone("child");
  await gone("grandchild");
});

test("a dependent whose owner never existed is deleted, one with another owner only loses the reference", async () => {
  const owner = await config("owner");
  const ghost = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: "ghost",
    uid: "11111111-1111-4111-8111-111111111111",
  };
  await config("orphan", { ownerReferences: [ghost] });
  await config("kept", { ownerReferences: [ghost, ...ownedBy(owner).ownerReferences] });
  await gone("orphan");
  await vi.waitFor(async () => {
    const kept = await call("GET", `${CONFIGS}/kept`);
    expect(kept.body.metadata.ownerReferences?.map((reference) => reference.name)).toEqual(["owner"]);
  });
});

test("foreground deletion keeps the owner until its blocking dependents are gone", async () => {
  const owner = await config("owner");
  await config("child", { ...ownedBy(owner, true), finalizers: ["example.dev/hold"] });
  await call("DELETE", `${CONFIGS}/owner`, { propagationPolicy: "Foreground" });
  await vi.waitFor(async () => {
    const child = await call("GET", `${CONFIGS}/child`);
    expect(child.body.metadata.deletionTimestamp).toBeDefined();
  });
  expect(await exists("owner")).toBe(true);
  const release = { metadata: { finalizers: null } };
  await call("PATCH", `${CONFIGS}/child`, release, "application/merge-patch+json");
  await gone("owner");
});

test("orphaning deletion leaves the dependents without the reference", async () => {
  const owner = await config("owner");
  await config("child", ownedBy(owner));
  await call("DELETE", `${CONFIGS}/owner`, { propagationPolicy: "Orphan" });
  await gone("owner");
  const child = await call("GET", `${CONFIGS}/child`);
  expect(child.body.metadata.ownerReferences).toBeUndefined();
});

test("owners in a circle go, and requests are served meanwhile", async () => {
  const names = ["a", "b", "c"];
  const objects = await Promise.all(names.map((name) => config(name)));
  for (const [index, name] of names.entries()) {
    const metadata = ownedBy(objects[(index + 1) % 3] as KubeObject, true);
    await call("PATCH", `${CONFIGS}/${name}`, { metadata }, "application/merge-patch+json");
  }
  await call("DELETE", `${CONFIGS}/a`, { propagationPolicy: "Foreground" });
  for (const name of names) await gone(name);
});

test("a namespace empties before it goes, says what it waits for, and takes nothing new", async () => {
  await call("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "team" },
  });
  const path = "/api/v1/namespaces/team/configmaps";
  const held = { name: "held", finalizers: ["example.dev/hold"] };
  await call("POST", path, { apiVersion: "v1", kind: "ConfigMap", metadata: held });
  const deleted = await call("DELETE", "/api/v1/namespaces/team");
  expect(deleted.body).toMatchObject({ kind: "Namespace", status: { phase: "Terminating" } });
  const refused = await call("POST", path, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "late" },
  });
  expect(refused.status).toBe(403);
  expect(refused.body["message"]).toBe(
    'configmaps "late" is forbidden: unable to create new content in namespace team because it is being terminated',
  );
  await vi.waitFor(async () => {
    const namespace = await call("GET", "/api/v1/namespaces/team");
    const { conditions } = namespace.body["status"] as { conditions: { type: string; message: string }[] };
    expect(conditions).toHaveLength(5);
    expect(conditions.find((condition) => condition.type === "NamespaceContentRemaining")?.message).toBe(
      "Some resources are remaining: configmaps. has 1 resource instances",
    );
  });
  await call("PATCH", `${path}/held`, { metadata: { finalizers: null } }, "application/merge-patch+json");
  await vi.waitFor(async () => expect((await call("GET", "/api/v1/namespaces/team")).status).toBe(404));
});

test("creating in a namespace that does not exist names the namespace", async () => {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
  const refused = await call("POST", "/api/v1/namespaces/nowhere/configmaps", body);
  expect(refused.status).toBe(404);
  expect(refused.body["message"]).toBe('namespaces "nowhere" not found');
});
