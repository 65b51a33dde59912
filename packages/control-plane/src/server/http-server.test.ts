import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent, request as send } from "node:https";
import { gunzipSync } from "node:zlib";
import { parseYaml } from "@capstan/kube";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, openControlPlane } from "../control-plane.js";
import { systemClock, systemRandom } from "../testing/system-runtime.js";

let plane: ControlPlane;
let agent: Agent;

beforeAll(async () => {
  const tokens = new Map([
    ["admin", { name: "admin", groups: ["system:masters"] }],
    ["nobody", { name: "nobody", groups: [] }],
  ]);
  plane = await openControlPlane({ port: 0, clock: systemClock, random: systemRandom, tokens });
  agent = new Agent({ ca: plane.caPem, keepAlive: true });
});
afterAll(async () => {
  agent.destroy();
  await plane.close();
});

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: () => any;
}

interface Options {
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string | string[]>;
  readonly agent?: Agent;
}

function open(method: string, path: string, options: Options = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: "Bearer admin", ...options.headers };
    const request = send(plane.url + path, { method, headers, agent: options.agent ?? agent }, resolve);
    request.on("error", reject);
    request.end(options.body);
  });
}

async function call(method: string, path: string, options: Options = {}): Promise<Reply> {
  const response = await open(method, path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, bytes, json: () => JSON.parse(bytes.toString()) };
}

const CONFIGS = "/api/v1/namespaces/default/configmaps";
const JSON_TYPE = { "content-type": "application/json" };
const config = (name: string, data = {}) => JSON.stringify({ metadata: { name }, data });

describe("who may ask", () => {
  test.each([
    ["no credentials", { authorization: "" }],
    ["a token nobody issued", { authorization: "Bearer guess" }],
    ["another scheme", { authorization: "Basic YWRtaW46" }],
  ])("%s gets 401 and nothing else", async (_what, headers) => {
    for (const path of [CONFIGS, "/nowhere", "/api", "/metrics"]) {
      const reply = await call("GET", path, { headers });
      expect(reply.status).toBe(401);
      expect(reply.json()).toMatchObject({
        kind: "Status",
        reason: "Unauthorized",
        message: "Unauthorized",
        code: 401,
      });
    }
  });

  test("a user without roles is refused in the API's words", async () => {
    const reply = await call("GET", `${CONFIGS}/x`, { headers: { authorization: "Bearer nobody" } });
    expect(reply.status).toBe(403);
    expect(reply.json().message).toBe(
      'configmaps "x" is forbidden: User "nobody" cannot get resource "configmaps" in API group "" in the namespace "default"',
    );
  });

  test("the kubeconfig's client certificate is the administrator", async () => {
    const { users } = parseYaml(plane.kubeconfig) as { users: { user: Record<string, string> }[] };
    const user = users[0]?.user ?? {};
    const pem = (name: string) => Buffer.from(user[name] ?? "", "base64").toString();
    const certified = new Agent({
      ca: plane.caPem,
      cert: pem("client-certificate-data"),
      key: pem("client-key-data"),
    });
    const body = JSON.stringify({ kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1" });
    const reply = await call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      agent: certified,
      headers: { authorization: "", ...JSON_TYPE },
      body,
    });
    expect(reply.status).toBe(201);
    expect(reply.json().status.userInfo).toMatchObject({
      username: "kubernetes-admin",
      groups: ["system:masters", "system:authenticated"],
    });
    certified.destroy();
  });

  test("the administrator may act as somebody else, who then is refused", async () => {
    const headers = { "impersonate-user": "bob", "impersonate-group": ["a", "b"] };
    const reply = await call("GET", CONFIGS, { headers });
    expect(reply.status).toBe(403);
    expect(reply.json().message).toContain('User "bob" cannot list');
    const without = await call("GET", CONFIGS, { headers: { "impersonate-group": "a" } });
    expect(without.status).toBe(400);
  });

  test("a service account's token is accepted until the account is gone", async () => {
    const accounts = "/api/v1/namespaces/default/serviceaccounts";
    await call("POST", accounts, { body: config("robot"), headers: JSON_TYPE });
    const body = JSON.stringify({ spec: { expirationSeconds: 600 } });
    const issued = await call("POST", `${accounts}/robot/token`, { body, headers: JSON_TYPE });
    expect(issued.status).toBe(201);
    const headers = { authorization: `Bearer ${issued.json().status.token}` };
    const refused = await call("GET", CONFIGS, { headers });
    expect(refused.json().message).toContain('User "system:serviceaccount:default:robot" cannot list');
    await call("DELETE", `${accounts}/robot`);
    expect((await call("GET", CONFIGS, { headers })).status).toBe(401);
  });
});

