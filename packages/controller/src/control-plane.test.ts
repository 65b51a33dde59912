import { testControlPlane } from "@capstan/control-plane";
import { ApiError, type KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isNoKindMatch } from "./client/api-error.js";
import type { Client } from "./client/client.js";
import { createClient } from "./client/create-client.js";
import { InformerSet } from "./informer/informer-set.js";
import { silentLogger } from "./logger.js";
import { FakeClock, middle } from "./testing/fake-clock.js";

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
const METADATA = { name: "a", namespace: "default", labels: { app: "x" } };

let plane: Awaited<ReturnType<typeof testControlPlane>>;
let client: Client;
let informers: InformerSet;
beforeEach(async () => {
  plane = await testControlPlane();
  client = createClient(plane.transport());
  informers = new InformerSet({
    reader: client,
    clock: new FakeClock(),
    random: middle,
    logger: silentLogger,
  });
});
afterEach(async () => {
  await informers.stop();
  await plane.close();
});

async function next(check: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !check(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(check()).toBe(true);
}

describe("the SDK on the embedded API", () => {
  it("creates, applies, patches, lists and deletes", async () => {
    const created = await client.create<KubeObject>({ ...CONFIG_MAP, metadata: METADATA, data: { k: "v" } });
    expect(created.metadata.uid).toBeDefined();
    const again = client.create({ ...CONFIG_MAP, metadata: METADATA });
    await expect(again).rejects.toSatisfy((error) => ApiError.is(error, "AlreadyExists"));
    const applied = await client.apply<KubeObject>(
      { ...CONFIG_MAP, metadata: { name: "a", namespace: "default" }, data: { k: "applied" } },
      { fieldManager: "me", force: true },
    );
    expect(applied["data"]).toEqual({ k: "applied" });
    const list = await client.list(CONFIG_MAP, { namespace: "default", labelSelector: "app=x" });
    expect(list.items.map((item) => [item.kind, item.metadata.name])).toEqual([["ConfigMap", "a"]]);
    await client.delete({ ...CONFIG_MAP, namespace: "default", name: "a" });
    expect(await client.tryGet({ ...CONFIG_MAP, namespace: "default", name: "a" })).toBeUndefined();
  });

  it("lists everything that is served as single kinds are found, and reads it once while nothing changes", async () => {
    const found = await client.resourceFor({ apiVersion: "apps/v1", kind: "Deployment" });
    const all = await client.resources();
    expect(await client.resources()).toBe(all);
    const listed = all.find(({ kind }) => kind === "Deployment");
    expect({ ...listed, subresources: listed?.subresources.toSorted() }).toEqual({
      ...found,
      subresources: found?.subresources.toSorted(),
    });
  });

  it("knows how kinds are served, and which are not", async () => {
    expect(await client.resourceFor({ apiVersion: "apps/v1", kind: "Deployment" })).toMatchObject({
      resource: "deployments",
      namespaced: true,
      subresources: expect.arrayContaining(["status", "scale"]),
    });
    const unknown = await client
      .list({ apiVersion: "nope/v1", kind: "Nope" })
      .catch((error: unknown) => error);
    expect(isNoKindMatch(unknown)).toBe(true);
  });

  it("follows by watch, in full, by label, and by metadata alone", async () => {
    const full = informers.acquire(CONFIG_MAP, { namespace: "default" }).informer;
    const labelled = informers.acquire(CONFIG_MAP, { labelSelector: "app=x" }).informer;
    const metadata = informers.acquire(CONFIG_MAP, { metadataOnly: true, labelSelector: "app=x" }).informer;
    await Promise.all([full, labelled, metadata].map((informer) => informer.waitForSync()));
    await client.create({ ...CONFIG_MAP, metadata: METADATA, data: { k: "v" } });
    const key = { namespace: "default", name: "a" };
    await next(() => [full, labelled, metadata].every((informer) => informer.get(key) !== undefined));
    expect(full.get(key)?.["data"]).toEqual({ k: "v" });
    expect(metadata.get(key)).not.toHaveProperty("data");
    const ref = { ...CONFIG_MAP, ...key };
    await client.patch(ref, { type: "merge", body: { metadata: { labels: { app: "y" } } } });
    await next(() => labelled.get(key) === undefined && full.get(key)?.metadata.labels?.["app"] === "y");
    await client.delete(ref);
    await next(() => full.get(key) === undefined);
  });
});
