import { expect, it } from "vitest";
import { compareUtf8, encodeGoJson } from "./go-json.js";
import { formatGoFloat, formatGoJsonNumber } from "./go-number.js";

it("escapes and orders as encoding/json does", () => {
  expect(encodeGoJson({ a_1: "<&>", "9": 1, "10": "\u2028", aB: "\u0001" })).toBe(
    '{"10":"\\u2028","9":1,"aB":"\\u0001","a_1":"\\u003c\\u0026\\u003e"}',
  );
  expect(encodeGoJson({ a: "<" }, { escapeHtml: false })).toBe('{"a":"<"}');
  expect(encodeGoJson("\ud800x")).toBe('"\\ufffdx"');
  expect(encodeGoJson("\ufffd")).toBe('"\ufffd"');
});

it("indents", () => {
  expect(encodeGoJson({ a: [1, { b: null }], c: [], d: {} }, { indent: 2 })).toBe(
    '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": [],\n  "d": {}\n}',
  );
});

it.each([
  [1e20, "100000000000000000000", "1e+20"],
  [1e21, "1e+21", "1e+21"],
  [1e-6, "0.000001", "1e-06"],
  [1e-7, "1e-7", "1e-07"],
  [12345678.5, "12345678.5", "1.23456785e+07"],
  [123456.5, "123456.5", "123456.5"],
  [-0, "-0", "-0"],
  [0.5, "0.5", "0.5"],
])("%d is %s in JSON and %s as a float", (value, json, float) => {
  expect(formatGoJsonNumber(value)).toBe(json);
  expect(formatGoFloat(value, 6)).toBe(float);
});

it("compares by bytes", () => {
  expect(["\u{1f600}", "\uffff", "b", "a"].sort(compareUtf8)).toEqual(["a", "b", "\uffff", "\u{1f600}"]);
});
