import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatchError } from "./patch-error.js";
import { createThreeWayMergePatch } from "./patch-merge.js";
import { applyStrategicMergePatch } from "./patch-strategic.js";
import { createStrategicMergePatch } from "./patch-strategic-create.js";
import type { Schema } from "./schema.js";

const schema: Schema = {
  type: "object",
  properties: {
    finalizers: { type: "array", patchStrategy: ["merge"] },
    strategy: { type: "object", patchStrategy: ["retainKeys"] },
    selector: { type: "object", patchStrategy: ["replace"] },
    volumes: { type: "array", patchStrategy: ["merge", "retainKeys"], patchMergeKey: "name" },
    containers: {
      type: "array",
      patchStrategy: ["merge"],
      patchMergeKey: "name",
      items: {
        type: "object",
        properties: { env: { type: "array", patchStrategy: ["merge"], patchMergeKey: "name" } },
      },
    },
  },
};

type Fields = Record<string, unknown>;
const patch = (original: Fields, modified: Fields, current: Fields) =>
  createStrategicMergePatch(original, modified, current, schema);
const merged = (original: Fields, modified: Fields, current: Fields) =>
  applyStrategicMergePatch(current, patch(original, modified, current), schema);

describe("createStrategicMergePatch", () => {
  it("sets what is declared, removes what no longer is, and leaves the rest", () => {
    expect(patch({ a: 1, b: 2, gone: 1 }, { a: 1 }, { a: 9, b: 2, c: 3 })).toEqual({ a: 1, b: null });
    expect(patch({ a: 1 }, { a: 1, none: null }, { a: 1 })).toEqual({});
  });

  it("tells items apart by their key and names the order where it changes", () => {
    expect(
      patch(
        { containers: [{ name: "web", image: "1", env: [{ name: "A" }] }, { name: "old" }] },
        { containers: [{ name: "web", image: "2" }] },
        {
          containers: [{ name: "proxy" }, { name: "web", image: "1", env: [{ name: "A" }] }, { name: "old" }],
        },
      ),
    ).toEqual({
      containers: [
        { name: "web", image: "2", env: null },
        { name: "old", $patch: "delete" },
      ],
      "$setElementOrder/containers": [{ name: "web" }],
    });
  });

  it("asks nothing where others merely added items", () => {
    const declared = { containers: [{ name: "web" }], finalizers: ["a"] };
    expect(
      patch(declared, declared, { containers: [{ name: "proxy" }, { name: "web" }], finalizers: ["x", "a"] }),
    ).toEqual({});
  });

  it("has other members of a union dropped", () => {
    expect(
      patch(
        { volumes: [{ name: "v", emptyDir: {} }] },
        { volumes: [{ name: "v", secret: { secretName: "s" } }], strategy: { type: "Recreate" } },
        {
          volumes: [{ name: "v", emptyDir: {} }],
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } },
        },
      ),
    ).toEqual({
      volumes: [{ name: "v", secret: { secretName: "s" }, emptyDir: null, $retainKeys: ["name", "secret"] }],
      "$setElementOrder/volumes": [{ name: "v" }],
      strategy: { type: "Recreate", $retainKeys: ["type"] },
    });
  });

  it("replaces what the schema says is replaced, and lists without keys", () => {
    expect(
      patch(
        { selector: { a: 1 }, args: ["a"] },
        { selector: { b: 1 }, args: ["b"] },
        { selector: { a: 1, c: 1 }, args: ["a", "x"] },
      ),
    ).toEqual({ selector: { b: 1 }, args: ["b"] });
  });

  it("merges lists of scalars as sets", () => {
    expect(
      patch({ finalizers: ["a", "b"] }, { finalizers: ["b", "c"] }, { finalizers: ["x", "a", "b"] }),
    ).toEqual({
      finalizers: ["c"],
      "$deleteFromPrimitiveList/finalizers": ["a"],
      "$setElementOrder/finalizers": ["b", "c"],
    });
  });

  it("pairs items of one key by their turn", () => {
    const twice = {
      containers: [
        { name: "x", env: 1 },
        { name: "x", env: 2 },
      ],
    };
    expect(patch(twice, twice, structuredClone(twice))).toEqual({});
  });

  it("refuses items without their key", () => {
    expect(() => patch({}, { containers: [{ image: "1" }] }, { containers: [{ name: "a" }] })).toThrow(
      new PatchError("internal", "map[image:1] does not contain declared merge key: name"),
    );
  });

  const item = fc.record(
    { image: fc.constantFrom("1", "2"), args: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }) },
    { requiredKeys: [] },
  );
  const containers = fc
    .dictionary(fc.constantFrom("a", "b", "c", "d"), item)
    .map((byName) => Object.entries(byName).map(([name, rest]) => ({ name, ...rest })));
  const document = fc.record({ containers, replicas: fc.nat(3), strategy: item }, { requiredKeys: [] });

  it("settles at once: what is merged needs no other patch", () => {
    fc.assert(
      fc.property(document, document, document, (original, modified, current) => {
        const once = merged(original, modified, current) as Fields;
        expect(patch(original, modified, once)).toEqual({});
      }),
    );
  });

  it("gives what is declared where nobody else added anything", () => {
    fc.assert(
      fc.property(document, document, (original, modified) => {
        const { containers: wanted = [], ...rest } = modified;
        const { containers: found = [], ...others } = merged(original, modified, original) as Fields;
        expect(found).toEqual(wanted);
        expect(others).toEqual(rest);
      }),
    );
  });
});

describe("createThreeWayMergePatch", () => {
  it("leaves what others added and replaces lists", () => {
    expect(
      createThreeWayMergePatch(
        { spec: { a: 1, b: 2 } },
        { spec: { a: 3, l: [1], n: null } },
        { spec: { a: 1, b: 2, c: 3, l: [1, 2] }, status: {} },
      ),
    ).toEqual({ spec: { a: 3, b: null, l: [1] } });
  });
});
