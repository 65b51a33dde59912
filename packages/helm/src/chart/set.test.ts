import { expect, test } from "vitest";
import { setFileValues, setJsonValues, setLiteralValue, setValues } from "./set.js";

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

test.each([
  ["a=+5,b=-0,c=-5", { a: 5, b: 0, c: -5 }],
  ["a={a\\,b,c}", { a: ["a,b", "c"] }],
  ["a={1,2},b=3", { a: [1, 2], b: 3 }],
  ["a={}", { a: [""] }],
  ["a[0][1]=2", { a: [[null, 2]] }],
  ["a[0]={1,2}", { a: [[1, 2]] }],
  ["a[0].b=", { a: [] }],
  ["a[", {}],
  ["=1", {}],
  ["a=1\\n2", { a: "1n2" }],
])("reads %s as helm does", (expression, expected) => {
  expect(setValues({}, expression)).toEqual(expected);
});

test.each([
  ["a={1,{2}}", 'key "}" has no value'],
  ["a={1,2", "list must terminate with '}'"],
  ["a[-1]=1", "negative -1 index not allowed"],
  ["a,", 'key "a" has no value (cannot end with ,)'],
  ["a..b=1", 'key map "a" has no value'],
  ["a[0]x=1", "unexpected data at end of array index: ['x']"],
  [
    "a=1,a.b=2",
    "unable to parse key: interface conversion: interface {} is float64, not map[string]interface {}",
  ],
  [`${"a.".repeat(40)}b=1`, "value name nested level is greater than maximum supported nested level of 30"],
])("refuses %s", (expression, message) => {
  expect(() => setValues({}, expression)).toThrow(`failed parsing --set data: ${message}`);
});

test("whole numbers are int64 where a rendering is to tell them", () => {
  expect(setValues({}, "a=5,b=x", "typed", { integers: "bigint" })).toEqual({ a: 5n, b: "x" });
});

test("reads JSON, literals and files", () => {
  expect(setJsonValues({ a: { c: 1 } }, '{"a":{"b":1}}')).toEqual({ a: { b: 1, c: 1 } });
  expect(setJsonValues({}, 'a={"x":"y,z"},b=[1,2],c=')).toEqual({ a: { x: "y,z" }, b: [1, 2], c: null });
  expect(() => setJsonValues({}, "a=bad")).toThrow("failed parsing --set-json data a=bad");
  expect(setLiteralValue({}, "a.b={1},\\x")).toEqual({ a: { b: "{1},\\x" } });
  expect(setFileValues({}, "a.b=one,c=two", (path) => `<${path}>`)).toEqual({
    a: { b: "<one>" },
    c: "<two>",
  });
});

test("a key named like a prototype's is an ordinary key", () => {
  const values = setValues({}, "__proto__.x=1");
  expect(Object.getPrototypeOf({})).not.toHaveProperty("x");
  expect(JSON.stringify(values)).toBe('{"__proto__":{"x":1}}');
});
