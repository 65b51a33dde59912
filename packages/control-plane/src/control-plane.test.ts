import type { ApiRequest, KubeObject, Transport, WatchEvent } from "@capstan/kube";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestControlPlane, testControlPlane } from "./testing/test-control-plane.js";

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Member = any;

let plane: TestControlPlane;
let api: Transport;

beforeEach(async () => {
  plane = await testControlPlane();
  api = plane.transport();
});
afterEach(() => plane.close());

async function call(method: ApiRequest["method"], path: string, body?: unknown, extra?: Partial<ApiRequest>) {
  const response = await api.request({ method, path, body, ...extra });
  return {
    status: response.status,
    body: response.body as KubeObject & Record<string, Member>,
    warnings: response.warnings,
  };
}

const CONFIGS = "/api/v1/namespaces/default/configmaps";
const config = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});

test("a created object has its system fields and is read back as it was answered", async () => {
  const created = await call("POST", CONFIGS, config("a", { k: "v" }));
  expect(created.status).toBe(201);
  expect(created.body.metadata).toMatchObject({ name: "a", namespace: "default" });
  expect(created.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  const read = await call("GET", `${CONFIGS}/a`);
  expect(read.body).toEqual(created.body);
});

test("creating what exists is AlreadyExists with the server's message", async () => {
  await call("POST", CONFIGS, config("a"));
  const again = await call("POST", CONFIGS, config("a"));
  expect(again.status).toBe(409);
  expect(again.body).toMatchObject({
    reason: "AlreadyExists",
    message: 'configmaps "a" already exists',
    details: { name: "a", kind: "configmaps" },
  });
});

test("an update of an old version conflicts, an update without change keeps the version", async () => {
  const first = await call("POST", CONFIGS, config("a"));
  const second = await call("PUT", `${CONFIGS}/a`, { ...first.body, data: { x: "1" } });
  expect(second.status).toBe(200);
  const stale = await call("PUT", `${CONFIGS}/a`, { ...first.body, data: { x: "2" } });
  expect(stale.body["message"]).toBe(
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  );
  const same = await call("PUT", `${CONFIGS}/a`, second.body);
  expect(same.body.metadata.resourceVersion).toBe(second.body.metadata.resourceVersion);
});

test("a watch from a list's version sees what follows, in order, and leaving a selector is a deletion", async () => {
  const list = await call("GET", CONFIGS);
  const version = list.body.metadata.resourceVersion ?? "";
  const abort = new AbortController();
  const events = await api.watch({
    method: "GET",
    path: CONFIGS,
    query: { resourceVersion: version, labelSelector: "a=b" },
    signal: abort.signal,
  });
  const created = await call("POST", CONFIGS, {
    ...config("a"),
    metadata: { name: "a", labels: { a: "b" } },
  });
  await call("POST", CONFIGS, config("other"));
  await call("PUT", `${CONFIGS}/a`, { ...created.body, metadata: { ...created.body.metadata, labels: {} } });
  const seen: [string, string][] = [];
  for await (const event of events as AsyncIterable<WatchEvent<KubeObject>>) {
    seen.push([event.type, (event.object as KubeObject).metadata.name]);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual([
    ["ADDED", "a"],
    ["DELETED", "a"],
  ]);
});

test("pages of a list show one state and say how much remains", async () => {
  for (const name of ["a", "b", "c", "d", "e"]) await call("POST", CONFIGS, config(name));
  const first = await call("GET", CONFIGS, undefined, { query: { limit: "2" } });
  // Every namespace also holds the authority's certificate.
  expect(first.body.metadata).toMatchObject({ remainingItemCount: 4 });
  await call("DELETE", `${CONFIGS}/d`);
  const next = (first.body.metadata as { continue?: string }).continue ?? "";
  const rest = await call("GET", CONFIGS, undefined, { query: { limit: "5", continue: next } });
  expect(rest.body["items"].map((item: KubeObject) => item.metadata.name)).toEqual([
    "c",
    "d",
    "e",
    "kube-root-ca.crt",
  ]);
  expect(rest.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
});

test("finalizers hold a deletion until they are gone", async () => {
  await call("POST", CONFIGS, { ...config("a"), metadata: { name: "a", finalizers: ["x.dev/y"] } });
  const deleted = await call("DELETE", `${CONFIGS}/a`);
  expect(deleted.body.metadata.deletionTimestamp).toBeDefined();
  await call(
    "PATCH",
    `${CONFIGS}/a`,
    { metadata: { finalizers: null } },
    { contentType: "application/merge-patch+json" },
  );
  expect((await call("GET", `${CONFIGS}/a`)).status).toBe(404);
});

test("namespaces and definitions end by rules of their own: without grace, at the same generation", async () => {
  const names = { plural: "things", kind: "Thing" };
  const schema = { openAPIV3Schema: { type: "object" } };
  const versions = [{ name: "v1", served: true, storage: true, schema }];
  for (const [path, object] of [
    ["/api/v1/namespaces", { metadata: { name: "held", finalizers: ["a.b/c"] } }],
    [
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      {
        metadata: { name: "things.a.b", finalizers: ["a.b/c"] },
        spec: { group: "a.b", scope: "Namespaced", names, versions },
      },
    ],
  ] as const) {
    const made = await call("POST", path, object);
    const { body } = await call("DELETE", `${path}/${object.metadata.name}`);
    expect(body.metadata.deletionTimestamp).toBeDefined();
    expect(body.metadata).not.toHaveProperty("deletionGracePeriodSeconds");
    expect(body.metadata.generation).toBe(made.body.metadata.generation);
  }
});

test("status is written through its subresource only", async () => {
  const path = "/apis/apps/v1/namespaces/default/deployments";
  const made = await call("POST", path, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { a: "b" } },
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
    status: { replicas: 9 },
  });
  expect(made.body["status"]?.replicas).toBeUndefined();
  const merge = { contentType: "application/merge-patch+json" };
  await call("PATCH", `${path}/d`, { status: { replicas: 3 } }, merge);
  expect((await call("GET", `${path}/d`)).body["status"]?.replicas).toBeUndefined();
  await call("PATCH", `${path}/d/status`, { status: { replicas: 3 } }, merge);
  const read = await call("GET", `${path}/d`);
  expect(read.body["status"].replicas).toBe(3);
  expect(read.body.metadata.generation).toBe(1);
  await call("PATCH", `${path}/d`, { spec: { replicas: 2 } }, merge);
  expect((await call("GET", `${path}/d`)).body.metadata.generation).toBe(2);
  const scale = await call("GET", `${path}/d/scale`);
  expect(scale.body).toMatchObject({ kind: "Scale", spec: { replicas: 2 }, status: { replicas: 3 } });
});

test("an object of the cluster loses a namespace that it names, whether created or applied", async () => {
  const role = (name: string) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name, namespace: "default" },
  });
  const roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
  const created = await call("POST", roles, role("a"));
  expect(created.status).toBe(201);
  expect(created.body.metadata.namespace).toBeUndefined();
  const applied = await call("PATCH", `${roles}/b`, role("b"), {
    contentType: "application/apply-patch+yaml",
    query: { fieldManager: "test" },
  });
  expect(applied.status).toBe(201);
  expect(applied.body.metadata.namespace).toBeUndefined();
});
