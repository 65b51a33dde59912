import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepGlob, shallowGlob } from "./glob.js";

describe("shallowGlob", () => {
  it.each([
    ["*.yaml", "a.yaml", true],
    ["*.yaml", "dir/a.yaml", false],
    ["**/x", "a/x", true],
    ["**/x", "a/b/x", false],
    ["dir/**", "dir/a", true],
    ["dir/**", "dir/a/b", false],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["[a-c]x", "bx", true],
    ["[^a-c]x", "bx", false],
    ["[^a-c]x", "dx", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["a.b", "axb", false],
  ])("%s of %s: %s", (pattern, path, expected) => {
    expect(shallowGlob(pattern)(path)).toBe(expected);
  });

  it.each(["[", "[]", "a[b", "a\\"])("refuses %s", (pattern) => {
    expect(() => shallowGlob(pattern)).toThrow("syntax error in pattern");
  });
});

describe("deepGlob", () => {
  it.each([
    ["**/*.md", "a.md", true],
    ["**/*.md", "a/b/c.md", true],
    ["dir/**", "dir", true],
    ["dir/**", "dir/a/b", true],
    ["dir/**", "dirs/a", false],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["**", "anything/at/all", true],
    ["{a,b/c}.txt", "b/c.txt", true],
    ["{a,b}/{c,d}", "b/d", true],
    ["{a,b}/{c,d}", "b/e", false],
    ["[!a]", "b", true],
    ["*", "a/b", false],
  ])("%s of %s: %s", (pattern, path, expected) => {
    expect(deepGlob(pattern)(path)).toBe(expected);
  });

  it.each(["{a", "[", "{".repeat(20)])("refuses %s", (pattern) => {
    expect(() => deepGlob(pattern)).toThrow("syntax error in pattern");
  });

  it("refuses patterns that mean too many others", () => {
    expect(() => deepGlob("{a,b}".repeat(12))).toThrow("syntax error in pattern");
  });
});

it("takes every text without special characters for itself", () => {
  const plain = fc.stringMatching(/^[a-zA-Z0-9 .+$^()|_-]{1,20}$/).filter((text) => !text.includes("/"));
  fc.assert(
    fc.property(plain, (text) => {
      expect(deepGlob(text)(text)).toBe(true);
      expect(shallowGlob(text)(text)).toBe(true);
      expect(shallowGlob(text)(`${text}x`)).toBe(false);
    }),
  );
});
