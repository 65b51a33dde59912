import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { ApiRequest, Clock, KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ObjectCodec } from "../handler/object-codec.js";
import { ObjectStorage } from "../handler/object-storage.js";
import { issueCertificate } from "../server/certificate.js";
import { MemoryStore } from "../store/memory-store.js";
import { APISERVICES, SHOP_SERVICES, shopApiService, shopService } from "../testing/shop-api.js";
import { systemRandom } from "../testing/system-runtime.js";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";
import type { NamespaceCondition } from "./namespace-conditions.js";
import { NamespaceContent } from "./namespace-content.js";

const HOUR_MS = 3_600_000;
const NOW = Date.now();
const certificate = issueCertificate(
  {
    commonName: "shop",
    use: "server",
    hosts: ["localhost"],
    notBefore: NOW - HOUR_MS,
    notAfter: NOW + HOUR_MS,
  },
  systemRandom,
);

interface Asked {
  readonly method: string;
  readonly url: string;
}
type Reply = readonly [code: number, body: unknown];

let plane: TestControlPlane;
let backend: Server;
let verbs: string[];
let asked: Asked[];
let orders: Map<string, readonly string[]>;
let reply: (asked: Asked) => Reply | undefined;

/** What a server does that keeps orders: in namespace `team` alone. */
function kept({ method, url }: Asked): Reply {
  const name = url.slice("/apis/shop.test/v1/namespaces/team/orders/".length);
  const gone = method === "DELETE" ? [...orders.keys()].filter((each) => name === "" || each === name) : [];
  for (const each of gone) if (orders.get(each)?.length === 0) orders.delete(each);
  const items = [...orders].map(([each, finalizers]) => ({ metadata: { name: each, finalizers } }));
  return [200, { kind: "OrderList", apiVersion: "shop.test/v1", items }];
}

beforeEach(async () => {
  plane = await testControlPlane();
  verbs = ["get", "list", "delete", "deletecollection"];
  asked = [];
  orders = new Map([
    ["one", []],
    ["two", []],
  ]);
  reply = () => undefined;
  backend = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    const { method = "", url = "" } = request;
    const resource = { name: "orders", singularName: "order", namespaced: true, kind: "Order", verbs };
    const resources = [resource, { ...resource, name: "orders/status" }];
    const orderly = url.includes("/namespaces/team/orders");
    if (orderly) asked.push({ method, url });
    const [code, body] = orderly
      ? (reply({ method, url }) ?? kept({ method, url }))
      : url === "/apis/shop.test/v1"
        ? [200, { kind: "APIResourceList", apiVersion: "v1", groupVersion: "shop.test/v1", resources }]
        : [200, { items: [] }];
    const type = typeof body === "string" ? "text/plain" : "application/json";
    response.writeHead(code, { "content-type": type });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await plane.close();
  backend.closeAllConnections();
  backend.close();
});

async function call(method: ApiRequest["method"], path: string, body?: unknown) {
  const { status, body: answer } = await plane.transport().request({ method, path, body });
  return { status, body: answer as KubeObject };
}

/** Registers the server's API and waits until its state is `reason`. */
async function register(reason: string, spec: object = {}): Promise<void> {
  await call("POST", SHOP_SERVICES, shopService({ type: "ExternalName", externalName: "localhost" }));
  const { port } = backend.address() as AddressInfo;
  const service = { namespace: "default", name: "shop", port };
  await call("POST", APISERVICES, shopApiService({ service, ...spec }));
  await vi.waitFor(async () => {
    const { status } = (await call("GET", `${APISERVICES}/v1.shop.test`)).body as KubeObject & {
      status?: { conditions?: readonly NamespaceCondition[] };
    };
    expect(status?.conditions?.[0]?.reason).toBe(reason);
  });
}

const TEAM = "/api/v1/namespaces/team";

async function deleteTeam(): Promise<void> {
  await call("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "team" },
  });
  await call("DELETE", TEAM);
}

const gone = () => vi.waitFor(async () => expect((await call("GET", TEAM)).status).toBe(404));

/** Waits until the namespace says this of itself. */
const says = (type: string, status: string, reason: string, message: string) =>
  vi.waitFor(async () => {
    const { conditions = [] } = (await call("GET", TEAM)).body["status"] as {
      conditions?: readonly NamespaceCondition[];
    };
    const found = conditions.find((each) => each.type === type);
    expect(found).toMatchObject({ status, reason, message });
  });

const saysFailed = (message: string) =>
  says("NamespaceDeletionContentFailure", "True", "ContentDeletionFailed", message);

