import type { KubeObject } from "@capstan/kube";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../client/create-client.js";
import { silentLogger } from "../logger.js";
import { CONFIG_MAPS, DEFINITIONS, FakeApi, WIDGETS } from "../testing/fake-api.js";
import { FakeClock, middle, settle } from "../testing/fake-clock.js";
import type { InformerEvent } from "./informer.js";
import { InformerSet } from "./informer-set.js";

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
const WIDGET = { apiVersion: WIDGETS.apiVersion, kind: WIDGETS.kind };

function configMap(name: string, fields: Record<string, unknown> = {}): KubeObject {
  return { ...CONFIG_MAP, metadata: { name, namespace: "n" }, ...fields };
}

const sets: InformerSet[] = [];
afterEach(async () => {
  for (const set of sets.splice(0)) await set.stop();
});

function start(api = new FakeApi()) {
  const clock = new FakeClock();
  const set = new InformerSet({ reader: createClient(api), clock, random: middle, logger: silentLogger });
  sets.push(set);
  return { api, clock, set };
}

function heard(events: InformerEvent[]): string[] {
  return events.map((event) => `${event.type} ${event.object.metadata.name}`);
}

describe("InformerSet", () => {
  it("streams the initial state, then follows", async () => {
    const { api, set } = start();
    api.put(configMap("a"));
    const { informer } = set.acquire(CONFIG_MAP);
    const events: InformerEvent[] = [];
    informer.subscribe((event) => events.push(event));
    await informer.waitForSync();
    expect(events).toMatchObject([{ type: "added", initial: true }]);
    api.put(configMap("b"));
    api.put(configMap("a", { data: { k: "v" } }));
    api.remove(CONFIG_MAPS, "n", "b");
    await settle();
    expect(heard(events)).toEqual(["added a", "added b", "updated a", "deleted b"]);
    expect(informer.list("n").map((object) => object.metadata.name)).toEqual(["a"]);
    expect(api.requests.filter((request) => request.path === "/api/v1/configmaps")).toHaveLength(1);
  });

  it("lists where the server cannot stream the initial state", async () => {
    const { api, set } = start();
    api.watchList = false;
    api.put(configMap("a"));
    const { informer } = set.acquire(CONFIG_MAP);
    await informer.waitForSync();
    api.put(configMap("b"));
    await settle();
    expect(informer.size).toBe(2);
  });

  it("goes on where it was when a watch ends", async () => {
    const { api, set } = start();
    const { informer } = set.acquire(CONFIG_MAP);
    await informer.waitForSync();
    api.breakWatches();
    api.put(configMap("a"));
    await settle();
    expect(informer.size).toBe(1);
    const watches = api.requests.filter((request) => request.query?.["watch"] === "true");
    expect(watches.at(-1)?.query).toMatchObject({ resourceVersion: "100" });
    expect(watches.at(-1)?.query).not.toHaveProperty("sendInitialEvents");
  });

  it("starts over when its version has expired, and tells only the difference", async () => {
    const { api, set } = start();
    api.put(configMap("stays"));
    api.put(configMap("goes"));
    const { informer } = set.acquire(CONFIG_MAP);
    await informer.waitForSync();
    const events: InformerEvent[] = [];
    informer.subscribe((event) => events.push(event));
    events.length = 0;
    const status = {
      apiVersion: "v1",
      kind: "Status",
      metadata: {},
      status: "Failure",
      reason: "Expired",
      code: 410,
    } as const;
    api.intercept = (request) => {
      // What happens while nobody watches.
      if (request.query?.["watch"] !== "true") return undefined;
      api.intercept = () => undefined;
      api.remove(CONFIG_MAPS, "n", "goes");
      api.put(configMap("comes"));
      return undefined;
    };
    api.breakWatches({ type: "ERROR", object: status });
    await settle();
    expect(heard(events)).toEqual(["added comes", "deleted goes"]);
  });

  it("waits for a kind that is not served, and starts when its definition appears", async () => {
    const { api, clock, set } = start();
    api.kinds.splice(api.kinds.indexOf(WIDGETS), 1);
    const { informer } = set.acquire(WIDGET);
    await settle();
    expect(informer.synced).toBe(false);
    api.kinds.push(WIDGETS);
    api.put({ ...WIDGET, metadata: { name: "w", namespace: "n" } });
    api.put({
      apiVersion: DEFINITIONS.apiVersion,
      kind: DEFINITIONS.kind,
      metadata: { name: "widgets.example.dev" },
      spec: { group: "example.dev" },
    });
    await settle();
    expect(informer.size).toBe(1);
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1));
  });

  it("shares one cache per kind and selection, and stops it with its last user", async () => {
    const { api, set } = start();
    const first = set.acquire(CONFIG_MAP);
    const second = set.acquire(CONFIG_MAP);
    const other = set.acquire(CONFIG_MAP, { labelSelector: "a=b" });
    expect(second.informer).toBe(first.informer);
    expect(other.informer).not.toBe(first.informer);
    await first.informer.waitForSync();
    first.release();
    first.release();
    expect(set.size).toBe(2);
    second.release();
    expect(set.size).toBe(1);
    await settle();
    api.put(configMap("late"));
    await settle();
    expect(first.informer.size).toBe(0);
  });

  it("drops managed fields unless it is told to keep them", async () => {
    const { api, set } = start();
    api.put({ ...CONFIG_MAP, metadata: { name: "a", namespace: "n", managedFields: [{ manager: "m" }] } });
    const slim = set.acquire(CONFIG_MAP).informer;
    const full = set.acquire(CONFIG_MAP, { keepManagedFields: true }).informer;
    await Promise.all([slim.waitForSync(), full.waitForSync()]);
    expect(slim.list()[0]?.metadata.managedFields).toBeUndefined();
    expect(full.list()[0]?.metadata.managedFields).toHaveLength(1);
  });

  it("takes in what a write returned, and hears nothing new when the watch tells of it", async () => {
    const { api, set } = start();
    api.put(configMap("a"));
    const { informer } = set.acquire(CONFIG_MAP);
    await informer.waitForSync();
    const events: InformerEvent[] = [];
    informer.subscribe((event) => events.push(event));
    events.length = 0;
    const written = api.put(configMap("a", { data: { k: "new" } }));
    informer.observe(written);
    expect(informer.get({ namespace: "n", name: "a" })?.["data"]).toEqual({ k: "new" });
    informer.observe(configMap("never-seen"));
    await settle();
    expect(heard(events)).toEqual(["updated a"]);
    expect(informer.size).toBe(1);
  });

  it("keeps indexes in step with changes and deletions", async () => {
    const { api, set } = start();
    const { informer } = set.acquire(CONFIG_MAP);
    informer.addIndex("color", (object) => [
      String((object["data"] as { color?: string } | undefined)?.color),
    ]);
    const owner = { apiVersion: "v1", kind: "X", name: "x", uid: "owner" };
    api.put({
      ...configMap("a", { data: { color: "red" } }),
      metadata: { name: "a", namespace: "n", ownerReferences: [owner] },
    });
    await informer.waitForSync();
    await settle();
    expect(informer.byIndex("color", "red")).toHaveLength(1);
    expect(informer.byOwner("owner")).toHaveLength(1);
    api.put(configMap("a", { data: { color: "blue" } }));
    await settle();
    expect(informer.byIndex("color", "red")).toEqual([]);
    expect(informer.byIndex("color", "blue")).toHaveLength(1);
    expect(informer.byOwner("owner")).toEqual([]);
    api.remove(CONFIG_MAPS, "n", "a");
    await settle();
    expect(informer.byIndex("color", "blue")).toEqual([]);
    expect(() => informer.byIndex("size", "1")).toThrow('there is no index "size"');
  });

  it("keeps the news from the others when one subscriber throws", async () => {
    const { api, set } = start();
    const { informer } = set.acquire(CONFIG_MAP);
    await informer.waitForSync();
    const events: InformerEvent[] = [];
    informer.subscribe(() => {
      throw new Error("broken subscriber");
    });
    informer.subscribe((event) => events.push(event));
    api.put(configMap("a"));
    await settle();
    expect(heard(events)).toEqual(["added a"]);
  });

  it("retries with growing pauses while the API does not answer", async () => {
    const { api, clock, set } = start();
    let attempts = 0;
    api.intercept = (request) => {
      if (request.path !== "/api/v1") return undefined;
      attempts += 1;
      return attempts < 4 ? { status: 500, warnings: [], body: "" } : undefined;
    };
    const { informer } = set.acquire(CONFIG_MAP);
    await settle();
    expect(attempts).toBe(1);
    await clock.advance(250);
    expect(attempts).toBe(2);
    await clock.advance(500);
    expect(attempts).toBe(3);
    await clock.advance(1000);
    expect(informer.synced).toBe(true);
  });
});
