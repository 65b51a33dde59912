import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GitRepository } from "./repository.js";
import type { RefUpdate } from "./server-protocol.js";
import { serveGit, temporaryDirectory, testRunner, WorkTree } from "./testing/fixtures.js";

const AUTHOR = { name: "Capstan", email: "capstan@example.com", time: 1_700_000_000_000 };
const TOKEN = "t0ken-hunter2";

async function remote(options: object = {}) {
  const gitDir = join(temporaryDirectory(), "demo.git");
  const repository = await GitRepository.init(testRunner(), gitDir);
  const pushes: { name: string; updates: readonly RefUpdate[] }[] = [];
  const served = await serveGit(
    { demo: gitDir },
    { pushToken: TOKEN, onPush: (push) => pushes.push(push), ...options },
  );
  return { ...served, gitDir, repository, pushes, url: `${served.origin}/demo.git` };
}

/** The real git, as a user at a terminal has it; asynchronous, as the server runs in this process. */
async function git(cwd: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const { spawn } = await import("node:child_process");
  const env = { PATH: process.env["PATH"], HOME: cwd, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1" };
  const child = spawn("git", args, { cwd, env });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? -1)));
  return { code, output };
}

function authorized(url: string): string {
  return url.replace("http://", `http://any:${TOKEN}@`);
}

describe("gitHttpHandler", () => {
  it("is cloned, pushed to and fetched from by the real git", async () => {
    const { url, repository, pushes, gitDir } = await remote();
    const first = await repository.commit({
      ref: "refs/heads/main",
      message: "first",
      author: AUTHOR,
      changes: [{ path: "a.yaml", content: "a: 1\n" }],
    });
    const home = temporaryDirectory();
    expect(await git(home, "clone", "--quiet", url, "clone")).toEqual({ code: 0, output: "" });
    const clone = join(home, "clone");
    expect(readFileSync(join(clone, "a.yaml"), "utf8")).toBe("a: 1\n");
    writeFileSync(join(clone, "b.yaml"), "b: 2\n");
    await git(clone, "add", ".");
    await git(clone, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "-m", "second");
    const second = (await git(clone, "rev-parse", "HEAD")).output.trim();
    expect(
      await git(clone, "push", "--quiet", authorized(url), "HEAD:main", "HEAD:refs/heads/new"),
    ).toMatchObject({ code: 0 });
    expect(pushes).toEqual([
      {
        name: "demo",
        updates: [
          { ref: "refs/heads/main", from: first, to: second },
          { ref: "refs/heads/new", from: "0".repeat(40), to: second },
        ],
      },
    ]);
    expect(await repository.resolve("refs/heads/main")).toBe(second);
    expect((await git(clone, "push", "--quiet", authorized(url), ":new")).code).toBe(0);
    expect(await repository.resolve("refs/heads/new")).toBeUndefined();
    expect(readdirSync(join(gitDir, "objects")).filter((name) => name.startsWith("tmp_objdir"))).toEqual([]);
  });

  it("takes large pushes in pieces and compressed requests", async () => {
    const { url, repository } = await remote();
    const tree = new WorkTree();
    const noise = Buffer.from(Array.from({ length: 2_500_000 }, (_, i) => (i * i * 31 + (i >> 7)) & 255));
    const commit = tree.commit("big", { big: noise });
    for (let index = 0; index < 80; index++) tree.git("branch", `b${index}`);
    expect(await git(tree.directory, "push", "--quiet", authorized(url), "--all")).toMatchObject({ code: 0 });
    expect(await repository.resolve("refs/heads/b79")).toBe(commit);
    const home = temporaryDirectory();
    expect((await git(home, "clone", "--quiet", "-b", "main", url, "clone")).code).toBe(0);
  });

  it("lets nobody push without the token, and nobody read where reading needs one", async () => {
    const { url, pushes } = await remote({ readToken: "read-token" });
    const tree = new WorkTree();
    tree.commit("first", { a: "1" });
    for (const address of [
      url,
      url.replace("http://", "http://any:wrong@"),
      url.replace("http://", "http://any:read-token@"),
    ]) {
      const result = await git(tree.directory, "push", address, "main");
      expect(result.code).not.toBe(0);
    }
    expect(pushes).toEqual([]);
    expect((await git(tree.directory, "push", "--quiet", authorized(url), "main")).code).toBe(0);
    expect((await git(tree.directory, "ls-remote", url)).code).not.toBe(0);
    expect(
      (await git(tree.directory, "ls-remote", url.replace("http://", "http://x:read-token@"))).code,
    ).toBe(0);
    const bearer = await fetch(`${url}/info/refs?service=git-upload-pack`, {
      headers: { authorization: "Bearer read-token" },
    });
    expect(bearer.status).toBe(200);
  });

  it("is read-only where there is no token to push with", async () => {
    const gitDir = join(temporaryDirectory(), "demo.git");
    await GitRepository.init(testRunner(), gitDir);
    const { origin } = await serveGit({ demo: gitDir });
    expect((await fetch(`${origin}/demo.git/info/refs?service=git-receive-pack`)).status).toBe(403);
  });

  it("refuses a push past its bound and leaves nothing of it", async () => {
    const { url, repository, gitDir } = await remote({ maxPushBytes: 10_000 });
    const tree = new WorkTree();
    tree.commit("big", {
      big: Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i * 31 + (i >> 7)) & 255)),
    });
    const result = await git(tree.directory, "push", authorized(url), "main");
    expect(result.code).not.toBe(0);
    expect(await repository.resolve("refs/heads/main")).toBeUndefined();
    const left = execFileSync("find", [join(gitDir, "objects"), "-type", "f"]).toString();
    expect(left).toBe("");
  });

  it("refuses objects that are malformed, keeping them out of the repository", async () => {
    const { url, repository } = await remote();
    const tree = new WorkTree();
    const blob = tree.git("hash-object", "-w", "--stdin");
    const listing = `100644 blob ${blob}\t.git\n`;
    const run = (args: string[], input: string) =>
      spawnSync("git", args, { cwd: tree.directory, input }).stdout.toString().trim();
    const evil = run(["mktree"], listing);
    const commit = tree.git("commit-tree", evil, "-m", "evil");
    expect(evil).not.toBe("");
    const result = await git(tree.directory, "push", authorized(url), `${commit}:refs/heads/main`);
    expect(result.output).toMatch(/hasDotgit|fsck error/);
    expect(await repository.resolve("refs/heads/main")).toBeUndefined();
  });

  it.each([
    ["/other.git/info/refs?service=git-upload-pack", "GET", 404],
    ["/demo.git/info/refs", "GET", 403],
    ["/demo.git/info/refs?service=git-evil", "GET", 403],
    ["/demo.git/git-upload-pack", "GET", 405],
    ["/demo.git/HEAD", "GET", 404],
    ["/..%2f..%2fetc/info/refs?service=git-upload-pack", "GET", 404],
    ["/-x.git/info/refs?service=git-upload-pack", "GET", 404],
  ])("answers %s %s with %i", async (path, method, status) => {
    const { origin } = await remote();
    expect((await fetch(`${origin}${path}`, { method })).status).toBe(status);
  });
});

