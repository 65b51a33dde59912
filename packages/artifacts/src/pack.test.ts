import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { packTar, type TarEntry } from "modern-tar";
import { describe, expect, it } from "vitest";
import { digestOf } from "./digest.js";
import { readDirectoryTree, resolveInside } from "./directory.js";
import { packTree } from "./pack.js";
import { parseIgnorePatterns } from "./sourceignore/pattern.js";
import { ignoreRules } from "./sourceignore/rules.js";
import { collectBytes, file, temporaryDirectory } from "./testing/fixtures.js";
import { composeTree, DEFAULT_TREE_LIMITS, type TreeEntry } from "./tree.js";
import { unpackTarball } from "./unpack.js";

const compose = (entries: TreeEntry[]) => composeTree([entries], DEFAULT_TREE_LIMITS);

async function listing(entries: readonly TreeEntry[], lines = "none"): Promise<string[]> {
  const directory = await temporaryDirectory();
  const ignore = ignoreRules(parseIgnorePatterns(lines));
  await writeFile(join(directory, "a.tgz"), await collectBytes(packTree(entries, { ignore })));
  const text = execFileSync("tar", ["-tvzf", join(directory, "a.tgz"), "--full-time", "--utc"]).toString();
  return text.trim().split("\n");
}

describe("packTree", () => {
  it("normalises owners, times and modes, as the real tar reads it", async () => {
    const tree = compose([file("run.sh", "#!", true), file("dir/a.yaml", "a: 1")]);
    expect(await listing(tree)).toEqual([
      "drwxr-x--- 0/0               0 1970-01-01 00:00:00 .",
      "drwxr-x--- 0/0               0 1970-01-01 00:00:00 dir",
      "-rw------- 0/0               4 1970-01-01 00:00:00 dir/a.yaml",
      "-rwx------ 0/0               2 1970-01-01 00:00:00 run.sh",
    ]);
  });

  it("leaves out what is ignored", async () => {
    const tree = compose([file("docs/a.md", ""), file("app.yaml", "")]);
    expect((await listing(tree, "*.md")).map((line) => line.split(" ").at(-1))).toEqual([
      ".",
      "app.yaml",
      "docs",
    ]);
  });

  it("gives the same bytes for the same tree from disk, whatever its times and owners", async () => {
    const digests = new Set<string>();
    for (const mode of [0o644, 0o600]) {
      const directory = await temporaryDirectory();
      await mkdir(join(directory, "b"));
      await writeFile(join(directory, "b/x"), "content");
      await writeFile(join(directory, "a"), "other");
      await chmod(join(directory, "a"), mode);
      await symlink("/etc/passwd", join(directory, "link"));
      digests.add(digestOf(await collectBytes(packTree(await readDirectoryTree(directory)))));
    }
    expect(digests.size).toBe(1);
  });

  it("fails where a file has other bytes than announced", async () => {
    const lying: TreeEntry = { ...file("a", "123"), size: 2 };
    await expect(collectBytes(packTree([lying]))).rejects.toThrow(/3 bytes where 2 were announced/);
  });
});

