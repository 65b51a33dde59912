import { describe, expect, it } from "vitest";
import { compareKeys } from "./natural-order.js";
import { formatNumber, printYaml } from "./print.js";

describe("numbers", () => {
  it.each([
    [1000, "1000"],
    [1234567.5, "1.2345675e+06"],
    [999999.5, "999999.5"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e20, "1e+20"],
    [1e21, "1e+21"],
    [-1.5e-7, "-1.5e-07"],
  ])("%d is %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe("strings", () => {
  it.each([
    ["plain text", "plain text"],
    ["", '""'],
    ["y", '"y"'],
    ["0x1F", '"0x1F"'],
    ["1:30", '"1:30"'],
    ["2001-01-01", '"2001-01-01"'],
    ["<<", "<<"],
    ["a: b", "'a: b'"],
    ["it's", "it's"],
    ["'quoted'", "'''quoted'''"],
    ["a #b", "'a #b'"],
    ["tab\there", '"tab\\there"'],
    ["\u{1F600}", '"\\U0001F600"'],
    ["a\nb", "|-\n  a\n  b"],
    ["a\nb\n\n", "|+\n  a\n  b\n"],
    [" a\nb\n", "|2\n   a\n  b"],
    ["a \nb", '"a \\nb"'],
  ])("%j is %s", (text, printed) => {
    expect(printYaml({ k: text })).toBe(`k: ${printed}\n`);
  });

  it("are folded past column 80, at single spaces only", () => {
    const word = "x".repeat(40);
    expect(printYaml({ k: `${word} ${word} ${word}` })).toBe(`k: ${word} ${word}\n  ${word}\n`);
    expect(printYaml({ k: `${word}${word}${word}` })).toBe(`k: ${word}${word}${word}\n`);
    expect(printYaml({ k: [`${word} ${word}  ${word} ${word}`] })).toBe(
      `k:\n- ${word} ${word}  ${word}\n  ${word}\n`,
    );
  });
});

describe("keys", () => {
  it("come in natural order", () => {
    const keys = ["B", "a10", "a2", "a", "a_b", "a.b", "a-b", "1a", "_a", ".a", "ab"];
    expect(keys.sort(compareKeys)).toEqual([
      ".a",
      "_a",
      "1a",
      "B",
      "a",
      "a-b",
      "a.b",
      "a_b",
      "a2",
      "a10",
      "ab",
    ]);
  });

  it("that are long are written with a question mark", () => {
    const key = "k".repeat(129);
    expect(printYaml({ [key]: { a: [] } })).toBe(`? ${key}\n: a: []\n`);
  });
});

describe("collections", () => {
  it("are compact", () => {
    expect(printYaml({ b: [["a"], { c: null, d: {} }], a: true })).toBe(
      "a: true\nb:\n- - a\n- c: null\n  d: {}\n",
    );
  });
});
