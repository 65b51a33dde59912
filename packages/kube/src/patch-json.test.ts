import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatchError } from "./patch-error.js";
import { applyJsonPatch } from "./patch-json.js";
import { createJsonPatch } from "./patch-json-create.js";

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof PatchError) return error.code;
    throw error;
  }
  return undefined;
}

describe("applyJsonPatch", () => {
  it.each([
    ["adds a member", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    ["replaces on add", { a: 1 }, [{ op: "add", path: "/a", value: 2 }], { a: 2 }],
    ["appends", { l: [1] }, [{ op: "add", path: "/l/-", value: 2 }], { l: [1, 2] }],
    ["inserts", { l: [1, 3] }, [{ op: "add", path: "/l/1", value: 2 }], { l: [1, 2, 3] }],
    ["counts from the end", { l: [1, 2] }, [{ op: "remove", path: "/l/-1" }], { l: [1] }],
    ["adds an absent member on replace", {}, [{ op: "replace", path: "/a", value: 1 }], { a: 1 }],
    ["moves", { a: { x: 1 } }, [{ op: "move", from: "/a", path: "/b" }], { b: { x: 1 } }],
    [
      "copies by value",
      { a: { x: 1 } },
      [
        { op: "copy", from: "/a", path: "/b" },
        { op: "add", path: "/b/x", value: 2 },
      ],
      { a: { x: 1 }, b: { x: 2 } },
    ],
    [
      "reads escapes",
      { "a/b": { "c~d": 1 } },
      [{ op: "replace", path: "/a~1b/c~0d", value: 2 }],
      { "a/b": { "c~d": 2 } },
    ],
    ["tests null against an absent member", {}, [{ op: "test", path: "/a", value: null }], {}],
    [
      "tests deeply",
      { a: { b: [1, { c: 2 }] } },
      [{ op: "test", path: "/a", value: { b: [1, { c: 2 }] } }],
      { a: { b: [1, { c: 2 }] } },
    ],
    ["replaces the document", { a: 1 }, [{ op: "replace", path: "", value: { b: 1 } }], { b: 1 }],
  ])("%s", (_, doc, operations, expected) => {
    const before = structuredClone(doc);
    expect(applyJsonPatch(doc, operations)).toEqual(expected);
    expect(doc).toEqual(before);
  });

  it.each([
    ["removal of an absent member", { a: 1 }, { op: "remove", path: "/b" }],
    ["a parent that is absent", { a: 1 }, { op: "add", path: "/b/c", value: 1 }],
    ["a parent that is a scalar", { a: 1 }, { op: "add", path: "/a/c", value: 1 }],
    ["an index past the end", { l: [] }, { op: "add", path: "/l/1", value: 1 }],
    ["an index that is no number", { l: [] }, { op: "add", path: "/l/x", value: 1 }],
    ["a failing test", { a: 1 }, { op: "test", path: "/a", value: 2 }],
    ["an unknown operation", {}, { op: "merge", path: "/a" }],
    ["addition of the root", {}, { op: "add", path: "", value: {} }],
    ["a missing path", {}, { op: "add", value: 1 }],
    ["inherited members", {}, { op: "add", path: "/constructor/prototype/x", value: 1 }],
  ])("refuses %s", (_, doc, operation) => {
    expect(codeOf(() => applyJsonPatch(doc, [operation]))).toBe("not-applicable");
  });

  it("applies all operations or none", () => {
    const doc = { a: { b: 1 } };
    const operations = [
      { op: "add", path: "/a/b", value: 2 },
      { op: "remove", path: "/zz" },
    ];
    expect(() => applyJsonPatch(doc, operations)).toThrow(/Unable to remove nonexistent key: zz/);
    expect(doc).toEqual({ a: { b: 1 } });
  });

  it("does not write into values that the patch carries", () => {
    const value = { x: 1 };
    const operations = [
      { op: "add", path: "/a", value },
      { op: "add", path: "/a/x", value: 2 },
    ];
    expect(applyJsonPatch({}, operations)).toEqual({ a: { x: 2 } });
    expect(value).toEqual({ x: 1 });
  });

  it("keeps __proto__ a plain member", () => {
    const patched = applyJsonPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: true } }]);
    expect(Object.hasOwn(patched as object, "__proto__")).toBe(true);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect((patched as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("bounds operations and copies", () => {
    const many = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/a", value: null }));
    expect(codeOf(() => applyJsonPatch({}, many))).toBe("too-large");
    const double = Array.from({ length: 40 }, (_, i) => ({ op: "copy", from: "/a", path: `/a/${i}` }));
    expect(codeOf(() => applyJsonPatch({ a: { x: "0123456789" } }, double))).toBe("not-applicable");
    expect(codeOf(() => applyJsonPatch({}, { op: "add" }))).toBe("malformed");
  });
});

describe("createJsonPatch", () => {
  it("touches one item of an array", () => {
    expect(createJsonPatch({ l: [1, 2, 3] }, { l: [1, 3] })).toEqual([{ op: "remove", path: "/l/1" }]);
    expect(createJsonPatch({ l: [1, 3] }, { l: [1, 2, 3] })).toEqual([{ op: "add", path: "/l/1", value: 2 }]);
    expect(createJsonPatch({ a: 1 }, { a: 1 })).toEqual([]);
  });

  it("turns any document into any other", () => {
    const document = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(document, document, (from, to) => {
        expect(applyJsonPatch(from, createJsonPatch(from, to))).toEqual(to);
      }),
    );
  });
});
