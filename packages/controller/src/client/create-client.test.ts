import { ApiError, type ApiRequest } from "@capstan/kube";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeApi, WIDGETS } from "../testing/fake-api.js";
import { isNoKindMatch } from "./api-error.js";
import type { Client } from "./client.js";
import { createClient } from "./create-client.js";

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
const WIDGET = { apiVersion: WIDGETS.apiVersion, kind: WIDGETS.kind };

let api: FakeApi;
let client: Client;
beforeEach(() => {
  api = new FakeApi();
  client = createClient(api);
});

function sent(): ApiRequest {
  const last = api.requests.at(-1);
  if (last === undefined) throw new Error("nothing was sent");
  return last;
}

describe("createClient", () => {
  it("maps kinds to paths by discovery, read once", async () => {
    api.put({ ...CONFIG_MAP, metadata: { name: "a", namespace: "n" } });
    await client.get({ ...CONFIG_MAP, namespace: "n", name: "a" });
    await client.list(CONFIG_MAP, { namespace: "n" });
    expect(api.requests.map((request) => request.path)).toEqual([
      "/api/v1",
      "/api/v1/namespaces/n/configmaps/a",
      "/api/v1/namespaces/n/configmaps",
    ]);
  });

  it("tells a kind that is not served from an object that is not there", async () => {
    const unknown = client.get({ apiVersion: "nope.dev/v1", kind: "Nope", namespace: "n", name: "a" });
    const error = await unknown.catch((caught: unknown) => caught);
    expect(isNoKindMatch(error)).toBe(true);
    expect(String(error)).toContain('no matches for kind "Nope" in version "nope.dev/v1"');
    const missing = await client
      .get({ ...CONFIG_MAP, namespace: "n", name: "a" })
      .catch((caught: unknown) => caught);
    expect(ApiError.is(missing, "NotFound")).toBe(true);
    expect(isNoKindMatch(missing)).toBe(false);
    expect(await client.tryGet({ apiVersion: "nope.dev/v1", kind: "Nope", name: "a" })).toBeUndefined();
  });

  it("finds a kind that appeared after it was asked for", async () => {
    api.kinds.splice(api.kinds.indexOf(WIDGETS), 1);
    expect(await client.resourceFor(WIDGET)).toBeUndefined();
    api.kinds.push(WIDGETS);
    expect((await client.resourceFor(WIDGET))?.resource).toBe("widgets");
  });

  it("reads discovery again after a definition was written", async () => {
    await client.resourceFor(WIDGET);
    await client.create({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "x" },
    });
    await client.resourceFor(WIDGET);
    const reads = api.requests.filter((request) => request.path === "/apis/example.dev/v1");
    expect(reads).toHaveLength(2);
  });

  it("asks for one group's resources once, however many ask at a time", async () => {
    await Promise.all(Array.from({ length: 5 }, () => client.resourceFor(WIDGET)));
    expect(api.requests).toHaveLength(1);
  });

  it("lists everything that is served", async () => {
    const resources = await client.resources();
    expect(resources.map((info) => info.kind)).toContain("Widget");
    expect(resources.find((info) => info.kind === "Widget")?.subresources).toEqual(["status"]);
  });

  it("asks for all resources at once, and next time for what changed", async () => {
    const served = (kind: string, more: Record<string, unknown> = {}) => ({
      resource: `${kind.toLowerCase()}s`,
      responseKind: { group: "", version: "", kind },
      scope: "Namespaced",
      verbs: ["get"],
      ...more,
    });
    const documents: Record<string, unknown> = {
      "/api": [{ metadata: {}, versions: [{ version: "v1", resources: [served("Pod")] }] }],
      "/apis": [
        {
          metadata: { name: "apps" },
          versions: [
            {
              version: "v1",
              resources: [
                served("Deployment", { subresources: [{ subresource: "scale" }], shortNames: ["deploy"] }),
              ],
            },
            { version: "v2", resources: [served("Gone")], freshness: "Stale" },
          ],
        },
      ],
    };
    api.intercept = ({ path, headers = {} }) => {
      if (headers["if-none-match"] === `"${path}"`) return { status: 304, warnings: [], body: "" };
      const body = { kind: "APIGroupDiscoveryList", items: documents[path] };
      return { status: 200, warnings: [], body, etag: `"${path}"` };
    };
    const first = await client.resources();
    expect(first.map(({ group, version, kind }) => [group, version, kind])).toEqual([
      ["", "v1", "Pod"],
      ["apps", "v1", "Deployment"],
    ]);
    expect(first[1]).toMatchObject({
      resource: "deployments",
      namespaced: true,
      subresources: ["scale"],
      shortNames: ["deploy"],
    });
    expect(await client.resources()).toBe(first);
    expect((await client.resourceFor({ apiVersion: "apps/v1", kind: "Deployment" }))?.resource).toBe(
      "deployments",
    );
    expect(api.requests.map(({ path }) => path)).toEqual(["/api", "/apis", "/api", "/apis"]);
  });

  it("gives list items the type that built-in lists leave out", async () => {
    api.put({ ...CONFIG_MAP, metadata: { name: "a", namespace: "n" }, data: {} });
    api.intercept = (request) =>
      request.path === "/api/v1/configmaps"
        ? { status: 200, warnings: [], body: { metadata: {}, items: [{ metadata: { name: "a" } }] } }
        : undefined;
    const list = await client.list(CONFIG_MAP);
    expect(list.items).toEqual([{ ...CONFIG_MAP, metadata: { name: "a" } }]);
  });

  it("follows the pages of a list", async () => {
    const pages = [
      { metadata: { resourceVersion: "7", continue: "next" }, items: [{ metadata: { name: "a" } }] },
      { metadata: { resourceVersion: "7" }, items: [{ metadata: { name: "b" } }] },
    ];
    api.intercept = (request) =>
      request.path === "/api/v1/configmaps" ? { status: 200, warnings: [], body: pages.shift() } : undefined;
    const names: string[] = [];
    for await (const object of client.listAll(CONFIG_MAP, { resourceVersion: "0" }))
      names.push(object.metadata.name);
    expect(names).toEqual(["a", "b"]);
    expect(sent().query).toEqual({ limit: "500", continue: "next" });
  });

  it("sends applies, patches and deletes as the API reads them", async () => {
    const object = { ...CONFIG_MAP, metadata: { name: "a", namespace: "n" }, data: { k: "v" } };
    await client.apply(object, { fieldManager: "me", force: true, dryRun: true });
    expect(sent()).toMatchObject({
      method: "PATCH",
      contentType: "application/apply-patch+yaml",
      query: { fieldManager: "me", force: "true", dryRun: "All" },
      body: object,
    });
    const ref = { ...CONFIG_MAP, namespace: "n", name: "a" };
    await client.patch(ref, { type: "merge", body: {} }, { subresource: "status" });
    expect(sent()).toMatchObject({
      path: "/api/v1/namespaces/n/configmaps/a/status",
      contentType: "application/merge-patch+json",
    });
    await client.delete(ref, { propagationPolicy: "Foreground", preconditions: { uid: "u" } });
    expect(sent().body).toMatchObject({
      kind: "DeleteOptions",
      propagationPolicy: "Foreground",
      preconditions: { uid: "u" },
    });
  });

  it("refuses a namespaced object without a namespace, as client-go does", async () => {
    const get = client.get({ ...CONFIG_MAP, name: "a" });
    await expect(get).rejects.toThrow("an empty namespace may not be set when a resource name is provided");
    const create = client.create({ ...CONFIG_MAP, metadata: { name: "a" } });
    await expect(create).rejects.toThrow("an empty namespace may not be set during creation");
  });

  it("impersonates with several groups", async () => {
    const other = client.impersonate({ user: "jane", groups: ["a", "b"] });
    await other.tryGet({ ...CONFIG_MAP, namespace: "n", name: "a" });
    expect(sent().headers).toMatchObject({ "impersonate-user": "jane", "impersonate-group": "a\nb" });
  });

  it("throws what a watch says went wrong", async () => {
    const watch = client.watch(CONFIG_MAP, { resourceVersion: "1" });
    const first = watch[Symbol.asyncIterator]().next();
    await new Promise((resolve) => setImmediate(resolve));
    const status = {
      apiVersion: "v1",
      kind: "Status",
      metadata: {},
      status: "Failure",
      reason: "Expired",
      code: 410,
    } as const;
    api.breakWatches({ type: "ERROR", object: status });
    await expect(first).rejects.toSatisfy((error) => ApiError.is(error, "Expired"));
  });

  it("turns a foreign error page into an error of the API", async () => {
    api.intercept = (request) =>
      request.path.endsWith("/a")
        ? { status: 502, warnings: [], body: "<html>bad gateway</html>" }
        : undefined;
    const get = client.get({ ...CONFIG_MAP, namespace: "n", name: "a" });
    await expect(get).rejects.toMatchObject({ code: 502, message: "<html>bad gateway</html>" });
  });
});
