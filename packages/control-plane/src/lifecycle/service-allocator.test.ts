import type { ApiRequest, KubeObject, Transport } from "@capstan/kube";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

let plane: TestControlPlane;
let api: Transport;

beforeEach(async () => {
  plane = await testControlPlane();
  api = plane.transport();
});
afterEach(() => plane.close());

const SERVICES = "/api/v1/namespaces/default/services";

async function call(method: ApiRequest["method"], path: string, body?: unknown, contentType?: string) {
  const response = await api.request({
    method,
    path,
    body,
    ...(contentType === undefined ? {} : { contentType }),
  });
  return { status: response.status, body: response.body as KubeObject };
}

function service(name: string, spec: Record<string, unknown> = {}): KubeObject {
  const ports = [{ port: 80 }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { a: "b" }, ports, ...spec },
  };
}

interface Spec {
  clusterIP: string;
  clusterIPs: string[];
  ports: { nodePort?: number }[];
}

const specOf = (object: KubeObject) => object["spec"] as Spec;

test("every service gets an address of its own, also when many are created at once", async () => {
  const created = await Promise.all(
    Array.from({ length: 50 }, (_, index) => call("POST", SERVICES, service(`s-${index}`))),
  );
  const addresses = created.map(({ body }) => specOf(body).clusterIP);
  expect(new Set(addresses).size).toBe(50);
  for (const { body } of created) {
    expect(specOf(body).clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
    expect(body["spec"]).toMatchObject({
      clusterIPs: [specOf(body).clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    });
  }
});

test("an address asked for is given once, and again when its service is gone", async () => {
  const asked = { clusterIP: "10.96.0.77" };
  expect((await call("POST", SERVICES, service("a", asked))).status).toBe(201);
  const refused = await call("POST", SERVICES, service("b", asked));
  expect(refused.status).toBe(422);
  expect(refused.body["message"]).toBe(
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is already allocated',
  );
  await call("DELETE", `${SERVICES}/a`);
  expect((await call("POST", SERVICES, service("b", asked))).status).toBe(201);
});

test("node ports are given, kept over updates, and refused when taken or out of range", async () => {
  const made = await call("POST", SERVICES, service("a", { type: "NodePort" }));
  const [port] = specOf(made.body).ports;
  expect(port?.nodePort).toBeGreaterThanOrEqual(30_000);
  const merge = "application/merge-patch+json";
  const patched = await call("PATCH", `${SERVICES}/a`, { metadata: { labels: { x: "y" } } }, merge);
  expect(specOf(patched.body).ports[0]?.nodePort).toBe(port?.nodePort);
  const taken = await call(
    "POST",
    SERVICES,
    service("b", { type: "NodePort", ports: [{ port: 80, nodePort: port?.nodePort }] }),
  );
  expect(taken.body["message"]).toContain("provided port is already allocated");
  const outside = await call(
    "POST",
    SERVICES,
    service("c", { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] }),
  );
  expect(outside.body["message"]).toContain("The range of valid ports is 30000-32767");
});

test("a refused create gives its address back", async () => {
  const bad = service("UPPER", { clusterIP: "10.96.0.78" });
  expect((await call("POST", SERVICES, bad)).status).toBe(422);
  expect((await call("POST", SERVICES, service("ok", { clusterIP: "10.96.0.78" }))).status).toBe(201);
});
