import { describe, expect, it } from "vitest";
import type { YamlValue } from "../yaml/value.js";
import { applyJsonPatch, parseJsonPatch } from "./json-patch.js";

function apply(document: YamlValue, patch: string): YamlValue {
  return applyJsonPatch(structuredClone(document), parseJsonPatch(patch));
}

describe("operations", () => {
  it.each<[string, YamlValue, string, YamlValue]>([
    ["add to a map", { a: 1 }, "- {op: add, path: /b, value: 2}", { a: 1, b: 2 }],
    ["add into a list", [1, 3], "- {op: add, path: /1, value: 2}", [1, 2, 3]],
    ["append", { a: [1] }, "- {op: add, path: /a/-, value: 2}", { a: [1, 2] }],
    ["count from the end", [1, 2], "- {op: remove, path: /-1}", [1]],
    ["add what is absent by replace", {}, "- {op: replace, path: /a, value: 1}", { a: 1 }],
    ["replace the document", { a: 1 }, "- {op: replace, path: '', value: {b: 2}}", { b: 2 }],
    ["move", { a: 1 }, "- {op: move, from: /a, path: /b}", { b: 1 }],
    ["copy", { a: { x: 1 } }, "- {op: copy, from: /a, path: /b}", { a: { x: 1 }, b: { x: 1 } }],
    ["escapes", { "a/b": 1, "c~d": 2 }, "- {op: remove, path: /a~1b}\n- {op: remove, path: /c~0d}", {}],
    ["a path without a leading slash", {}, "- {op: add, path: spec/a, value: 1}", { a: 1 }],
    ["null", { a: 1 }, "- {op: add, path: /a, value: null}", { a: null }],
    ["a test of what is absent", {}, "- {op: test, path: /a, value: null}", {}],
    ["JSON text", {}, '[{"op": "add", "path": "/a", "value": true}]', { a: true }],
    ["YAML 1.1 values", {}, "- {op: add, path: /a, value: [yes, 017]}", { a: [true, 15] }],
    [
      "a key that is __proto__",
      {},
      "- {op: add, path: /__proto__, value: 1}",
      JSON.parse('{"__proto__": 1}'),
    ],
  ])("%s", (_, document, patch, result) => {
    expect(apply(document, patch)).toEqual(result);
  });
});

describe("failures", () => {
  it.each<[YamlValue, string, string]>([
    [
      {},
      "- {op: remove, path: /a}",
      "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value",
    ],
    [
      {},
      "- {op: add, path: /a/b, value: 1}",
      'add operation does not apply: doc is missing path: "/a/b": missing value',
    ],
    [
      {},
      "- {op: replace, path: /a/b, value: 1}",
      "replace operation does not apply: doc is missing path: /a/b: missing value",
    ],
    [[1], "- {op: add, path: /5, value: 1}", "Unable to access invalid index: 5: invalid index referenced"],
    [[1], "- {op: add, path: /1x, value: 1}", "value was not a proper array index: '1x'"],
    [{ a: 1 }, "- {op: test, path: /a, value: 2}", "testing value /a failed: test failed"],
    [{ a: null }, "- {op: add, path: /a/b, value: 1}", "missing value"],
    [{}, "- {op: frob, path: /a}", "Unexpected kind: frob"],
    [{ a: {} }, "- {op: remove, path: /a/constructor}", "Unable to remove nonexistent key: constructor"],
  ])("%j %s", (document, patch, message) => {
    expect(() => apply(document, patch)).toThrow(message);
  });

  it("of what is no list of operations", () => {
    expect(() => parseJsonPatch("{op: add}")).toThrow("cannot unmarshal");
    expect(() => parseJsonPatch("[{op: add}]")).toThrow("invalid JSON");
  });
});
