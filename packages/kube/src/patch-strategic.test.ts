import { describe, expect, it } from "vitest";
import { PatchError } from "./patch-error.js";
import { applyStrategicMergePatch } from "./patch-strategic.js";
import type { Schema } from "./schema.js";

const strings: Schema = { type: "array", items: { type: "string" } };
const schema: Schema = {
  type: "object",
  properties: {
    metadata: {
      type: "object",
      properties: {
        labels: { type: "object", additionalProperties: { type: "string" } },
        finalizers: { ...strings, patchStrategy: ["merge"] },
      },
    },
    args: strings,
    replaced: { type: "object", patchStrategy: ["replace"], properties: { a: {}, b: {} } },
    strategy: { type: "object", patchStrategy: ["retainKeys"], properties: { type: {}, rolling: {} } },
    containers: {
      type: "array",
      patchStrategy: ["merge"],
      patchMergeKey: "name",
      items: {
        type: "object",
        properties: {
          args: strings,
          env: { type: "array", patchStrategy: ["merge"], patchMergeKey: "name", items: { type: "object" } },
        },
      },
    },
  },
};

function patched(doc: unknown, patch: unknown): unknown {
  const before = structuredClone([doc, patch]);
  const result = applyStrategicMergePatch(doc, patch, schema);
  expect([doc, patch]).toEqual(before);
  return result;
}

function failure(doc: unknown, patch: unknown): [string, string] {
  try {
    applyStrategicMergePatch(doc, patch, schema);
  } catch (error) {
    if (error instanceof PatchError) return [error.code, error.message];
  }
  throw new Error("the patch was applied");
}

const names = (doc: unknown): unknown[] =>
  (doc as { containers: { name: string }[] }).containers.map((item) => item.name);
const containers = (...list: string[]): unknown => ({ containers: list.map((name) => ({ name })) });

describe("applyStrategicMergePatch", () => {
  it("merges maps and lists with a merge key", () => {
    const doc = { containers: [{ name: "a", image: "1", env: [{ name: "X", value: "1" }] }, { name: "b" }] };
    const patch = { containers: [{ name: "a", env: [{ name: "Y", value: "2" }], image: "2" }] };
    expect(patched(doc, patch)).toEqual({
      containers: [
        {
          name: "a",
          image: "2",
          env: [
            { name: "Y", value: "2" },
            { name: "X", value: "1" },
          ],
        },
        { name: "b" },
      ],
    });
  });

  it("replaces untagged lists and unites tagged scalars", () => {
    const doc = { args: ["a"], metadata: { finalizers: ["x", "y"] } };
    expect(patched(doc, { args: ["b"], metadata: { finalizers: ["y", "z"] } })).toEqual({
      args: ["b"],
      metadata: { finalizers: ["x", "y", "z"] },
    });
  });

  it("removes members by null", () => {
    expect(
      patched({ metadata: { labels: { a: "1", b: "2" } } }, { metadata: { labels: { a: null } } }),
    ).toEqual({
      metadata: { labels: { b: "2" } },
    });
    expect(patched({}, { metadata: { labels: { a: null, b: "1" } } })).toEqual({
      metadata: { labels: { b: "1" } },
    });
  });

  it("follows $patch in maps", () => {
    const doc = { metadata: { labels: { a: "1" } }, replaced: { a: 1 } };
    expect(patched(doc, { metadata: { labels: { $patch: "replace", b: "2" } } })).toMatchObject({
      metadata: { labels: { b: "2" } },
    });
    expect(patched(doc, { metadata: { $patch: "delete" } })).toMatchObject({ metadata: {} });
    expect(patched(doc, { replaced: { b: 2 } })).toMatchObject({ replaced: { b: 2 } });
    expect(failure(doc, { metadata: { $patch: "merge" } })).toEqual([
      "internal",
      "unknown patch type: merge in map: map[$patch:merge]",
    ]);
  });

  it("follows $patch in lists", () => {
    const doc = containers("a", "b", "c");
    expect(names(patched(doc, { containers: [{ name: "b", $patch: "delete" }] }))).toEqual(["a", "c"]);
    expect(names(patched(doc, { containers: [{ name: "zz", $patch: "delete" }] }))).toEqual(["a", "b", "c"]);
    expect(names(patched(doc, { containers: [{ $patch: "replace" }, { name: "d" }] }))).toEqual(["d"]);
    expect(failure(doc, { containers: [{ name: "a", $patch: "merge" }] })[1]).toBe(
      "merging lists cannot yet be specified in the patch",
    );
    expect(failure(doc, { containers: [{ image: "x" }] })).toEqual([
      "internal",
      "map: map[image:x] does not contain declared merge key: name",
    ]);
  });

  it("orders lists by $setElementOrder", () => {
    const order = (...list: string[]): unknown[] => list.map((name) => ({ name }));
    const doc = containers("a", "b", "c", "server");
    expect(names(patched(doc, { "$setElementOrder/containers": order("c", "b", "a") }))).toEqual([
      "c",
      "b",
      "a",
      "server",
    ]);
    const insert = {
      "$setElementOrder/containers": order("a", "new", "b", "c"),
      containers: [{ name: "new" }],
    };
    expect(names(patched(doc, insert))).toEqual(["a", "new", "b", "c", "server"]);
    expect(
      patched(
        { metadata: { finalizers: ["x", "y"] } },
        {
          metadata: { "$setElementOrder/finalizers": ["z", "y"], finalizers: ["z"] },
        },
      ),
    ).toEqual({ metadata: { finalizers: ["z", "x", "y"] } });
    const contradiction = { "$setElementOrder/containers": order("b"), containers: [{ name: "a" }] };
    expect(failure(doc, contradiction)[1]).toMatch(
      /^The order in patch list:\n\[map\[name:a\]\]\n doesn't match/,
    );
    expect(failure(doc, { $setElementOrder: [] })[0]).toBe("malformed");
  });

  it("removes scalars by $deleteFromPrimitiveList", () => {
    const doc = { metadata: { finalizers: ["x", "y", "z"] } };
    const patch = {
      metadata: { "$deleteFromPrimitiveList/finalizers": ["y"], "$setElementOrder/finalizers": ["x", "z"] },
    };
    expect(patched(doc, patch)).toEqual({ metadata: { finalizers: ["x", "z"] } });
  });

  it("keeps only what $retainKeys lists", () => {
    const doc = { strategy: { type: "RollingUpdate", rolling: { max: 1 } } };
    expect(patched(doc, { strategy: { $retainKeys: ["type"], type: "Recreate" } })).toEqual({
      strategy: { type: "Recreate" },
    });
    expect(failure(doc, { strategy: { $retainKeys: ["type"], rolling: {} } })).toEqual([
      "malformed",
      "invalid patch format of retainKeys",
    ]);
  });

  it("refuses lists of lists", () => {
    expect(failure({ metadata: { finalizers: [["a"]] } }, { metadata: { finalizers: ["b"] } })[0]).toBe(
      "not-applicable",
    );
  });
});

describe("an ordered list with deletions", () => {
  it("takes the places of deleted items for added ones, as the API server does", () => {
    const live = { containers: [{ name: "b" }, { name: "c" }] };
    const patch = {
      containers: [{ name: "a" }, { name: "b", $patch: "delete" }],
      "$setElementOrder/containers": [{ name: "a" }],
    };
    expect(applyStrategicMergePatch(live, patch, schema)).toEqual({
      containers: [{ name: "c" }, { name: "a" }],
    });
  });
});
