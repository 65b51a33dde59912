import { mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planCollection } from "./collect.js";
import { ArtifactReader } from "./reader.js";
import { artifactHandler } from "./server.js";
import { ArtifactStore } from "./store.js";
import { file, fixedRandom, InstantClock, temporaryDirectory } from "./testing/fixtures.js";

const owner = { kind: "GitRepository", namespace: "apps", name: "demo" };
const tree = [file("a.yaml", "a: 1")];

let clock: InstantClock;
let store: ArtifactStore;
let base = "127.0.0.1:1";
const closers: (() => void)[] = [];

beforeEach(async () => {
  clock = new InstantClock();
  store = new ArtifactStore({
    directory: join(await temporaryDirectory(), "storage"),
    baseUrl: () => base,
    clock,
  });
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const put = (commit: string, content = tree) =>
  store.putTree({ owner, file: `${commit}.tar.gz`, revision: `main@sha1:${commit}` }, content);

async function serve(): Promise<void> {
  const server = createServer((request, response) => void artifactHandler(store)(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("ArtifactStore", () => {
  it("describes what it stored and keeps a link to the newest", async () => {
    const artifact = await put("c0ffee");
    expect(artifact).toEqual({
      path: "gitrepository/apps/demo/c0ffee.tar.gz",
      url: `http://${base}/gitrepository/apps/demo/c0ffee.tar.gz`,
      revision: "main@sha1:c0ffee",
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      lastUpdateTime: "2026-01-02T03:04:05Z",
      size: (await stat(store.fileOf(artifact.path))).size,
    });
    const directory = join(store.directory, "gitrepository/apps/demo");
    expect(await readlink(join(directory, "latest.tar.gz"))).toBe("c0ffee.tar.gz");
    expect((await stat(join(directory, "c0ffee.tar.gz"))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await readdir(directory)).sort()).toEqual(["c0ffee.tar.gz", "latest.tar.gz"]);
  });

  it("takes a base URL with a scheme as it is and knows its own URLs again", () => {
    base = "https://artifacts.example/base/";
    expect(store.urlOf("a/b c")).toBe("https://artifacts.example/base/a/b%20c");
    expect(store.fileOfUrl("https://artifacts.example/base/a/b%20c")).toBe(join(store.directory, "a/b c"));
    expect(store.fileOfUrl("https://elsewhere.example/a")).toBeUndefined();
    base = "127.0.0.1:1";
  });

  it("knows what it gave out under an earlier port, and nothing else on this machine", async () => {
    const artifact = await put("c0ffee");
    base = "127.0.0.1:2";
    expect(store.fileOfUrl(artifact.url)).toBe(store.fileOf(artifact.path));
    expect(store.fileOfUrl("http://localhost:3/gitrepository/apps/demo/other.tar.gz")).toBeUndefined();
    expect(store.fileOfUrl("http://127.0.0.1:1/%2e%2e/%2e%2e/etc/passwd")).toBeUndefined();
    base = "https://artifacts.example";
    expect(store.fileOfUrl(artifact.url)).toBeUndefined();
    base = "127.0.0.1:1";
  });

  it("leaves nothing behind when the bytes fail half way", async () => {
    const broken = { ...file("a", "12"), size: 1 };
    await expect(put("bad", [broken])).rejects.toThrow(/announced/);
    expect(await readdir(join(store.directory, "gitrepository/apps/demo"))).toEqual([]);
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(
      store.putBytes({ owner, file: "x.tgz", revision: "1" }, [Buffer.from("x")], aborted),
    ).rejects.toThrow("enough");
  });

  it("refuses names that leave the owner's directory and files past the bound", async () => {
    const draft = { owner, file: "../x", revision: "1" };
    await expect(store.putBytes(draft, [])).rejects.toMatchObject({ code: "unsafe-path" });
    const escaping = { ...draft, file: "x", owner: { ...owner, namespace: ".." } };
    await expect(store.putBytes(escaping, [])).rejects.toMatchObject({ code: "unsafe-path" });
    const small = new ArtifactStore({
      directory: store.directory,
      baseUrl: () => base,
      clock,
      maxFileBytes: 3,
    });
    const big = small.putBytes({ owner, file: "x", revision: "1" }, [Buffer.from("1234")]);
    await expect(big).rejects.toMatchObject({ code: "too-large" });
  });

  it("verifies: present, missing, and corrupt once, removing the file", async () => {
    const artifact = await put("c0ffee");
    expect(await store.verify(artifact)).toBe("present");
    await writeFile(store.fileOf(artifact.path), "tampered");
    expect(await store.verify(artifact)).toBe("corrupt");
    expect(await store.verify(artifact)).toBe("missing");
  });

  it("collects past the retention, never the current one, and removes an owner whole", async () => {
    const artifacts = [];
    for (const [index, commit] of ["a1", "b2", "c3", "d4"].entries()) {
      const artifact = await put(commit);
      const modified = (clock.time - (4 - index) * 1000) / 1000;
      await utimes(store.fileOf(artifact.path), modified, modified);
      artifacts.push(artifact);
    }
    expect(await store.collect(owner, artifacts[0])).toBe(2);
    expect(await store.verify(artifacts[0]!)).toBe("present");
    expect(await store.verify(artifacts[3]!)).toBe("present");
    clock.time += 61_000;
    expect(await store.collect(owner, artifacts[0])).toBe(1);
    expect(await store.removeAll(owner)).toBe(1);
    expect(await store.removeAll(owner)).toBe(0);
    expect(await store.collect(owner, undefined)).toBe(0);
  });
});

describe("ArtifactStore after a crash", () => {
  it("stores over what was left, and sweeps it away once it is old", async () => {
    const directory = join(store.directory, "gitrepository/apps/demo");
    await mkdir(directory, { recursive: true });
    for (const name of [".tmp-1", ".tmp-99"]) await writeFile(join(directory, name), "half");
    await symlink("nowhere", join(directory, ".tmp-link-2"));
    const artifact = await put("c0ffee");
    expect((await readdir(directory)).sort()).toEqual([".tmp-99", "c0ffee.tar.gz", "latest.tar.gz"]);
    clock.time = Date.now() + 2 * 60 * 60_000;
    await store.collect(owner, artifact);
    expect((await readdir(directory)).sort()).toEqual(["c0ffee.tar.gz", "latest.tar.gz"]);
  });
});

describe("withWorkDirectory", () => {
  it("gives an empty directory that is not served, and removes it and older ones", async () => {
    await serve();
    await mkdir(join(store.directory, ".work/run-left"), { recursive: true });
    const seen = await store.withWorkDirectory(async (directory) => {
      await writeFile(join(directory, "x"), "x");
      expect(await readdir(join(store.directory, ".work"))).toHaveLength(1);
      const path = directory.slice(store.directory.length);
      expect((await fetch(`http://${base}${path}/x`)).status).toBe(404);
      return directory;
    });
    await expect(stat(seen)).rejects.toThrow();
  });
});

describe("planCollection", () => {
  const files = [1, 2, 3, 4].map((age) => ({ name: `f${age}`, modified: 100_000 - age * 1000 }));

  it.each([
    ["nothing to do", { ttlMs: 60_000, records: 4 }, "f1", []],
    ["count only", { ttlMs: 60_000, records: 2 }, "f1", ["f3", "f4"]],
    ["the oldest is current", { ttlMs: 60_000, records: 2 }, "f4", ["f2", "f3"]],
    ["age only", { ttlMs: 2500, records: 9 }, "f1", ["f3", "f4"]],
    ["no current", { ttlMs: 60_000, records: 1 }, undefined, ["f2", "f3", "f4"]],
  ])("%s", (_name, retention, current, expected) => {
    expect(planCollection(files, current, 100_000, retention)).toEqual(expected);
  });
});

describe("artifactHandler", () => {
  it("serves GET, HEAD, ranges and conditional requests", async () => {
    await serve();
    const artifact = await store.putBytes({ owner, file: "x.txt", revision: "1" }, [
      Buffer.from("0123456789"),
    ]);
    const get = (init: RequestInit = {}) => fetch(artifact.url, init);
    expect(await (await get()).text()).toBe("0123456789");
    const head = await get({ method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
    const range = await get({ headers: { range: "bytes=2-4" } });
    expect([range.status, range.headers.get("content-range"), await range.text()]).toEqual([
      206,
      "bytes 2-4/10",
      "234",
    ]);
    expect(await (await get({ headers: { range: "bytes=-3" } })).text()).toBe("789");
    expect((await get({ headers: { range: "bytes=20-" } })).status).toBe(416);
    const modified = head.headers.get("last-modified") ?? "";
    expect((await get({ headers: { "if-modified-since": modified } })).status).toBe(304);
    expect((await get({ method: "POST" })).status).toBe(405);
  });

  it("knows nothing outside the storage, no directories and no hidden files", async () => {
    await serve();
    await put("c0ffee");
    for (const path of [
      "",
      "gitrepository",
      "%2e%2e/%2e%2e/etc/passwd",
      "..%2f..%2fetc%2fpasswd",
      "a%00b",
      "%zz",
      ".x",
    ]) {
      expect((await fetch(`http://${base}/${path}`)).status, path).toBe(404);
    }
  });
});

describe("ArtifactReader", () => {
  const readerFor = async (more: object = {}) =>
    new ArtifactReader({
      directory: join(await temporaryDirectory(), "cache"),
      clock,
      random: fixedRandom,
      ...more,
    });

  it("fetches over HTTP once for many who ask at the same time", async () => {
    await serve();
    const artifact = await put("c0ffee");
    const reader = await readerFor();
    const opened = await Promise.all(Array.from({ length: 20 }, () => reader.open(artifact)));
    expect(reader.unpackCount).toBe(1);
    expect(await readFile(join(opened[0]!.directory, "a.yaml"), "utf8")).toBe("a: 1");
    for (const one of opened) one.close();
    expect(await reader.using(artifact, (directory) => readdir(directory))).toEqual(["a.yaml"]);
    expect(reader.unpackCount).toBe(1);
  });

  it("reads this machine's own artifacts without HTTP", async () => {
    const artifact = await put("c0ffee");
    const reader = await readerFor({
      localFile: (url: string) => store.fileOfUrl(url),
      fetch: () => Promise.reject(new Error("no HTTP expected")),
    });
    expect(await reader.using(artifact, (directory) => readdir(directory))).toEqual(["a.yaml"]);
  });

  it("keeps a tree that is open and evicts idle ones past the bound", async () => {
    const first = await put("a1");
    const second = await put("b2", [file("b", "2")]);
    const reader = await readerFor({ localFile: (url: string) => store.fileOfUrl(url), maxIdleTrees: 0 });
    const open = await reader.open(first);
    await reader.using(second, async () => undefined);
    expect(await readdir(open.directory)).toEqual(["a.yaml"]);
    open.close();
    open.close();
    await expect
      .poll(() =>
        stat(open.directory).then(
          () => "there",
          () => "gone",
        ),
      )
      .toBe("gone");
    expect(await reader.using(first, (directory) => readdir(directory))).toEqual(["a.yaml"]);
  });

  it("refuses other bytes than promised, and does not remember the failure", async () => {
    await serve();
    const artifact = await put("c0ffee");
    const other = await put("c0ffee", [file("b", "2")]);
    const reader = await readerFor();
    await expect(reader.open(artifact)).rejects.toMatchObject({ code: "digest-mismatch" });
    await put("c0ffee");
    await expect(reader.using(artifact, (directory) => readdir(directory))).resolves.toEqual(["a.yaml"]);
    expect(other.digest).not.toBe(artifact.digest);
  });

  it("answers 404 at once, and tries a server again that fails", async () => {
    const answers = [503, 500, 404];
    const reader = await readerFor({
      fetch: async () => new Response("no", { status: answers.shift() ?? 200 }),
    });
    const ref = { url: "http://x.example/y", digest: `sha256:${"0".repeat(64)}` };
    await expect(reader.open(ref)).rejects.toMatchObject({ code: "not-found" });
    expect(clock.waits).toEqual([187.5, 375]);
  });

  it("gives up after its retries, naming host and path but no query", async () => {
    const reader = await readerFor({
      retries: 2,
      fetch: () =>
        Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") })),
    });
    const ref = { url: "http://user:secret@x.example/y?token=secret", digest: `sha256:${"0".repeat(64)}` };
    const failure = await reader.open(ref).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "unreachable",
      message: "http://x.example/y cannot be reached: connect ECONNREFUSED",
    });
    expect(clock.waits).toHaveLength(2);
  });

  it("stops waiting when its own signal aborts while others go on", async () => {
    await serve();
    const artifact = await put("c0ffee");
    const reader = await readerFor();
    const controller = new AbortController();
    const leaving = reader.open(artifact, controller.signal);
    const staying = reader.open(artifact);
    controller.abort(new Error("superseded"));
    await expect(leaving).rejects.toThrow("superseded");
    expect(await readdir((await staying).directory)).toEqual(["a.yaml"]);
    expect(reader.unpackCount).toBe(1);
  });
});
