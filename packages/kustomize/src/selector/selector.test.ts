import { describe, expect, it } from "vitest";
import { parseSelector, selectorMatches } from "./label-selector.js";
import { compilePattern, wholePattern } from "./regex.js";

const labels = new Map([
  ["app", "web"],
  ["size", "5"],
]);

describe("label selectors", () => {
  it.each([
    ["", true],
    ["app=web", true],
    ["app == web , size", true],
    ["app!=web", false],
    ["none!=x", true],
    ["app in (a, web)", true],
    ["app notin (a, web)", false],
    ["!none", true],
    ["!app", false],
    ["size>4", true],
    ["size<5", false],
    ["app=", false],
  ])("%j", (text, matches) => {
    expect(selectorMatches(parseSelector(text), labels)).toBe(matches);
  });

  it.each(["a b", "a in x", "=a", "a=b,", "a in (b"])("%j is none", (text) => {
    expect(() => parseSelector(text)).toThrow("unable to parse requirement");
  });
});

describe("patterns", () => {
  it("match the whole text", () => {
    expect(["a", "b", "ab"].filter(wholePattern("a|b") ?? (() => false))).toEqual(["a", "b"]);
    expect(wholePattern("")).toBeUndefined();
  });

  it("take linear time", () => {
    expect(compilePattern("^(a+)+$").find(`${"a".repeat(20_000)}!`)).toBe(false);
    expect(() => compilePattern("a".repeat(5000))).toThrow("too long");
    expect(() => compilePattern("(?=a)")).toThrow("error parsing regexp");
  });
});
