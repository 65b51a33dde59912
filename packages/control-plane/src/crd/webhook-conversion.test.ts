import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { KubeObject, Transport, WatchEvent } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { issueCertificate } from "../server/certificate.js";
import { systemClock, systemRandom } from "../testing/system-runtime.js";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

const HOUR_MS = 3_600_000;
const certificate = issueCertificate(
  {
    commonName: "localhost",
    use: "server",
    hosts: ["localhost", "127.0.0.1"],
    notBefore: Date.now() - HOUR_MS,
    notAfter: Date.now() + HOUR_MS,
  },
  systemRandom,
);

interface Host extends KubeObject {
  readonly hostPort?: string;
  readonly host?: string;
  readonly port?: string;
}

/** `hostPort` of v1 is `host` and `port` of v2. */
function converted(object: Host, to: string): Host {
  const { hostPort, host, port, ...rest } = object;
  if (to === "example.com/v2") {
    const [h = "", p = ""] = (hostPort ?? "").split(":");
    return { ...rest, apiVersion: to, host: h, port: p };
  }
  return { ...rest, apiVersion: to, hostPort: `${host}:${port}` };
}

let plane: TestControlPlane;
let api: Transport;
let webhook: Server;
let calls: number;
/** What went wrong inside without anybody being answered. */
let failures: string[];
let answer: ((objects: readonly Host[], to: string) => Record<string, unknown>) | undefined;

beforeEach(async () => {
  calls = 0;
  answer = undefined;
  webhook = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      calls++;
      const review = JSON.parse(body) as {
        request: { uid: string; desiredAPIVersion: string; objects: Host[] };
      };
      const { uid, desiredAPIVersion, objects } = review.request;
      const good = {
        result: { status: "Success" },
        convertedObjects: objects.map((object) => converted(object, desiredAPIVersion)),
      };
      const given = answer?.(objects, desiredAPIVersion) ?? good;
      response.end(JSON.stringify({ ...review, response: { uid, ...given } }));
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
  failures = [];
  plane = await testControlPlane({
    // What waits is looked at again soon.
    clock: { ...systemClock, after: (ms, again) => systemClock.after(ms === 5_000 ? 50 : ms, again) },
    onFailure: (part, subject, error) => void failures.push(`${part} ${subject}: ${String(error)}`),
  });
  api = plane.transport();
  await define();
});
afterEach(async () => {
  await plane.close();
  await new Promise((resolve) => webhook.close(resolve));
});

async function define(): Promise<void> {
  const { port } = webhook.address() as AddressInfo;
  const properties = (names: string[]) => ({
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
  });
  const version = (name: string, storage: boolean, fields: string[]) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: properties(fields) },
    selectableFields: fields.map((field) => ({ jsonPath: `.${field}` })),
  });
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "hosts.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "hosts", kind: "Host" },
      versions: [version("v1", true, ["hostPort"]), version("v2", false, ["host", "port"])],
      conversion: {
        strategy: "Webhook",
        webhook: {
          conversionReviewVersions: ["v1"],
          clientConfig: {
            url: `https://127.0.0.1:${port}/convert`,
            caBundle: Buffer.from(certificate.certificate).toString("base64"),
          },
        },
      },
    },
  };
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  expect((await api.request({ method: "POST", path, body: crd })).status).toBe(201);
  await vi.waitFor(async () =>
    expect((await api.request({ method: "GET", path: at("v2") })).status).toBe(200),
  );
}

const at = (version: string, name = "") =>
  `/apis/example.com/${version}/namespaces/default/hosts${name === "" ? "" : `/${name}`}`;

async function send(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
): Promise<any> {
  const contentType = method === "PATCH" ? { contentType: "application/merge-patch+json" } : {};
  return (await api.request({ method, path, body, ...contentType })).body;
}

const host = (version: string, name: string, fields: Record<string, string>) => ({
  apiVersion: `example.com/${version}`,
  kind: "Host",
  metadata: { name },
  ...fields,
});

test("an object is read, written and patched at either version", async () => {
  await send("POST", at("v1"), host("v1", "a", { hostPort: "h:1" }));
  expect(await send("GET", at("v2", "a"))).toMatchObject({
    apiVersion: "example.com/v2",
    host: "h",
    port: "1",
  });
  const created = await send("POST", at("v2"), host("v2", "b", { host: "x", port: "2" }));
  expect(created).toMatchObject({ apiVersion: "example.com/v2", host: "x", port: "2" });
  expect(await send("GET", at("v1", "b"))).toMatchObject({
    hostPort: "x:2",
    metadata: { uid: created.metadata.uid },
  });
  expect(await send("PATCH", at("v2", "a"), { port: "9" })).toMatchObject({ host: "h", port: "9" });
  expect(await send("GET", at("v1", "a"))).toMatchObject({ hostPort: "h:9" });
});

test("a list is converted in one call, and its fields can be selected at each version", async () => {
  await send("POST", at("v1"), host("v1", "a", { hostPort: "h:1" }));
  await send("POST", at("v2"), host("v2", "b", { host: "x", port: "2" }));
  await send("POST", at("v1"), host("v1", "c", { hostPort: "h:3" }));
  const before = calls;
  const list = await send("GET", at("v2"));
  expect(list.items.map(({ host: h, port }: Host) => `${h}:${port}`)).toEqual(["h:1", "x:2", "h:3"]);
  expect(calls - before).toBeLessThanOrEqual(1);
  const selected = await api.request({ method: "GET", path: at("v2"), query: { fieldSelector: "host=h" } });
  const { items } = selected.body as { items: Host[] };
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["a", "c"]);
});

