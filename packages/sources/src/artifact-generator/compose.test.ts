import { composeTree, DEFAULT_TREE_LIMITS, type TreeEntry } from "@capstan/artifacts";
import { describe, expect, it } from "vitest";
import type { CopyOperation } from "../api/artifact-generator.js";
import { compose } from "./compose.js";

const tree = (files: Record<string, string>): readonly TreeEntry[] =>
  composeTree(
    [
      Object.entries(files).map(([path, text]) => {
        const bytes = Buffer.from(text);
        return { kind: "file", path, executable: false, size: bytes.length, read: async () => bytes };
      }),
    ],
    DEFAULT_TREE_LIMITS,
  );

const APP = tree({
  "app.yaml": "kind: App\nspec: {a: 1, list: [1]}\n",
  "README.md": "x",
  "configs/one.yaml": "1",
  "configs/two.yaml": "2",
  "configs/deep/three.yaml": "3",
  "charts/x.tgz": "packed",
});
const ENV = tree({ "app.yaml": "spec: {b: 2, list: [2]}\n---\nextra: true\n", "notes.md": "x" });

const run = (copies: CopyOperation[], limits = DEFAULT_TREE_LIMITS) =>
  compose(copies, {
    sources: new Map([
      ["app", APP],
      ["env", ENV],
    ]),
    limits,
    unpack: async (archive) => tree({ "x/Chart.yaml": archive.path }),
  });

const filesOf = async (copies: CopyOperation[]) =>
  (await run(copies))
    .filter(({ kind }) => kind === "file")
    .map(({ path }) => path)
    .sort();

describe("compose", () => {
  it.each<[string, CopyOperation, string[]]>([
    ["a file to a name", { from: "@app/app.yaml", to: "@artifact/x.yaml" }, ["x.yaml"]],
    ["a file into a directory", { from: "@app/app.yaml", to: "@artifact/dir/" }, ["dir/app.yaml"]],
    [
      "a directory",
      { from: "@app/configs", to: "@artifact/" },
      ["configs/deep/three.yaml", "configs/one.yaml", "configs/two.yaml"],
    ],
    [
      "a directory with a slash",
      { from: "@app/configs/", to: "@artifact/x" },
      ["x/configs/deep/three.yaml", "x/configs/one.yaml", "x/configs/two.yaml"],
    ],
    ["everything", { from: "@env/", to: "@artifact/all" }, ["all/app.yaml", "all/notes.md"]],
    [
      "a pattern keeps paths",
      { from: "@app/configs/*.yaml", to: "@artifact/apps/" },
      ["apps/configs/one.yaml", "apps/configs/two.yaml"],
    ],
    [
      "a pattern ending in /** drops what is before it",
      { from: "@app/configs/**", to: "@artifact/" },
      ["deep/three.yaml", "one.yaml", "two.yaml"],
    ],
    ["** elsewhere is one segment", { from: "@app/**/one.yaml", to: "@artifact/" }, ["configs/one.yaml"]],
    [
      "excluded names",
      { from: "@app/**", to: "@artifact/", exclude: ["*.md", "charts/**"] },
      ["app.yaml", "configs/deep/three.yaml", "configs/one.yaml", "configs/two.yaml"],
    ],
    [
      "excluded below the pattern's beginning",
      { from: "@app/configs/**", to: "@artifact/", exclude: ["deep/**"] },
      ["one.yaml", "two.yaml"],
    ],
    [
      "an excluded single file is passed over",
      { from: "@app/README.md", to: "@artifact/x", exclude: ["*.md"] },
      [],
    ],
    [
      "an archive's content",
      { from: "@app/charts/x.tgz", to: "@artifact/c", strategy: "Extract" },
      ["c/x/Chart.yaml"],
    ],
    [
      "archives that a pattern finds",
      { from: "@app/**", to: "@artifact/c", strategy: "Extract" },
      ["c/x/Chart.yaml"],
    ],
  ])("copies %s", async (_name, copy, expected) => {
    expect(await filesOf([copy])).toEqual(expected);
  });

  it("overwrites, or merges documents into a file that is there", async () => {
    const base: CopyOperation = { from: "@app/app.yaml", to: "@artifact/app.yaml" };
    const text = async (copies: CopyOperation[]) => {
      const [file] = (await run(copies)).filter(({ kind }) => kind === "file");
      return file?.kind === "file" ? Buffer.from(await file.read()).toString() : "";
    };
    const merged = await text([base, { from: "@env/app.yaml", to: "@artifact/app.yaml", strategy: "Merge" }]);
    expect(merged).toBe("extra: true\nkind: App\nspec:\n  a: 1\n  b: 2\n  list:\n  - 2\n");
    expect(await text([base, { from: "@env/app.yaml", to: "@artifact/app.yaml" }])).toContain("b: 2");
    expect(await text([{ ...base, strategy: "Merge" }])).toContain("kind: App");
  });

  it.each<[CopyOperation, string]>([
    [{ from: "@gone/x", to: "@artifact/x" }, "source alias 'gone' not found"],
    [{ from: "@app/gone", to: "@artifact/x" }, "source 'gone' does not exist"],
    [{ from: "@app/gone/*", to: "@artifact/x" }, "no files match pattern 'gone/*' in source 'app'"],
    [
      { from: "@app/*.md", to: "@artifact/x", exclude: ["*"] },
      "all files matching pattern '*.md' in source 'app' were excluded",
    ],
    [{ from: "@app/*", to: "@artifact/x", exclude: ["["] }, "invalid exclude pattern '['"],
    [{ from: "@app/../x", to: "@artifact/x" }, "path escapes from parent"],
    [{ from: "@app/app.yaml", to: "@artifact/../x" }, "path escapes from parent"],
    [
      { from: "@app/configs", to: "@artifact/x", strategy: "Extract" },
      "extract strategy is not supported for directories",
    ],
    [
      { from: "@app/app.yaml", to: "@artifact/x", strategy: "Extract" },
      "extract strategy requires tarball file",
    ],
  ])("refuses %j", async (copy, text) => {
    await expect(run([copy])).rejects.toThrow(text);
  });

  it("refuses more than the limits, and files in the place of directories", async () => {
    const all: CopyOperation = { from: "@app/", to: "@artifact/" };
    await expect(run([all], { maxBytes: 1000, maxEntries: 3 })).rejects.toThrow("crosses 3 entries");
    await expect(run([all], { maxBytes: 10, maxEntries: 100 })).rejects.toThrow("10 bytes");
    const clash: CopyOperation = { from: "@app/app.yaml", to: "@artifact/configs/one.yaml/x" };
    await expect(run([all, clash])).rejects.toThrow("'configs/one.yaml' is a file");
  });
});
