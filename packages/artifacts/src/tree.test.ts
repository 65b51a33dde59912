import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { file } from "./testing/fixtures.js";
import { cleanPath, comparePaths, composeTree, DEFAULT_TREE_LIMITS } from "./tree.js";

const paths = (layers: Parameters<typeof composeTree>[0]) =>
  composeTree(layers, DEFAULT_TREE_LIMITS).map(({ kind, path }) => `${kind === "file" ? "-" : "d"} ${path}`);

describe("comparePaths", () => {
  it("puts a directory's contents before its next sibling", () => {
    const sorted = ["a.txt", "a-b", "a/z", "a", "b"].sort(comparePaths);
    expect(sorted).toEqual(["a", "a/z", "a-b", "a.txt", "b"]);
  });

  it("orders names as their UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        fc.pre(!a.includes("/") && !b.includes("/"));
        expect(Math.sign(comparePaths(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });
});

describe("cleanPath", () => {
  it("normalises and refuses what leaves the tree", () => {
    expect(cleanPath("./a//b/")).toBe("a/b");
    expect(cleanPath(".")).toBe("");
    for (const bad of ["/etc/passwd", "../x", "a/../../x", "a/..", "nul\0"]) {
      expect(() => cleanPath(bad)).toThrow(expect.objectContaining({ code: "unsafe-path" }));
    }
    expect(() => cleanPath("a/".repeat(300))).toThrow(expect.objectContaining({ code: "too-large" }));
  });
});

describe("composeTree", () => {
  it("adds directories and sorts", () => {
    expect(paths([[file("b/c/d", ""), file("a", "")]])).toEqual(["- a", "d b", "d b/c", "- b/c/d"]);
  });

  it("lets a later layer replace files by directories and the other way round", () => {
    expect(paths([[file("a", "")], [file("a/b", "")]])).toEqual(["d a", "- a/b"]);
    expect(paths([[file("a/b/c", "")], [file("a", "")]])).toEqual(["- a"]);
  });

  it("refuses more than the limits", () => {
    const two = [[file("a", "123"), file("b", "456")]];
    expect(() => composeTree(two, { maxBytes: 5, maxEntries: 10 })).toThrow(/6 bytes, more than the 5/);
    expect(() => composeTree(two, { maxBytes: 50, maxEntries: 1 })).toThrow(/more than 1 files/);
  });
});