describe("unpackTarball", () => {
  async function unpack(bytes: Uint8Array, limits = DEFAULT_TREE_LIMITS) {
    const directory = await temporaryDirectory();
    const result = await unpackTarball(
      (async function* () {
        yield bytes;
      })(),
      directory,
      { limits },
    );
    return { directory, result };
  }

  const tarball = async (entries: TarEntry[]) => gzipSync(await packTar(entries));

  it("brings back what was packed, long names and execute bits included", async () => {
    const long = `${"d".repeat(120)}/${"f".repeat(200)}.yaml`;
    const tree = compose([file(long, "long"), file("run.sh", "x", true), file("empty", "")]);
    const { directory, result } = await unpack(await collectBytes(packTree(tree)));
    expect(result).toEqual({ files: 3, bytes: 5 });
    expect(await readFile(join(directory, long), "utf8")).toBe("long");
    expect((await stat(join(directory, "run.sh"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, "empty"))).mode & 0o777).toBe(0o600);
  });

  it("brings back any tree, and packs what came back to the same bytes", async () => {
    const name = fc
      .stringMatching(/^[^/\0]{1,60}$/)
      .filter(
        (text) =>
          text !== "." &&
          text !== ".." &&
          Buffer.from(text).toString() === text &&
          Buffer.byteLength(text) < 200,
      );
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
    const files = fc.array(fc.tuple(path, fc.uint8Array({ maxLength: 700 }), fc.boolean()), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(files, async (list) => {
        const tree = compose(list.map(([where, content, executable]) => file(where, content, executable)));
        const bytes = await collectBytes(packTree(tree));
        const { directory } = await unpack(bytes);
        const again = await collectBytes(packTree(await readDirectoryTree(directory)));
        expect(digestOf(again)).toBe(digestOf(bytes));
      }),
      { numRuns: 40 },
    );
  });

  it("brings back large files and large archives piece by piece", async () => {
    const zeros = new Uint8Array(33 * 1024 * 1024);
    const noise = new Uint8Array(5 * 1024 * 1024).map(
      (_, index) => (index * index * 31 + (index >> 9)) & 255,
    );
    for (const content of [zeros, noise]) {
      const tree = compose([file("dir/large", content), file("small", "s")]);
      const { directory, result } = await unpack(await collectBytes(packTree(tree)));
      expect(result).toEqual({ files: 2, bytes: content.byteLength + 1 });
      expect((await readFile(join(directory, "dir/large"))).equals(content)).toBe(true);
    }
  });

  it.each(["../evil", "/evil", "a/../../evil"])("refuses the path %s", async (name) => {
    const bytes = await tarball([{ header: { name, size: 1, type: "file" }, body: "x" }]);
    await expect(unpack(bytes)).rejects.toMatchObject({ code: "unsafe-path" });
  });

  it("passes over links, also as a way out of the directory", async () => {
    const outside = await temporaryDirectory();
    const bytes = await tarball([
      { header: { name: "out", size: 0, type: "symlink", linkname: outside } },
      { header: { name: "hard", size: 0, type: "link", linkname: "/etc/passwd" } },
      { header: { name: "out/evil", size: 1, type: "file" }, body: "x" },
    ]);
    const { directory } = await unpack(bytes);
    await expect(stat(join(outside, "evil"))).rejects.toThrow();
    expect(await readFile(join(directory, "out/evil"), "utf8")).toBe("x");
    await expect(stat(join(directory, "hard"))).rejects.toThrow();
  });

  it("stops at the limits", async () => {
    const bomb = await tarball([
      { header: { name: "zeros", size: 20_000_000, type: "file" }, body: new Uint8Array(20_000_000) },
    ]);
    await expect(unpack(bomb, { maxBytes: 1000, maxEntries: 10 })).rejects.toMatchObject({
      code: "too-large",
    });
    const many = await tarball(
      Array.from({ length: 50 }, (_, i) => ({ header: { name: `f${i}`, size: 0 } })),
    );
    await expect(unpack(many, { maxBytes: 1000, maxEntries: 10 })).rejects.toMatchObject({
      code: "too-large",
    });
  });

  it.each([
    ["no gzip", Buffer.from("hello")],
    ["gzip without tar", gzipSync(Buffer.alloc(2048, "x"))],
    ["cut off", gzipSync(Buffer.alloc(100_000, "x")).subarray(0, 60)],
    ["nothing", Buffer.alloc(0)],
  ])("calls %s corrupt", async (_name, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject({ code: "corrupt" });
  });
});

describe("resolveInside", () => {
  it("follows links inside the tree and refuses those that leave it", async () => {
    const root = await temporaryDirectory();
    await mkdir(join(root, "a"));
    await symlink("a", join(root, "inside"));
    await symlink("/etc", join(root, "outside"));
    expect(await resolveInside(root, "inside")).toMatch(/\/a$/);
    await expect(resolveInside(root, "outside")).rejects.toMatchObject({ code: "unsafe-path" });
    await expect(resolveInside(root, "../..")).rejects.toMatchObject({ code: "unsafe-path" });
    await expect(resolveInside(root, "missing")).rejects.toMatchObject({ code: "not-found" });
  });
});
