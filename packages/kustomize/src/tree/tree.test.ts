import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { diskTree } from "./disk-tree.js";
import type { FileTree } from "./file-tree.js";
import { memoryTree } from "./memory-tree.js";
import { cleanRelative, resolvePath } from "./path.js";

const folder = mkdtempSync(join(tmpdir(), "capstan-tree-"));
mkdirSync(join(folder, "root/dir"), { recursive: true });
writeFileSync(join(folder, "outside"), "secret");
writeFileSync(join(folder, "root/dir/file"), "text");
symlinkSync("file", join(folder, "root/dir/link"));
symlinkSync("dir", join(folder, "root/to-dir"));
symlinkSync("../outside", join(folder, "root/escape"));
symlinkSync("loop", join(folder, "root/loop"));
afterAll(() => rmSync(folder, { recursive: true }));

const trees: [string, FileTree][] = [
  ["disk", diskTree(join(folder, "root"))],
  [
    "memory",
    memoryTree({
      "dir/file": "text",
      "dir/link": { link: "file" },
      "to-dir": { link: "dir" },
      escape: { link: "../outside" },
      loop: { link: "loop" },
    }),
  ],
];

describe.each(trees)("%s tree", (_, tree) => {
  it("knows files and directories, links followed", () => {
    expect(tree.stat("/")).toEqual({ kind: "directory", size: 0, path: "/" });
    expect(tree.stat("/dir/file")).toEqual({ kind: "file", size: 4, path: "/dir/file" });
    expect(tree.stat("/to-dir/link")).toEqual({ kind: "file", size: 4, path: "/dir/file" });
    expect(tree.stat("/none")).toBeUndefined();
    expect(tree.stat("/dir/file/below")).toBeUndefined();
  });

  it("reads", () => {
    expect(new TextDecoder().decode(tree.readFile("/to-dir/link"))).toBe("text");
    expect(tree.readDir("/dir")).toEqual(["file", "link"]);
    expect(() => tree.readFile("/none")).toThrow("no such file");
  });

  it("does not leave its root", () => {
    expect(() => tree.stat("/escape")).toThrow(expect.objectContaining({ code: "escape" }));
    expect(() => tree.readFile("/escape")).toThrow(expect.objectContaining({ code: "escape" }));
    expect(tree.stat("/../outside")).toBeUndefined();
    expect(() => tree.stat("/loop")).toThrow(expect.objectContaining({ code: "cycle" }));
  });
});

describe("paths", () => {
  it("are resolved within the tree", () => {
    expect(resolvePath("/a/b", "../c/./d//e")).toBe("/a/c/d/e");
    expect(resolvePath("/a", "../../..")).toBe("/");
    expect(cleanRelative("a/../../b/./c")).toBe("../b/c");
  });
});
