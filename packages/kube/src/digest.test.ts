import fc from "fast-check";
import { expect, it } from "vitest";
import { deepEqual } from "./deep-equal.js";
import { canonicalJson, sha256Hex, stableDigest } from "./digest.js";

it("hashes text and bytes alike", () => {
  expect(sha256Hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(sha256Hex(new TextEncoder().encode("é"))).toBe(sha256Hex("é"));
});

it("prints keys in order, without spaces and without undefined members", () => {
  expect(canonicalJson({ b: [1, undefined, { z: null, a: "x" }], a: undefined, c: 2n ** 63n })).toBe(
    '{"b":[1,null,{"a":"x","z":null}],"c":9223372036854775808}',
  );
});

it("is JSON that reads back to the same data", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(deepEqual(JSON.parse(canonicalJson(value)), value)).toBe(true);
    }),
  );
});

it("gives one digest for one set of data", () => {
  expect(stableDigest({ a: 1, b: { c: 1, d: 2 } })).toBe(stableDigest({ b: { d: 2, c: 1 }, a: 1 }));
  expect(stableDigest({ a: 1 })).not.toBe(stableDigest({ a: "1" }));
});