test("a watch sees the state and every change at its version, in order", async () => {
  await send("POST", at("v1"), host("v1", "a", { hostPort: "h:1" }));
  const abort = new AbortController();
  const events = await api.watch({ method: "GET", path: at("v2"), signal: abort.signal });
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { type, object } of events as AsyncIterable<WatchEvent>) {
      const { host: h, port } = object as Host;
      seen.push(`${type} ${h}:${port}`);
      if (type === "DELETED") return;
    }
  })();
  await send("PATCH", at("v1", "a"), { hostPort: "h:2" });
  await send("PATCH", at("v2", "a"), { port: "3" });
  await send("DELETE", at("v1", "a"));
  await reading;
  abort.abort();
  expect(seen).toEqual(["ADDED h:1", "MODIFIED h:2", "MODIFIED h:3", "DELETED h:3"]);
});

test.each([
  [
    "refuses",
    () => ({ result: { status: "Failure", message: "no idea" } }),
    "conversion webhook for example.com/v1, Kind=Host failed: no idea",
  ],
  [
    "answers with too few",
    () => ({ result: { status: "Success" }, convertedObjects: [] }),
    "conversion webhook for example.com/v1, Kind=Host failed: webhook returned 0 objects, expected 1",
  ],
  [
    "gives another object's name",
    (objects: readonly Host[], to: string) => ({
      result: { status: "Success" },
      convertedObjects: objects.map((object) =>
        converted({ ...object, metadata: { ...object.metadata, name: "other" } }, to),
      ),
    }),
    "conversion webhook for example.com/v1, Kind=Host returned invalid object: must have the same name: a != other",
  ],
])("a webhook that %s fails the request, and nothing but that", async (_what, bad, message) => {
  await send("POST", at("v1"), host("v1", "a", { hostPort: "h:1" }));
  answer = bad;
  expect(await send("GET", at("v2", "a"))).toMatchObject({ kind: "Status", code: 500, message });
  expect(await send("GET", at("v1", "a"))).toMatchObject({ hostPort: "h:1" });
  answer = undefined;
  expect(await send("GET", at("v2", "a"))).toMatchObject({ host: "h", port: "1" });
});

test("who an object belongs to does not depend on the webhook", async () => {
  await send("POST", at("v1"), host("v1", "a", { hostPort: "h:1" }));
  const before = await send("GET", at("v1", "a"));
  answer = (objects, to) => ({
    result: { status: "Success" },
    convertedObjects: objects.map((object) => ({
      ...converted(object, to),
      metadata: { ...object.metadata, labels: { seen: "yes" }, finalizers: ["stolen"], generation: 99 },
    })),
  });
  const { metadata } = await send("GET", at("v2", "a"));
  expect(metadata).toEqual({ ...before.metadata, labels: { seen: "yes" } });
});

describe("objects that nobody converts any more", () => {
  const DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/hosts.example.com";
  const says = (path: string, condition: object) =>
    vi.waitFor(async () => {
      const { status } = await send("GET", path);
      const { type } = condition as { type?: string };
      const found = status.conditions?.find((each: { type: string }) => each.type === type);
      expect(found).toMatchObject(condition);
    });
  const gone = (path: string) =>
    vi.waitFor(async () => expect((await api.request({ method: "GET", path })).status).toBe(404));
  const FAILED = "conversion webhook for example.com/v1, Kind=Host failed: no idea";

  it("hold their namespace, which says so and goes once they are", async () => {
    await send("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "team" },
    });
    const body = host("v1", "a", { hostPort: "h:1" });
    await send("POST", at("v1").replace("default", "team"), body);
    answer = () => ({ result: { status: "Failure", message: "no idea" } });
    await send("DELETE", "/api/v1/namespaces/team");
    await says("/api/v1/namespaces/team", {
      type: "NamespaceDeletionContentFailure",
      status: "True",
      reason: "ContentDeletionFailed",
      message: `Failed to delete all resource types, 1 remaining: ${FAILED}`,
    });
    await says("/api/v1/namespaces/team", { type: "NamespaceContentRemaining", status: "False" });
    expect(failures).toEqual([]);
    answer = undefined;
    await gone("/api/v1/namespaces/team");
  });

  it("hold their definition, which says so and goes once they are", async () => {
    await send("POST", at("v1"), host("v1", "a", { hostPort: "h:1" }));
    const { spec } = await send("GET", DEFINITION);
    const versions = spec.versions.map((each: { name: string }) => ({
      ...each,
      storage: each.name === "v2",
    }));
    await send("PATCH", DEFINITION, { spec: { versions } });
    answer = () => ({ result: { status: "Failure", message: "no idea" } });
    await send("DELETE", DEFINITION);
    await says(DEFINITION, {
      type: "Terminating",
      status: "True",
      reason: "InstanceDeletionFailed",
      message: `could not list instances: ${FAILED}`,
    });
    expect(failures).toEqual([]);
    await send("PATCH", DEFINITION, { spec: { conversion: { strategy: "None", webhook: null } } });
    await gone(DEFINITION);
  });

  it("go with their definition where they are what it stores", async () => {
    await send("POST", at("v1"), host("v1", "a", { hostPort: "h:1" }));
    answer = () => ({ result: { status: "Failure", message: "no idea" } });
    await send("DELETE", DEFINITION);
    await gone(DEFINITION);
  });
});