describe("what goes over the wire", () => {
  test("JSON is compact for programs and indented for people", async () => {
    await call("POST", CONFIGS, { body: config("shape"), headers: JSON_TYPE });
    const compact = await call("GET", `${CONFIGS}/shape`);
    expect(compact.bytes.toString()).toMatch(/^\{"kind":"ConfigMap","apiVersion":"v1",.*\}\n$/);
    for (const options of [{ headers: { "user-agent": "curl/8" } }, {}]) {
      const path = "headers" in options ? `${CONFIGS}/shape` : `${CONFIGS}/shape?pretty=true`;
      expect((await call("GET", path, options)).bytes.toString()).toContain('\n  "metadata": {');
    }
  });

  test("YAML bodies and answers", async () => {
    const body = "metadata:\n  name: yaml\ndata:\n  a: b\n";
    const made = await call("POST", CONFIGS, { body, headers: { "content-type": "application/yaml" } });
    expect(made.status).toBe(201);
    const read = await call("GET", `${CONFIGS}/yaml`, { headers: { accept: "application/yaml" } });
    expect(read.headers["content-type"]).toBe("application/yaml");
    expect(parseYaml(read.bytes.toString())).toMatchObject({ kind: "ConfigMap", data: { a: "b" } });
  });

  test("large answers are compressed for those who take it", async () => {
    await call("POST", CONFIGS, { body: config("large", { text: "x".repeat(200_000) }), headers: JSON_TYPE });
    const reply = await call("GET", `${CONFIGS}/large`, { headers: { "accept-encoding": "gzip" } });
    expect(reply.headers["content-encoding"]).toBe("gzip");
    expect(JSON.parse(gunzipSync(reply.bytes).toString()).data.text).toHaveLength(200_000);
  });

  test("a body above three megabytes is 413, an unknown media type 415, an unacceptable answer 406", async () => {
    const body = Buffer.alloc(3 * 1024 * 1024 + 1, 32);
    expect((await call("POST", CONFIGS, { body, headers: JSON_TYPE })).status).toBe(413);
    const text = await call("POST", CONFIGS, { body: "x", headers: { "content-type": "text/plain" } });
    expect(text.status).toBe(415);
    const image = await call("GET", `${CONFIGS}/shape`, { headers: { accept: "image/png" } });
    expect(image.status).toBe(406);
    expect(image.json().message).toBe(
      "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
    );
  });

  test("unknown fields are warned of, refused, or passed over", async () => {
    const body = (name: string) => JSON.stringify({ metadata: { name }, unknown: 1, data: { a: "1" } });
    const warned = await call("POST", CONFIGS, { body: body("warned"), headers: JSON_TYPE });
    expect(warned.status).toBe(201);
    expect(warned.headers["warning"]).toBe('299 - "unknown field \\"unknown\\""');
    const strict = await call("POST", `${CONFIGS}?fieldValidation=Strict`, {
      body: body("strict"),
      headers: JSON_TYPE,
    });
    expect(strict.status).toBe(400);
    expect(strict.json().message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "unknown"',
    );
    const ignored = await call("POST", `${CONFIGS}?fieldValidation=Ignore`, {
      body: body("ignored"),
      headers: JSON_TYPE,
    });
    expect(ignored.headers["warning"]).toBeUndefined();
  });

  test("a watch sends its headers at once, its events as lines, and ends in time", async () => {
    const list = (await call("GET", CONFIGS)).json();
    const version = list.metadata.resourceVersion;
    const watch = await open("GET", `${CONFIGS}?watch=true&timeoutSeconds=1&resourceVersion=${version}`);
    expect(watch.statusCode).toBe(200);
    await call("POST", CONFIGS, { body: config("watched"), headers: JSON_TYPE });
    await call("DELETE", `${CONFIGS}/watched`);
    let text = "";
    for await (const chunk of watch) text += chunk;
    const events = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map((event) => [event.type, event.object.metadata.name])).toEqual([
      ["ADDED", "watched"],
      ["DELETED", "watched"],
    ]);
    const [added, deleted] = events.map((event) => Number(event.object.metadata.resourceVersion));
    expect(deleted).toBeGreaterThan(added ?? 0);
  });

  test("protobuf goes in and out", async () => {
    const accept = { accept: "application/vnd.kubernetes.protobuf" };
    const read = await call("GET", `${CONFIGS}/shape`, { headers: accept });
    expect(read.bytes.subarray(0, 4).toString("latin1")).toBe("k8s\0");
    const put = await call("PUT", `${CONFIGS}/shape`, {
      body: read.bytes,
      headers: { "content-type": "application/vnd.kubernetes.protobuf" },
    });
    expect(put.status).toBe(200);
  });
});

