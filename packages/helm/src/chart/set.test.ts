import { expect, test } from "vitest";
import { setValues } from "./set.js";

test.each([
  ["a=1,b=x", { a: 1, b: "x" }],
  ["a.b.c=true,a.d=null", { a: { b: { c: true }, d: null } }],
  ["a=1\\,2", { a: "1,2" }],
  ["a\\.b=1", { "a.b": 1 }],
  ["a={1,2,x}", { a: [1, 2, "x"] }],
  ["a[0]=1,a[2]=3", { a: [1, null, 3] }],
  ["a[0].b=1", { a: [{ b: 1 }] }],
  ["a=007,b=1.5", { a: "007", b: "1.5" }],
  ["a=b=c", { a: "b=c" }],
  ["a=", { a: "" }],
])("%s", (expression, expected) => {
  expect(setValues({}, expression)).toEqual(expected);
});

test("refuses what it cannot read and leaves its input alone", () => {
  expect(() => setValues({}, "a[x]=1")).toThrow("error parsing index");
  expect(() => setValues({}, "a[70000]=1")).toThrow("greater than maximum supported index");
  expect(() => setValues({}, "a")).toThrow('key "a" has no value');
  const values = { a: { b: 1 } };
  expect(setValues(values, "a.c=2")).toEqual({ a: { b: 1, c: 2 } });
  expect(values).toEqual({ a: { b: 1 } });
  expect(setValues({}, "n=1", "string")).toEqual({ n: "1" });
});
