import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentsOf, packContents, textContents } from "./contents.js";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "capstan-contents-"));
  await mkdir(join(root, "app/.git"), { recursive: true });
  await mkdir(join(root, "shared"));
  for (const [path, text] of Object.entries({
    "app/a.yaml": "a: 1\n",
    "app/logo.png": "x",
    "app/.git/config": "x",
    "shared/b.yaml": "b: 1\n",
  }))
    await writeFile(join(root, path), text);
  await symlink("../shared", join(root, "app/linked"));
  await symlink("..", join(root, "shared/up"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const paths = async (path: string, options: object = {}) =>
  (await contentsOf(join(root, path), options)).map((entry) => entry.path);

describe("contentsOf", () => {
  it("leaves out version control, images and links", async () => {
    expect(await paths("app")).toEqual(["a.yaml"]);
  });

  it("takes other patterns in the place of its own, and more beside them", async () => {
    expect(await paths("app", { ignorePaths: ["*.yaml"] })).toEqual([".git", ".git/config", "logo.png"]);
    expect(await paths("app", { addIgnorePaths: ["a.*,b.*"] })).toEqual([]);
  });

  it("puts what links lead to in their place, and stops where they go round", async () => {
    const found = await paths("app", { resolveSymlinks: true });
    expect(found).toContain("linked/b.yaml");
    expect(found).not.toContain("linked/up/app/a.yaml");
    expect(found.every((path) => path.length < 60)).toBe(true);
  });

  it("takes one file under its own name", async () => {
    expect(await paths("app/a.yaml")).toEqual(["a.yaml"]);
  });

  it("says that there is nothing", async () => {
    await expect(paths("gone")).rejects.toThrow("must point to an existing directory or file");
  });
});

describe("packContents", () => {
  it("gives the same bytes for the same files", async () => {
    const [first, second] = await Promise.all([contentsOf(root, {}), contentsOf(root, {})]);
    expect((await packContents(first)).equals(await packContents(second))).toBe(true);
  });
});

describe("textContents", () => {
  it("is one file without line ends at its end", async () => {
    const [file] = textContents("x.yaml", "a: 1\n\n");
    expect(file).toMatchObject({ path: "x.yaml", size: 4 });
  });
});
