import type { KubeObject, Transport } from "@capstan/kube";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

const QUOTAS = "/api/v1/namespaces/default/resourcequotas";
const CONFIGS = "/api/v1/namespaces/default/configmaps";

let plane: TestControlPlane;
let api: Transport;

beforeEach(async () => {
  plane = await testControlPlane();
  api = plane.transport();
});
afterEach(() => plane.close());

async function call(method: "GET" | "POST" | "DELETE" | "PUT", path: string, body?: unknown) {
  return (await api.request({ method, path, body })).body as KubeObject;
}

const quota = (hard: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "q" },
  spec: { hard },
});
const config = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
const status = (expected: unknown) =>
  vi.waitFor(async () => expect((await call("GET", `${QUOTAS}/q`))["status"]).toEqual(expected));

test("a quota says what it allows and what is used, as that changes", async () => {
  await call("POST", CONFIGS, config("a"));
  const hard = { "count/configmaps": "5", "requests.cpu": "2", pods: "3" };
  await call("POST", QUOTAS, quota(hard));
  // Every namespace has the authority's certificate beside.
  await status({ hard, used: { "count/configmaps": "2", pods: "0", "requests.cpu": "0" } });
  await call("POST", CONFIGS, config("b"));
  await call("POST", "/api/v1/namespaces/default/pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "250m" } } }] },
  });
  await status({ hard, used: { "count/configmaps": "3", pods: "1", "requests.cpu": "250m" } });
  await call("DELETE", `${CONFIGS}/a`);
  await status({ hard, used: { "count/configmaps": "2", pods: "1", "requests.cpu": "250m" } });
});

test("what a quota no longer limits leaves its status", async () => {
  await call("POST", QUOTAS, quota({ pods: "3", services: "1" }));
  await status({ hard: { pods: "3", services: "1" }, used: { pods: "0", services: "1" } });
  const found = await call("GET", `${QUOTAS}/q`);
  await call("PUT", `${QUOTAS}/q`, { ...found, spec: { hard: { pods: "4" } } });
  await status({ hard: { pods: "4" }, used: { pods: "0" } });
});
