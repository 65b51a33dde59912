import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request as send } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, openControlPlane } from "../control-plane.js";
import { systemClock, systemRandom } from "../testing/system-runtime.js";
import { openAuditFile } from "./audit-file.js";
import { AuditPolicyError, parseAuditPolicy } from "./audit-policy.js";

const POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
- level: None
  users: ["system:apiserver"]
- level: None
  users: [jane]
- level: RequestResponse
  namespaces: [staged]
- level: None
  verbs: [list]
  resources: [{group: "", resources: [configmaps]}]
- level: RequestResponse
  resources: [{group: "", resources: [configmaps, secrets, serviceaccounts/token]}]
- level: Metadata
  nonResourceURLs: ["/version"]
- level: Metadata
  resources: [{group: "", resources: ["*"]}]
`;

interface Event {
  readonly level: string;
  readonly auditID: string;
  readonly stage: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: { readonly username?: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: Readonly<Record<string, string>>;
  readonly responseStatus: { readonly code: number; readonly reason?: string };
  readonly requestObject?: Readonly<Record<string, unknown>>;
  readonly responseObject?: { readonly metadata: Readonly<Record<string, unknown>> };
  readonly annotations?: Readonly<Record<string, string>>;
}

describe("the audit log", () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-audit-"));
  const path = join(directory, "audit.log");
  let plane: ControlPlane;

  beforeAll(async () => {
    const tokens = new Map([
      ["admin", { name: "admin", groups: ["system:masters"] }],
      ["nobody", { name: "nobody", groups: [] }],
    ]);
    const audit = {
      path,
      policy: parseAuditPolicy(POLICY, "policy.yaml"),
      maxBytes: 1e6,
      maxBackups: 1,
      onFailure: (error: unknown) => expect.unreachable(String(error)),
    };
    plane = await openControlPlane({ port: 0, clock: systemClock, random: systemRandom, tokens, audit });
    const json = { "content-type": "application/json" };
    const staged = "/api/v1/namespaces/staged/configmaps";
    const config = (name: string) => JSON.stringify({ metadata: { name, labels: { own: "yes" } } });
    await plane
      .transport()
      .request({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "staged" } } });
    const secret = JSON.stringify({ metadata: { name: "s" }, stringData: { password: "hunter2" } });
    await call("POST", "/api/v1/namespaces/default/configmaps", "admin", json, '{"metadata":{"name":"a"}}');
    await call("GET", "/api/v1/namespaces/default/configmaps", "admin");
    await call("POST", "/api/v1/namespaces/default/secrets", "admin", json, secret);
    await call("GET", "/api/v1/namespaces/default/secrets/s", "admin");
    await call("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", "admin", json, "{}");
    await call("GET", "/api/v1/namespaces/default/pods/x?pretty=true", "nobody");
    await call("GET", "/api/v1/namespaces/default/pods/x", "admin", { "impersonate-user": "jane" });
    await call("GET", "/version", "guess");
    await call("POST", staged, "admin", json, config("a"));
    await call("POST", staged, "admin", json, config("a"));
    await call("GET", `${staged}?labelSelector=own%3Dyes,c!=d&x=1&x=2`, "admin");
    await call("GET", staged, "guess");
    const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    await call("GET", `${staged}?fieldSelector=metadata.name%3Da`, "admin", table);
    const services = "/api/v1/namespaces/staged/services";
    const service = JSON.stringify({ metadata: { name: "s" }, spec: { ports: [{ port: 80 }] }, other: 1 });
    await call("POST", services, "admin", json, service);
    await call(
      "POST",
      services,
      "admin",
      json,
      JSON.stringify({ metadata: { name: "t" }, spec: { ports: 1 } }),
    );
    await call("POST", services, "nobody", json, service);
    const merge = { "content-type": "application/merge-patch+json" };
    await call("PATCH", `${services}/s`, "admin", merge, '{"metadata":{"labels":{"a":"b"}}}');
    await call("DELETE", `${services}/s`, "admin", json, '{"gracePeriodSeconds":0,"other":1}');
    await call("GET", "/api/v1/namespaces/staged/endpoints", "admin");
    await call("DELETE", `${staged}/a`, "admin");
    await call("GET", "/apis", "admin");
    await plane.close();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function call(method: string, at: string, token: string, headers = {}, body?: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const all = { authorization: `Bearer ${token}`, "user-agent": "test", ...length, ...headers };
      const request = send(plane.url + at, { method, headers: all, ca: plane.caPem }, (response) => {
        response.resume().on("end", resolve);
      });
      request.on("error", reject).end(body);
    });
  }

  const events = (test: (event: Event) => boolean): Event[] =>
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Event)
      .filter((event) => event.requestURI !== undefined && test(event));
  const finished = (test: (event: Event) => boolean): Event[] =>
    events((event) => event.stage !== "RequestReceived" && test(event));

  test("says who did what to which object, with the body and the answer where the policy asks for them", () => {
    const [event, ...more] = finished(
      ({ verb, objectRef }) =>
        verb === "create" && objectRef?.["resource"] === "configmaps" && objectRef["namespace"] === "default",
    );
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: "RequestResponse",
      stage: "ResponseComplete",
      user: { username: "admin", groups: ["system:masters", "system:authenticated"] },
      sourceIPs: ["127.0.0.1"],
      userAgent: "test",
      objectRef: { resource: "configmaps", namespace: "default", apiVersion: "v1" },
      responseStatus: { code: 201 },
      requestObject: { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" } },
      annotations: { "authorization.k8s.io/decision": "allow" },
    });
    expect(event?.responseObject?.metadata["uid"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(event?.responseObject?.metadata).not.toHaveProperty("managedFields");
    expect(event?.auditID).toMatch(/^[0-9a-f-]{36}$/);
  });

  const inStages = (verb: string, resource = "configmaps") =>
    events(
      ({ verb: own, objectRef }) =>
        own === verb && objectRef?.["namespace"] === "staged" && objectRef["resource"] === resource,
    );

  test("says a request twice, what it holds only once it was read, and then its object's name", () => {
    const [received, created] = inStages("create");
    expect([received?.stage, created?.stage]).toEqual(["RequestReceived", "ResponseComplete"]);
    expect(received?.auditID).toBe(created?.auditID);
    expect(received).not.toHaveProperty("requestObject");
    expect(received).not.toHaveProperty("responseStatus");
    expect(received?.objectRef).toEqual({ resource: "configmaps", namespace: "staged", apiVersion: "v1" });
    expect(created?.objectRef).toMatchObject({ name: "a" });
  });

  test("holds what was sent as it was read: with its type and defaults, without unknown members", () => {
    const [, created] = inStages("create", "services");
    expect(created?.requestObject).toMatchObject({
      kind: "Service",
      apiVersion: "v1",
      spec: { type: "ClusterIP", ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] },
    });
    expect(created?.requestObject).not.toHaveProperty("other");
  });

  test("holds nothing of what could not be read, or was refused before", () => {
    const [, , , unreadable, , forbidden] = inStages("create", "services");
    expect([unreadable?.responseStatus.code, forbidden?.responseStatus.code]).toEqual([400, 403]);
    for (const event of [unreadable, forbidden]) {
      expect(event).not.toHaveProperty("requestObject");
      expect(event?.objectRef).not.toHaveProperty("name");
    }
  });

  test("holds patches as they were sent, and options of deletions with their type", () => {
    const [, patched] = inStages("patch", "services");
    expect(patched?.requestObject).toEqual({ metadata: { labels: { a: "b" } } });
    const [, deleted] = inStages("delete", "services");
    expect(deleted?.requestObject).toEqual({
      kind: "DeleteOptions",
      apiVersion: "meta.k8s.io/__internal",
      gracePeriodSeconds: 0,
    });
  });

  test("holds the view that was answered, and the name that a selector asked for", () => {
    const listed = inStages("list").find(({ objectRef }) => objectRef?.["name"] === "a");
    expect(listed?.stage).toBe("RequestReceived");
    const tables = inStages("list").filter(({ responseObject }) => Object(responseObject).kind === "Table");
    expect(tables).toMatchObject([{ objectRef: { name: "a" }, responseObject: { rows: [{}] } }]);
  });

  test("tells of versions that are on their way out", () => {
    const [, listed] = inStages("list", "endpoints");
    expect(listed?.annotations).toMatchObject({ "k8s.io/deprecated": "true" });
  });

  test("says all that a Status says, as the answer too", () => {
    const details = { name: "a", kind: "configmaps" };
    const [, , , refused] = inStages("create");
    const status = { metadata: {}, status: "Failure", reason: "AlreadyExists", details, code: 409 };
    expect(refused).toMatchObject({ responseStatus: status, responseObject: { kind: "Status", ...status } });
    expect(refused?.responseStatus).not.toHaveProperty("kind");
    const [, deleted] = inStages("delete");
    expect(deleted?.responseStatus).toMatchObject({ status: "Success", details, code: 200 });
  });

  test("holds lists without their managed fields, and addresses as they were written", () => {
    const [, listed] = inStages("list").filter(({ user }) => user.username !== undefined);
    expect(listed?.requestURI).toBe(
      "/api/v1/namespaces/staged/configmaps?labelSelector=own%3Dyes,c!=d&x=1&x=2",
    );
    expect(listed?.responseObject).toMatchObject({
      kind: "ConfigMapList",
      items: [{ metadata: { name: "a" } }],
    });
    expect(JSON.stringify(listed?.responseObject)).not.toContain("managedFields");
  });

  test("tells of unknown credentials in one stage, at the level of the policy", () => {
    const [refused, ...more] = inStages("list").filter(({ user }) => user.username === undefined);
    expect(more).toEqual([]);
    expect(refused).toMatchObject({
      stage: "ResponseStarted",
      level: "RequestResponse",
      user: {},
      responseStatus: { code: 401, reason: "Unauthorized" },
      responseObject: { kind: "Status", code: 401 },
    });
    expect(refused).not.toHaveProperty("annotations");
  });

  test("leaves secrets and tokens out, whatever the policy says", () => {
    const about = finished(({ objectRef }) =>
      ["secrets", "serviceaccounts"].includes(objectRef?.["resource"] ?? ""),
    );
    expect(about.map(({ verb }) => verb)).toEqual(["create", "get", "create"]);
    for (const event of about) {
      expect(event).not.toHaveProperty("requestObject");
      expect(event).not.toHaveProperty("responseObject");
    }
    expect(readFileSync(path, "utf8")).not.toMatch(/hunter2|aHVudGVyMg|eyJ/);
  });

  test("keeps refusals: of unknown credentials, of what RBAC forbids, and who impersonated whom", () => {
    const [unknown] = finished(({ requestURI }) => requestURI === "/version");
    expect(unknown).toMatchObject({ user: {}, responseStatus: { code: 401, reason: "Unauthorized" } });
    const [forbidden] = finished(({ user }) => user.username === "nobody");
    expect(forbidden).toMatchObject({
      requestURI: "/api/v1/namespaces/default/pods/x?pretty=true",
      responseStatus: { code: 403, reason: "Forbidden" },
      annotations: { "authorization.k8s.io/decision": "forbid" },
    });
    const [acted] = finished(({ impersonatedUser }) => impersonatedUser !== undefined);
    expect(acted).toMatchObject({ user: { username: "admin" }, impersonatedUser: { username: "jane" } });
  });

  test("holds nothing of what no rule, or a rule of level None, covers", () => {
    expect(
      finished(({ verb, objectRef }) => verb === "list" && objectRef?.["namespace"] === "default"),
    ).toEqual([]);
    expect(finished(({ requestURI }) => requestURI === "/apis")).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

test.each([
  ["kind: Policy\nrules: [{level: None}]", /expected apiVersion audit\.k8s\.io\/v1/],
  ["apiVersion: audit.k8s.io/v1\nkind: Policy", /p\.yaml: rules are required/],
  [
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]",
    /rules\[0\]\.level: "All" is none of None, /,
  ],
  [
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, nonResourceURLs: ["/x"], namespaces: [a]}]',
    /rules\[0\] names both/,
  ],
])("a policy that means nothing is refused with its place: %s", (text, message) => {
  expect(() => parseAuditPolicy(text, "p.yaml")).toThrow(AuditPolicyError);
  expect(() => parseAuditPolicy(text, "p.yaml")).toThrow(message);
});

test("a full log is put aside, and only so many are kept", async () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-audit-"));
  const path = join(directory, "audit.log");
  try {
    for (let index = 0; index < 5; index++) {
      const file = openAuditFile(path, {
        maxBytes: 60,
        maxBackups: 2,
        onFailure: (error) => expect.unreachable(String(error)),
      });
      file.write({ index, filler: "x".repeat(40) });
      await file.close();
    }
    const indexOf = (file: string) => (JSON.parse(readFileSync(file, "utf8")) as { index: number }).index;
    expect([path, `${path}.1`, `${path}.2`].map(indexOf)).toEqual([4, 3, 2]);
    expect(existsSync(`${path}.3`)).toBe(false);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("what cannot be written is told, and the next event is tried again", async () => {
  const failures: unknown[] = [];
  const file = openAuditFile("/dev/null/audit.log", {
    maxBytes: 60,
    maxBackups: 2,
    onFailure: (error) => failures.push(error),
  });
  file.write({ a: 1 });
  await file.close();
  file.write({ a: 2 });
  await file.close();
  expect(failures).toHaveLength(2);
});
