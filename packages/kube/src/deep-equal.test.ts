import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepCopy, deepEqual, deepFreeze } from "./deep-equal.js";

describe("deepEqual", () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: undefined }, {}, true],
    [{}, { a: undefined }, true],
    [{ a: undefined, b: 1 }, { b: 1, c: undefined }, true],
    [{ a: null }, {}, false],
    [{ a: undefined }, { b: 1 }, false],
    [[], {}, false],
    [{}, [], false],
    [[1, 2], [2, 1], false],
    [[1], [1, 1], false],
    [1, "1", false],
    [null, undefined, false],
    [{ constructor: 1 }, { toString: 1 }, false],
  ])("%j and %j: %s", (a, b, equal) => {
    expect(deepEqual(a, b)).toBe(equal);
  });
});

it("deepCopy is equal, shares nothing and keeps __proto__ as data", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copied = deepCopy(value);
      expect(deepEqual(copied, value)).toBe(true);
      if (typeof value === "object" && value !== null) expect(copied).not.toBe(value);
    }),
  );
  const hostile = JSON.parse('{"__proto__": {"x": 1}}') as object;
  expect(JSON.stringify(deepCopy(hostile))).toBe('{"__proto__":{"x":1}}');
});

it("deepFreeze reaches every level", () => {
  const value = deepFreeze({ a: [{ b: 1 }] });
  expect(Object.isFrozen(value.a[0])).toBe(true);
});
