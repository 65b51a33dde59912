import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatchError } from "./patch-error.js";
import { applyMergePatch, createMergePatch } from "./patch-merge.js";

describe("applyMergePatch", () => {
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ a: "foo" }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { l: [null, { x: null }] }, { l: [null, {}] }],
    [{ a: 1 }, ["c"], ["c"]],
  ])("merges %j with %j", (doc, patch, expected) => {
    const before = structuredClone(doc);
    expect(applyMergePatch(doc, patch)).toEqual(expected);
    expect(doc).toEqual(before);
  });

  it("refuses what is no document", () => {
    expect(() => applyMergePatch({}, null)).toThrow(PatchError);
    expect(() => applyMergePatch({}, "x")).toThrow("Invalid JSON Patch");
  });

  it("keeps __proto__ a plain member", () => {
    const patch = JSON.parse('{"a":{"__proto__":{"polluted":true}}}') as unknown;
    const patched = applyMergePatch({ a: { b: 1 } }, patch) as { a: Record<string, unknown> };
    expect(patched.a["polluted"]).toBeUndefined();
    expect(Object.hasOwn(patched.a, "__proto__")).toBe(true);
  });

  it("refuses endless depth", () => {
    let patch: Record<string, unknown> = {};
    for (let i = 0; i < 5_000; i++) patch = { a: patch };
    expect(() => applyMergePatch({}, patch)).toThrow(/max depth/);
  });
});

describe("createMergePatch", () => {
  it("names only what changed", () => {
    expect(createMergePatch({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1, c: 4 } })).toEqual({
      a: { c: 4 },
      d: null,
    });
    expect(createMergePatch({ a: [1] }, { a: [1] })).toEqual({});
  });

  it("turns any document without nulls into any other", () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean());
    const document = fc.dictionary(
      fc.string(),
      fc.letrec<{ value: unknown }>((tie) => ({
        value: fc.oneof(
          { maxDepth: 3 },
          leaf,
          fc.array(tie("value"), { maxLength: 3 }),
          fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
        ),
      })).value,
    );
    fc.assert(
      fc.property(document, document, (from, to) => {
        expect(applyMergePatch(from, createMergePatch(from, to))).toEqual(to);
      }),
    );
  });
});
