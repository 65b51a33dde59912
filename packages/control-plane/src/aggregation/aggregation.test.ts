import type { IncomingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { ApiRequest, KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { issueCertificate } from "../server/certificate.js";
import { APISERVICES, SHOP_SERVICES, shopApiService, shopService } from "../testing/shop-api.js";
import { systemRandom } from "../testing/system-runtime.js";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

const HOUR_MS = 3_600_000;
const RESOURCES = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: "shop.test/v1",
  resources: [{ name: "orders", singularName: "order", namespaced: true, kind: "Order", verbs: ["get"] }],
};

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await testControlPlane();
});
afterEach(() => plane.close());

async function call(method: ApiRequest["method"], path: string, body?: unknown) {
  const { status, body: answer } = await plane.transport().request({ method, path, body });
  return { status, body: answer as KubeObject };
}

async function text(path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await plane.transport().stream({ method: "GET", path })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const register = (spec?: object) => call("POST", APISERVICES, shopApiService(spec));
const service = (spec: object) => call("POST", SHOP_SERVICES, shopService(spec));

async function reasonOf(name: string): Promise<string | undefined> {
  const { status } = (await call("GET", `${APISERVICES}/${name}`)).body as KubeObject & {
    status?: { conditions?: { reason: string }[] };
  };
  return status?.conditions?.[0]?.reason;
}

const becomes = (reason: string, name = "v1.shop.test") =>
  vi.waitFor(async () => expect(await reasonOf(name)).toBe(reason));

describe("what the API serves itself", () => {
  it("is registered and available", async () => {
    await becomes("Local", "v1.apps");
    const { metadata } = (await call("GET", `${APISERVICES}/v1.apps`)).body;
    expect(metadata.labels).toEqual({ "kube-aggregator.kubernetes.io/automanaged": "onstart" });
    expect((await call("GET", `${APISERVICES}/v1.apiregistration.k8s.io`)).status).toBe(404);
  });
});

describe("a server that is not there", () => {
  it("is told by what is missing on the way to it", async () => {
    await register();
    await becomes("ServiceNotFound");
    await service({ ports: [{ port: 1234 }] });
    await becomes("ServicePortError");
    await call("DELETE", "/api/v1/namespaces/default/services/shop");
    await service({ ports: [{ port: 443 }] });
    await becomes("EndpointsNotFound");
  });

  it("is 503 for whoever asks it, and stale in discovery", async () => {
    await register();
    await becomes("ServiceNotFound");
    expect((await call("GET", "/apis/shop.test/v1/orders")).status).toBe(503);
    expect((await call("GET", "/apis/shop.test")).body).toMatchObject({ name: "shop.test" });
    await call("DELETE", `${APISERVICES}/v1.shop.test`);
    await vi.waitFor(async () => expect((await call("GET", "/apis/shop.test/v1/orders")).status).toBe(404));
  });
});

describe("a server that is there", () => {
  let backend: Server;
  let ca: string;
  const seen: IncomingHttpHeaders[] = [];
  beforeEach(async () => {
    const now = Date.now();
    const pair = issueCertificate(
      {
        commonName: "shop",
        use: "server",
        hosts: ["shop.default.svc"],
        notBefore: now - HOUR_MS,
        notAfter: now + HOUR_MS,
      },
      systemRandom,
    );
    ca = Buffer.from(pair.certificate).toString("base64");
    backend = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
      seen.push(request.headers);
      response.setHeader("content-type", "application/json");
      if (request.url === "/apis/shop.test/v1") response.end(JSON.stringify(RESOURCES));
      else
        response
          .writeHead(request.url?.startsWith("/apis") ? 200 : 404)
          .end(JSON.stringify({ url: request.url }));
    });
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
    await service({ type: "ExternalName", externalName: "localhost" });
  });
  afterEach(() => {
    backend.closeAllConnections();
    backend.close();
  });
  const reachable = (spec: object = {}) => {
    const { port } = backend.address() as AddressInfo;
    return register({ service: { namespace: "default", name: "shop", port }, ...spec });
  };

  it("is sent requests, with the name of who asks", async () => {
    await reachable({ insecureSkipTLSVerify: false, caBundle: ca });
    await becomes("Passed");
    const answered = await text("/apis/shop.test/v1/namespaces/a/orders/b");
    expect(JSON.parse(answered)).toEqual({ url: "/apis/shop.test/v1/namespaces/a/orders/b" });
    expect(seen.at(-1)).toMatchObject({ "x-remote-user": "kubernetes-admin" });
    expect(seen.at(-1)?.authorization).toBeUndefined();
  });

  it("is asked nothing that the user may not", async () => {
    await reachable();
    await becomes("Passed");
    const path = "/apis/shop.test/v1/namespaces/a/orders";
    const nobody = plane.transport({ name: "nobody", groups: ["system:authenticated"] });
    expect((await nobody.request({ method: "GET", path })).status).toBe(403);
  });

  it("must be certified by the authority that is named", async () => {
    const other = issueCertificate(
      { commonName: "x", use: "authority", notBefore: Date.now(), notAfter: Date.now() + HOUR_MS },
      systemRandom,
    );
    const caBundle = Buffer.from(other.certificate).toString("base64");
    await reachable({ insecureSkipTLSVerify: false, caBundle });
    await becomes("FailedDiscoveryCheck");
  });

  it("is in discovery with its resources", async () => {
    await reachable();
    await becomes("Passed");
    const { body } = await plane.transport().request({
      method: "GET",
      path: "/apis",
      headers: { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" },
    });
    const { items } = body as { items: { metadata: { name: string }; versions: unknown[] }[] };
    expect(items.find(({ metadata }) => metadata.name === "shop.test")?.versions).toMatchObject([
      { version: "v1", freshness: "Current", resources: [{ resource: "orders", scope: "Namespaced" }] },
    ]);
  });
});
