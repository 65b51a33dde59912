import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { GitReference } from "./reference.js";
import {
  contents,
  serveGit,
  temporaryDirectory,
  testClient,
  testRunner,
  WorkTree,
} from "./testing/fixtures.js";

/** A repository with branches, tags of both kinds and a pull request, and its commits by name. */
function sample() {
  const tree = new WorkTree();
  const first = tree.commit("first", { "a.yaml": "a: 1" });
  tree.tag("v1.0.0");
  const second = tree.commit("second", { "a.yaml": "a: 2", "dir/b.yaml": "b: 2" });
  tree.tag("v1.1.0", false);
  tree.tag("v1.1.0+build2");
  tree.git("branch", "feature");
  tree.git("update-ref", "refs/pull/1/head", first);
  const third = tree.commit("third", { "c.yaml": "c: 3" });
  tree.tag("v2.0.0-rc.1");
  return { tree, first, second, third };
}

describe.each(["local", "http"])("GitClient over %s", (transport) => {
  async function addressed(tree: WorkTree): Promise<string> {
    if (transport === "local") return tree.directory;
    const { origin } = await serveGit({ demo: join(tree.directory, ".git") });
    return `${origin}/demo.git`;
  }

  it("resolves and opens every kind of reference", async () => {
    const { tree, first, second, third } = sample();
    const url = await addressed(tree);
    const client = testClient();
    const cases: [GitReference, string, string | undefined][] = [
      [{ branch: "main" }, `main@sha1:${third}`, `main@sha1:${third}`],
      [{ branch: "feature" }, `feature@sha1:${second}`, `feature@sha1:${second}`],
      [{ tag: "v1.0.0" }, `v1.0.0@sha1:${first}`, `v1.0.0@sha1:${first}`],
      [{ tag: "v1.0.0", semver: "*", branch: "feature" }, `v1.0.0@sha1:${first}`, `v1.0.0@sha1:${first}`],
      [{ semver: ">=1.0.0 <2.0.0", branch: "feature" }, `v1.1.0+build2@sha1:${second}`, undefined],
      [{ semver: ">=2.0.0-0" }, `v2.0.0-rc.1@sha1:${third}`, `v2.0.0-rc.1@sha1:${third}`],
      [
        { name: "refs/pull/1/head", tag: "v1.1.0" },
        `refs/pull/1/head@sha1:${first}`,
        `refs/pull/1/head@sha1:${first}`,
      ],
      [{ commit: first }, `sha1:${first}`, undefined],
      [{ commit: first, branch: "main" }, `main@sha1:${first}`, undefined],
      [{ commit: first, branch: "gone" }, `gone@sha1:${first}`, undefined],
    ];
    for (const [reference, revision, resolved] of cases) {
      expect(await client.resolve({ url, reference }), JSON.stringify(reference)).toBe(resolved);
      const checkout = await client.checkout({ url, reference, key: JSON.stringify(reference) });
      expect(checkout.revision).toBe(revision);
      checkout.close();
    }
  });

  it("gives the files, the commit and the tag", async () => {
    const { tree, first } = sample();
    const checkout = await testClient().checkout({
      url: await addressed(tree),
      reference: { tag: "v1.0.0" },
      key: "k",
    });
    expect(await contents(checkout)).toEqual({ "a.yaml": "a: 1" });
    expect(checkout.commit).toMatchObject({
      oid: first,
      message: "first\n",
      author: { name: "Ada", email: "ada@example.com" },
    });
    expect(checkout.tag).toMatchObject({ name: "v1.0.0", object: first, message: "v1.0.0\n" });
    checkout.close();
    await expect(contents(checkout)).rejects.toMatchObject({ code: "failed" });
  });

  it("follows a branch as it moves, bringing the difference only", async () => {
    const tree = new WorkTree();
    tree.commit("first", { a: "1" });
    const url = await addressed(tree);
    const client = testClient();
    for (const content of ["2", "3", "4"]) {
      const commit = tree.commit(content, { a: content });
      const checkout = await client.checkout({ url, reference: { branch: "main" }, key: "k" });
      expect(checkout.commit.oid).toBe(commit);
      expect(await contents(checkout)).toEqual({ a: content });
      checkout.close();
    }
    const moved = tree.git("commit", "--amend", "--quiet", "-m", "forced") || tree.git("rev-parse", "HEAD");
    const checkout = await client.checkout({ url, reference: { branch: "main" }, key: "k" });
    expect(checkout.commit.oid).toBe(moved);
    checkout.close();
  });

  it.each([
    [{ branch: "nope" }, /^branch "nope" was not found; the repository has the branch(es)? .*"main"/],
    [{ tag: "nope" }, /^tag "nope" was not found; the repository has the tags .*"v1.0.0"/],
    [{ name: "refs/nope" }, /^reference "refs\/nope" was not found$/],
    [{ semver: ">9" }, /^no match found for semver: >9; the repository has the tags /],
    [{ commit: "f".repeat(40) }, /^commit "f{40}" was not found$/],
    [{ commit: "short" }, /^commit "short" is not a full object id$/],
  ])("says that %j is not there", async (reference, message) => {
    const { tree } = sample();
    const failure = testClient().checkout({ url: await addressed(tree), reference, key: "k" });
    await expect(failure).rejects.toMatchObject({
      code: "ref-not-found",
      message: expect.stringMatching(message),
    });
  });

  it("tells an empty repository from a missing branch", async () => {
    const failure = testClient().checkout({ url: await addressed(new WorkTree()), key: "k" });
    await expect(failure).rejects.toMatchObject({ code: "empty" });
  });

  it("lists only the sparse directories and names those that are not there", async () => {
    const tree = new WorkTree();
    tree.commit("one", { "a/x": "1", "a/b/y": "2", "ab/z": "3", root: "4" });
    const url = await addressed(tree);
    const client = testClient();
    const checkout = await client.checkout({
      url,
      reference: { branch: "main" },
      key: "k",
      sparse: ["./a/"],
    });
    expect(Object.keys(await contents(checkout))).toEqual(["a/b/y", "a/x"]);
    checkout.close();
    const failure = client.checkout({ url, reference: { branch: "main" }, key: "k", sparse: ["a", "no/pe"] });
    await expect(failure).rejects.toThrow("failed to sparse checkout directories: no/pe not found");
  });

  it("refuses a commit past the limits before it reads any content", async () => {
    const tree = new WorkTree();
    tree.commit("big", { a: "x".repeat(3000), b: "y".repeat(3000) });
    const url = await addressed(tree);
    const request = { url, reference: { branch: "main" }, key: "k" };
    const small = testClient({ treeLimits: { maxBytes: 4096, maxEntries: 10 } });
    await expect(small.checkout(request)).rejects.toThrow(
      "the commit's files are larger than the 4 KiB allowed",
    );
    const few = testClient({ treeLimits: { maxBytes: 1e6, maxEntries: 1 } });
    await expect(few.checkout(request)).rejects.toThrow("more than 1 files");
  });

  it("leaves links out and keeps execute bits", async () => {
    const tree = new WorkTree();
    tree.write("run.sh", "#!/bin/sh", 0o755);
    symlinkSync("/etc/passwd", join(tree.directory, "link"));
    tree.commit("links");
    const checkout = await testClient().checkout({
      url: await addressed(tree),
      reference: { branch: "main" },
      key: "k",
    });
    expect(checkout.entries.map(({ path }) => path)).toEqual(["run.sh"]);
    expect(checkout.entries[0]).toMatchObject({ executable: true, size: 9 });
    const [link] = checkout.symlinks;
    expect([link?.path, await link?.target()]).toEqual(["link", "/etc/passwd"]);
    checkout.close();
  });

  it("never runs what a repository configures: filters, hooks, monitors, attributes", async () => {
    const tree = new WorkTree();
    const proof = join(temporaryDirectory(), "ran");
    tree.commit("evil", {
      ".gitattributes": "* filter=evil text eol=crlf export-ignore ident",
      a: "line\n$Id$",
    });
    tree.git("config", "filter.evil.smudge", `touch ${proof}`);
    tree.git("config", "core.fsmonitor", `touch ${proof}`);
    tree.git("config", "core.sshCommand", `touch ${proof}`);
    for (const hook of ["post-checkout", "reference-transaction", "pre-auto-gc"]) {
      writeFileSync(join(tree.directory, ".git/hooks", hook), `#!/bin/sh\ntouch ${proof}\n`, { mode: 0o755 });
    }
    const checkout = await testClient().checkout({
      url: await addressed(tree),
      reference: { branch: "main" },
      key: "k",
    });
    expect((await contents(checkout))["a"]).toBe("line\n$Id$");
    checkout.close();
    expect(existsSync(proof)).toBe(false);
  });

  it("brings submodules along only when asked, relative ones too", async () => {
    const base = temporaryDirectory();
    const inner = new WorkTree(directoryAt(base, "inner"));
    inner.commit("inner", { "in.yaml": "in: 1" });
    const outer = new WorkTree(directoryAt(base, "outer"));
    outer.commit("outer", { "out.yaml": "out: 1" });
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.directory, "lib");
    const relative = transport === "local" ? "../inner" : "../inner.git";
    outer.git("config", "-f", ".gitmodules", "submodule.lib.url", relative);
    outer.commit("with submodule");
    let url = outer.directory;
    if (transport === "http") {
      const git = (name: string) => join(base, name, ".git");
      url = `${(await serveGit({ outer: git("outer"), inner: git("inner") })).origin}/outer.git`;
    }
    const client = testClient();
    const request = { url, reference: { branch: "main" }, key: "k" };
    const plain = await client.checkout(request);
    expect(Object.keys(await contents(plain)).sort()).toEqual([".gitmodules", "out.yaml"]);
    expect(plain.entries).toContainEqual({ kind: "directory", path: "lib" });
    plain.close();
    const full = await client.checkout({ ...request, recurseSubmodules: true });
    expect((await contents(full))["lib/in.yaml"]).toBe("in: 1");
    full.close();
  });
});