describe("GitRepository", () => {
  const repository = () => GitRepository.init(testRunner(), join(temporaryDirectory(), "r.git"));
  const commit = (changes: { path: string; content: string | undefined; executable?: boolean }[]) => ({
    ref: "refs/heads/main",
    message: 'say "hi"\n\nbody',
    author: AUTHOR,
    changes,
  });

  it("commits files, removes them, and leaves out what changes nothing", async () => {
    const repo = await repository();
    const first = await repo.commit(
      commit([
        { path: 'dir/with "quote".yaml', content: "x" },
        { path: "run.sh", content: "#!", executable: true },
      ]),
    );
    const show = (...args: string[]) => execFileSync("git", ["--git-dir", repo.gitDir, ...args]).toString();
    const listing = show("ls-tree", "-r", "-z", "main").replace(/blob \w+\t/g, "");
    expect(listing.split("\0")).toEqual(['100644 dir/with "quote".yaml', "100755 run.sh", ""]);
    expect(show("log", "-1", "--format=%an <%ae> %at%n%B", "main")).toBe(
      'Capstan <capstan@example.com> 1700000000\nsay "hi"\n\nbody\n',
    );
    expect(await repo.commit(commit([{ path: "run.sh", content: "#!", executable: true }]))).toBeUndefined();
    expect(await repo.resolve("main")).toBe(first);
    const second = await repo.commit(commit([{ path: "run.sh", content: undefined }]));
    expect(show("ls-tree", "--name-only", "main").trim()).toBe("dir");
    expect(show("rev-parse", "main^").trim()).toBe(first);
    expect(second).toBe(show("rev-parse", "main").trim());
  });

  it.each(["../x", "a//b", ".git/config", ""])("refuses the path %j", async (path) => {
    const repo = await repository();
    await expect(repo.commit(commit([{ path, content: "x" }]))).rejects.toMatchObject({ code: "failed" });
    expect(await repo.resolve("main")).toBeUndefined();
  });

  it("pushes, and says when the remote does not take it", async () => {
    const { url, repository: target } = await remote();
    const { parseGitUrl } = await import("./url.js");
    const repo = await repository();
    const first = await repo.commit(commit([{ path: "a", content: "1" }]));
    const options = { runner: testRunner(), temporaryDirectory: temporaryDirectory() };
    const to = { url: parseGitUrl(url), credentials: { username: "any", password: TOKEN } };
    await repo.push(to, "refs/heads/main", options);
    expect(await target.resolve("main")).toBe(first);
    await target.commit(commit([{ path: "b", content: "2" }]));
    await repo.commit(commit([{ path: "c", content: "3" }]));
    await expect(repo.push(to, "refs/heads/main", options)).rejects.toMatchObject({ code: "rejected" });
    const wrong = { ...to, credentials: { username: "any", password: "wrong-hunter2" } };
    const failure = await repo.push(wrong, "refs/heads/main", options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "auth-failed" });
    expect(String(failure)).not.toContain("hunter2");
  });
});
