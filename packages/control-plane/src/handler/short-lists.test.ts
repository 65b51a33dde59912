import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { genericKind } from "../registry/generic-kind.js";
import { MemoryStore } from "../store/memory-store.js";
import { ObjectCodec } from "./object-codec.js";
import { ObjectStorage } from "./object-storage.js";
import { ShortLists } from "./short-lists.js";

const quotas = genericKind({
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  resource: "resourcequotas",
  namespaced: true,
});
const policies = genericKind({
  group: "example.dev",
  version: "v1",
  kind: "Policy",
  resource: "policies",
  namespaced: false,
});

function setUp() {
  const store = new MemoryStore();
  const objects = new ObjectStorage(store, new ObjectCodec());
  let reads = 0;
  const range = objects.range.bind(objects);
  objects.range = (query) => {
    reads++;
    return range(query);
  };
  return { objects, lists: new ShortLists(objects), reads: () => reads };
}

const object = (kind: string, name: string, namespace?: string) =>
  ({ apiVersion: "v1", kind, metadata: { name, ...(namespace ? { namespace } : {}) } }) as KubeObject;
const names = (items: readonly KubeObject[]) => items.map((item) => item.metadata.name);

describe("ShortLists", () => {
  it("reads a list once as long as nothing in it changes", async () => {
    const { objects, lists, reads } = setUp();
    await objects.put(policies, object("Policy", "a"), undefined);
    expect(names(lists.list(policies, undefined))).toEqual(["a"]);
    await objects.put(quotas, object("ResourceQuota", "other", "x"), undefined);
    expect(names(lists.list(policies, undefined))).toEqual(["a"]);
    expect(reads()).toBe(1);
  });

  it("sees what is created, changed and deleted", async () => {
    const { objects, lists } = setUp();
    expect(lists.list(policies, undefined)).toEqual([]);
    const stored = await objects.put(policies, object("Policy", "a"), undefined);
    expect(names(lists.list(policies, undefined))).toEqual(["a"]);
    const changed = { ...stored.object, spec: { a: 1 } };
    const next = await objects.put(policies, changed, stored);
    expect(lists.list(policies, undefined)[0]?.["spec"]).toEqual({ a: 1 });
    await objects.remove(policies, next);
    expect(lists.list(policies, undefined)).toEqual([]);
  });

  it("keeps the lists of namespaces apart, and drops that of all with either", async () => {
    const { objects, lists, reads } = setUp();
    await objects.put(quotas, object("ResourceQuota", "a", "x"), undefined);
    expect(names(lists.list(quotas, "x"))).toEqual(["a"]);
    expect(names(lists.list(quotas, "y"))).toEqual([]);
    expect(names(lists.list(quotas, undefined))).toEqual(["a"]);
    expect(reads()).toBe(3);
    await objects.put(quotas, object("ResourceQuota", "b", "y"), undefined);
    expect(names(lists.list(quotas, "x"))).toEqual(["a"]);
    expect(reads()).toBe(3);
    expect(names(lists.list(quotas, "y"))).toEqual(["b"]);
    expect(names(lists.list(quotas, undefined))).toEqual(["a", "b"]);
  });

  it("does not keep long lists", async () => {
    const { objects, lists, reads } = setUp();
    for (let i = 0; i < 65; i++) await objects.put(policies, object("Policy", `p-${i}`), undefined);
    expect(lists.list(policies, undefined)).toHaveLength(65);
    expect(lists.list(policies, undefined)).toHaveLength(65);
    expect(reads()).toBe(2);
  });

  it("reads anew for a kind that took another's place", async () => {
    const { objects, lists } = setUp();
    await objects.put(policies, object("Policy", "a"), undefined);
    lists.list(policies, undefined);
    const later = { ...policies, version: "v2" };
    expect(lists.list(later, undefined)[0]?.apiVersion).toBe("example.dev/v2");
  });
});
