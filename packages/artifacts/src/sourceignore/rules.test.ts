import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { file } from "../testing/fixtures.js";
import { composeTree, DEFAULT_TREE_LIMITS } from "../tree.js";
import { compileSegment, matchSegment } from "./glob.js";
import { parseIgnorePatterns } from "./pattern.js";
import { ignoreRules, loadIgnoreRules } from "./rules.js";

function ignored(lines: string, path: string, isDirectory = false): boolean {
  return ignoreRules(parseIgnorePatterns(lines)).ignores(path, isDirectory);
}

describe("a segment pattern", () => {
  it.each([
    ["*.yaml", "a.yaml", true],
    ["*.yaml", ".yaml", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["[a-c]x", "bx", true],
    ["[^a-c]x", "bx", false],
    ["[^a-c]x", "dx", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["[", "[", false],
    ["[]a]", "a", false],
    ["a*b*c", "axxbyyc", true],
    ["a*b*c", "axxbyy", false],
    ["?", "é", true],
  ])("%s on %s: %s", (pattern, name, expected) => {
    expect(matchSegment(compileSegment(pattern), name)).toBe(expected);
  });

  it("takes time bounded by both lengths on patterns that backtrack", () => {
    expect(matchSegment(compileSegment("*a".repeat(200)), `${"a".repeat(5000)}b`)).toBe(false);
  });

  it("matches a name against itself when every special character is escaped", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const literal = name.replace(/[\\*?[\]^-]/g, (special) => `\\${special}`);
        return matchSegment(compileSegment(literal), name);
      }),
    );
  });
});

describe("ignore rules", () => {
  it("always leaves version control files out, whatever patterns say before them", () => {
    expect(ignored("", ".git/config")).toBe(true);
    expect(ignored("docs/", ".gitignore")).toBe(true);
    expect(ignored("!.gitmodules", ".gitmodules")).toBe(false);
  });

  it("leaves images and CI files out only while there is no pattern", () => {
    expect(ignored("", "logo.png")).toBe(true);
    expect(ignored("", ".github/workflows/ci.yaml")).toBe(true);
    expect(ignored("", "a/b/.sops.yaml")).toBe(true);
    expect(ignored("docs/", "logo.png")).toBe(false);
    expect(ignored("# only a comment\n\n", "logo.png")).toBe(true);
  });

  it.each([
    ["/*\n!/deploy", "src/main.go", true],
    ["/*\n!/deploy", "deploy/app.yaml", false],
    ["docs", "docs/a/b.md", true],
    ["docs/", "docs", false],
    ["docs/", "x/docs/a.md", true],
    ["/docs", "x/docs", false],
    ["a/**/z", "a/b/c/z", true],
    ["a/**", "a/b", true],
    ["a/**", "a", true],
    ["a/**", "b", false],
    ["**/z", "z", true],
    ["a/b**", "a/bc", false],
    ["*.txt\n!keep.txt", "x/keep.txt", false],
    ["!keep.txt\n*.txt", "keep.txt", true],
    ["trailing   ", "trailing", true],
    ["windows\r", "windows", true],
    ["foo/*/bar", "foo/x/bar/baz", true],
    ["foo/*.yaml", "foo/x/a.yaml", false],
  ])("%j on %s: %s", (lines, path, expected) => {
    expect(ignored(lines, path)).toBe(expected);
  });

  it("scopes a nested file to its directory and lets spec.ignore decide last", async () => {
    const tree = composeTree(
      [[file("a/.sourceignore", "*.md\n!keep.md"), file("a/x.md", ""), file("b/x.md", "")]],
      DEFAULT_TREE_LIMITS,
    );
    const rules = await loadIgnoreRules(tree);
    expect(rules.ignores("a/x.md", false)).toBe(true);
    expect(rules.ignores("b/x.md", false)).toBe(false);
    const overridden = await loadIgnoreRules(tree, "keep.md\n!x.md");
    expect(overridden.ignores("a/x.md", false)).toBe(false);
    expect(overridden.ignores("a/keep.md", false)).toBe(true);
  });

  it("refuses an ignore file of more than 1 MiB", async () => {
    const tree = [file("a/.sourceignore", new Uint8Array(1024 * 1024 + 1))];
    await expect(loadIgnoreRules(tree)).rejects.toMatchObject({ code: "too-large" });
  });
});