function directoryAt(base: string, name: string): string {
  const directory = join(base, name);
  mkdirSync(directory);
  return directory;
}

describe("GitClient", () => {
  it("needs one listing and no fetch to see that nothing moved", async () => {
    const { tree, third } = sample();
    const { origin, requests } = await serveGit({ demo: join(tree.directory, ".git") });
    const client = testClient();
    const url = `${origin}/demo.git`;
    expect(await client.resolve({ url, reference: { branch: "main" } })).toBe(`main@sha1:${third}`);
    expect([client.listingCount, client.checkoutCount]).toEqual([1, 0]);
    expect(requests).toHaveLength(2);
  });

  it("stops a fetch that brings more than allowed, and leaves nothing behind", async () => {
    const tree = new WorkTree();
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 * (i % 251)) % 256));
    tree.commit("big", { big: noise });
    const { origin } = await serveGit({ demo: join(tree.directory, ".git") });
    const cacheDirectory = temporaryDirectory();
    const client = testClient({ cacheDirectory, maxFetchBytes: 1024 });
    const failure = client.checkout({ url: `${origin}/demo.git`, reference: { branch: "main" }, key: "k" });
    await expect(failure).rejects.toMatchObject({
      code: "too-large",
      message: "the repository is larger than the 1 KiB allowed for one fetch",
    });
    const left = readdirSync(cacheDirectory, { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith(".pack"))).toEqual([]);
  });

  it("forgets a caller's cache", async () => {
    const { tree } = sample();
    const { origin } = await serveGit({ demo: join(tree.directory, ".git") });
    const cacheDirectory = temporaryDirectory();
    const client = testClient({ cacheDirectory });
    (await client.checkout({ url: `${origin}/demo.git`, reference: { branch: "main" }, key: "k" })).close();
    expect(readdirSync(cacheDirectory)).toHaveLength(1);
    await client.forget("k");
    expect(readdirSync(cacheDirectory)).toEqual([]);
  });

  it.each([
    ["http://127.0.0.1:1/x.git", "unreachable"],
    ["https://user:hunter2@example.com/x.git", "invalid-url"],
    ["ext::sh -c touch% /tmp/x", "invalid-url"],
    ["ftp://example.com/x", "protocol-not-allowed"],
    ["ssh://-oProxyCommand=x/y", "invalid-url"],
    ["ssh://git@example.com/x.git", "invalid-credentials"],
    ["/nonexistent/repository", "repository-not-found"],
    ["not a url", "invalid-url"],
  ])("says what is wrong with %s", async (url, code) => {
    const failure = await testClient()
      .resolve({ url, reference: { branch: "main" } })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "GitError", code });
    expect(String(failure)).not.toContain("hunter2");
  });

  it("takes no local repository unless told to", async () => {
    const { tree } = sample();
    const client = testClient({ allowLocal: false });
    for (const url of [tree.directory, `file://${tree.directory}`]) {
      await expect(client.resolve({ url })).rejects.toMatchObject({ code: "protocol-not-allowed" });
    }
  });

  it("ends with the caller's reason when aborted and with a timeout when too slow", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const url = `http://127.0.0.1:${port}/x.git`;
    const client = testClient({ runner: testRunner(150) });
    await expect(client.resolve({ url })).rejects.toMatchObject({ code: "timeout" });
    const controller = new AbortController();
    const waiting = client.resolve({ url, signal: controller.signal, timeoutMs: 10_000 });
    controller.abort(new Error("superseded"));
    await expect(waiting).rejects.toThrow("superseded");
    silent.close();
  });
});