describe("a namespace with objects of another server", () => {
  it("takes them with it", async () => {
    await register("Passed");
    await deleteTeam();
    await gone();
    expect([...orders.keys()]).toEqual([]);
    expect(asked[0]).toEqual({ method: "DELETE", url: "/apis/shop.test/v1/namespaces/team/orders" });
    expect(asked.some(({ url }) => url.includes("status"))).toBe(false);
  });

  it("takes them one by one where the server deletes no collections", async () => {
    verbs = ["list", "delete"];
    await register("Passed");
    await deleteTeam();
    await gone();
    expect([...orders.keys()]).toEqual([]);
    expect(asked.filter(({ method }) => method === "DELETE").map(({ url }) => url.split("/").at(-1))).toEqual(
      ["one", "two"],
    );
  });

  it("takes them one by one where the server turns out to delete no collections", async () => {
    reply = ({ method, url }) => (method === "DELETE" && url.endsWith("/orders") ? [405, {}] : undefined);
    await register("Passed");
    await deleteTeam();
    await gone();
    expect([...orders.keys()]).toEqual([]);
  });

  it("leaves alone what cannot be deleted", async () => {
    verbs = ["get", "list"];
    await register("Passed");
    await deleteTeam();
    await gone();
    expect(asked).toEqual([]);
  });

  it("waits for what their finalizers hold, and names them", async () => {
    orders.set("one", ["shop.test/hold"]);
    await register("Passed");
    await deleteTeam();
    await says(
      "NamespaceContentRemaining",
      "True",
      "SomeResourcesRemain",
      "Some resources are remaining: orders.shop.test has 1 resource instances",
    );
    await says(
      "NamespaceFinalizersRemaining",
      "True",
      "SomeFinalizersRemain",
      "Some content in the namespace has finalizers remaining: shop.test/hold in 1 resource instances",
    );
    await says(
      "NamespaceDeletionContentFailure",
      "False",
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    );
  });

  it("says what stays though nothing holds it", async () => {
    reply = ({ method }) => (method === "DELETE" ? [200, {}] : undefined);
    await register("Passed");
    await deleteTeam();
    await saysFailed(
      "Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: team for gvr: shop.test/v1, Resource=orders",
    );
  });
});

describe("a server that does not delete", () => {
  it.each([
    [500, { kind: "Status", status: "Failure", message: "no room" }, "no room"],
    [503, "nope\n", "the server is currently unable to handle the request"],
    [500, "boom\n", 'an error on the server ("boom") has prevented the request from succeeding'],
    [418, {}, "the server responded with the status code 418 but did not return more information"],
  ])("is told of by its answer %i %j", async (code, body, message) => {
    reply = () => [code, body];
    await register("Passed");
    await deleteTeam();
    await saysFailed(`Failed to delete all resource types, 1 remaining: ${message}`);
    await says(
      "NamespaceDeletionDiscoveryFailure",
      "False",
      "ResourcesDiscovered",
      "All resources successfully discovered",
    );
  });

  it("is asked again only after a pause, also where it says something else every time", async () => {
    let count = 0;
    reply = () => [500, { kind: "Status", status: "Failure", message: `failure ${++count}` }];
    await register("Passed");
    await deleteTeam();
    await saysFailed(expect.stringContaining("1 remaining: failure"));
    const before = count;
    for (let turn = 0; turn < 100; turn++) await new Promise((resume) => setImmediate(resume));
    expect(count - before).toBeLessThanOrEqual(1);
  });

  it("holds the namespace where it is not even there, after all else was deleted", async () => {
    await register("ServiceNotFound", { service: { namespace: "default", name: "none" } });
    await deleteTeam();
    await says(
      "NamespaceDeletionDiscoveryFailure",
      "True",
      "DiscoveryFailed",
      "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: " +
        "shop.test/v1: stale GroupVersion discovery: shop.test/v1",
    );
    await says("NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed");
    await call("DELETE", "/apis/apiregistration.k8s.io/v1/apiservices/v1.shop.test");
    await gone();
  });
});

describe("a server that never answers", () => {
  it("is given up on, and so it is when the control plane closes", async () => {
    const timers: (() => void)[] = [];
    const after: Clock["after"] = (_ms, callback) => {
      timers.push(callback);
      return () => undefined;
    };
    const clock: Clock = { now: () => 0, after };
    const closing = new AbortController();
    const transport = {
      ...plane.transport(),
      request: ({ signal }: ApiRequest) =>
        new Promise<never>((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    };
    const content = new NamespaceContent({
      objects: new ObjectStorage(new MemoryStore(), new ObjectCodec()),
      transport: transport as never,
      clock,
      closing: closing.signal,
    });
    const resource = { group: "shop.test", version: "v1", resource: "orders", verbs };
    const first = content.empty(resource, "team");
    timers[0]?.();
    expect(await first).toEqual({
      failure: "Timeout: request did not complete within the allotted timeout",
    });
    const second = content.empty(resource, "team");
    closing.abort();
    expect((await second).failure).toBeDefined();
  });
});

it("conditions of others stay with a namespace that terminates", async () => {
  await call("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "team" },
  });
  const condition = { type: "Mine", status: "True", reason: "Because", message: "of that" };
  await plane.transport().request({
    method: "PATCH",
    path: `${TEAM}/status`,
    contentType: "application/merge-patch+json",
    body: { status: { conditions: [condition] } },
  });
  const held = { name: "held", namespace: "team", finalizers: ["example.com/hold"] };
  await call("POST", `${TEAM}/configmaps`, { apiVersion: "v1", kind: "ConfigMap", metadata: held });
  await call("DELETE", TEAM);
  await says(
    "NamespaceContentRemaining",
    "True",
    "SomeResourcesRemain",
    "Some resources are remaining: configmaps. has 1 resource instances",
  );
  await says("Mine", "True", "Because", "of that");
});