describe("hostile input", () => {
  const prefixes = ["", "{", "[", "null", "1", '"x"', '{"metadata":1}', '{"metadata":{"name":1}}', "\u0000"];
  const shapes = [
    ...prefixes,
    '{"__proto__":{"polluted":true},"metadata":{"name":"p","__proto__":{"x":1}}}',
    '{"constructor":{"prototype":{"polluted":true}},"metadata":{"name":"c"}}',
    `${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    `{"metadata":{"name":"deep"},"data":${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}}`,
    "a: &a [*a]",
  ];
  const types = [
    ["POST", CONFIGS, "application/json"],
    ["POST", CONFIGS, "application/yaml"],
    ["POST", CONFIGS, "application/vnd.kubernetes.protobuf"],
    ["PUT", `${CONFIGS}/shape`, "application/json"],
    ["PATCH", `${CONFIGS}/shape`, "application/json-patch+json"],
    ["PATCH", `${CONFIGS}/shape`, "application/merge-patch+json"],
    ["PATCH", `${CONFIGS}/shape`, "application/strategic-merge-patch+json"],
    ["PATCH", `${CONFIGS}/shape?fieldManager=m`, "application/apply-patch+yaml"],
    ["DELETE", `${CONFIGS}/absent`, "application/json"],
  ] as const;

  test.each(types)("%s %s as %s never answers 500", async (method, path, contentType) => {
    for (const body of shapes) {
      const reply = await call(method, path, { body, headers: { "content-type": contentType } });
      expect(reply.status, `${body.slice(0, 60)} → ${reply.bytes.toString().slice(0, 200)}`).not.toBe(500);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    "/api/v1/namespaces/%ff/configmaps",
    "/api/v1/namespaces/default/configmaps/..%2f..%2fx",
    "/api/v1/namespaces/default/configmaps?limit=x",
    "/api/v1/namespaces/default/configmaps?continue=%00",
    "/api/v1/namespaces/default/configmaps?labelSelector=((",
    "/api/v1/namespaces/default/configmaps?fieldSelector=spec.none=1",
    "/api/v1/namespaces/default/configmaps?resourceVersion=-1",
    "/api/v1/namespaces/default/configmaps/shape/nothing",
    "/apis/apps/v1/nothing",
    "/apis/nothing.example.com/v1/things",
  ])("GET %s is a client's error", async (path) => {
    const { status } = await call("GET", path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

test("health, version and metrics", async () => {
  expect((await call("GET", "/livez")).bytes.toString()).toBe("ok");
  expect((await call("GET", "/readyz?verbose")).bytes.toString()).toMatch(
    /\[\+\]ping ok[\s\S]*readyz check passed\n$/,
  );
  expect((await call("GET", "/version")).json()).toMatchObject({ major: "1", minor: "35" });
  expect((await call("GET", "/metrics")).bytes.toString()).toContain("apiserver_request_total{");
});

test("who asks for a shell in a pod is told why there is none", async () => {
  const pod = { metadata: { name: "p" }, spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] } };
  const pods = "/api/v1/namespaces/default/pods";
  await call("POST", pods, { headers: JSON_TYPE, body: JSON.stringify(pod) });
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": Buffer.alloc(16).toString("base64"),
  };
  const told = await call("GET", `${pods}/p/exec?command=sh`, { headers });
  expect(told.status).toBe(400);
  expect(told.json().message).toBe("pod p is simulated: no process runs in it that exec could reach");
  expect((await call("GET", `${pods}/q/exec?command=sh`, { headers })).status).toBe(404);
  expect((await call("GET", CONFIGS, { headers })).status).toBe(400);
  const unknown = { ...headers, authorization: "Bearer guess" };
  expect((await call("GET", `${pods}/p/exec`, { headers: unknown })).status).toBe(401);
});
