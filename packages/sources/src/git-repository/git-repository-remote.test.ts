import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { systemClock } from "@capstan/control-plane";
import { GitRepository as BareRepository, GitRunner, gitHttpHandler } from "@capstan/git";
import { describe, expect, it } from "vitest";
import {
  conditionOf,
  type Home,
  isReadyNow,
  listen,
  onCleanup,
  startHome,
  temporaryDirectory,
} from "../testing/home.js";
import { WorkTree } from "../testing/work-tree.js";

const TOKEN = "token-hunter2";

/** A bare repository served as the embedded home serves its own. */
async function builtIn(options: { readToken?: string; home?: () => Home | undefined } = {}) {
  const runner = new GitRunner({ clock: systemClock, environment: { PATH: process.env["PATH"] } });
  const gitDir = join(await temporaryDirectory(), "demo.git");
  const repository = await BareRepository.init(runner, gitDir);
  let origin = "";
  const handler = gitHttpHandler({
    runner,
    repository: (name) => (name === "demo" ? gitDir : undefined),
    pushToken: TOKEN,
    onPush: ({ name }) => void options.home?.()?.sources.pushed(`${origin}/${name}.git`),
    ...(options.readToken === undefined ? {} : { readToken: options.readToken }),
  });
  const server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onCleanup(() => server.close());
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { repository, gitDir, url: `${origin}/demo.git` };
}

/** Pushes with the real git; asynchronous, as the server runs in this process. */
async function push(tree: WorkTree, url: string): Promise<void> {
  const address = url.replace("http://", `http://any:${TOKEN}@`);
  const env = { PATH: process.env["PATH"], GIT_CONFIG_NOSYSTEM: "1" };
  const child = spawn("git", ["push", "--quiet", address, "HEAD:main"], { cwd: tree.directory, env });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(0);
}

describe("GitRepository of a served repository", () => {
  it.each(["over HTTP", "from its directory"])(
    "follows a push without waiting for its interval, %s",
    async (way) => {
      let home: Home | undefined;
      const remote = await builtIn({ home: () => home });
      home = await startHome(
        way === "over HTTP"
          ? {}
          : { localRepository: (url) => (url === remote.url ? remote.gitDir : undefined) },
      );
      await home.create({ url: remote.url, ref: { branch: "main" } });
      const empty = await home.until((object) => conditionOf(object, "FetchFailed") !== undefined);
      expect(conditionOf(empty, "Ready")).toMatchObject({ reason: "EmptyGitRepository" });
      const tree = new WorkTree(await temporaryDirectory());
      for (const content of ["1", "2"]) {
        const commit = tree.commit(content, { a: content });
        await push(tree, remote.url);
        const object = await home.until(
          (candidate) => candidate.status?.artifact?.revision === `main@sha1:${commit}`,
        );
        expect(isReadyNow(object)).toBe(true);
      }
    },
  );

  it("logs in with what its Secret holds, and says when that is wrong", async () => {
    const remote = await builtIn({ readToken: TOKEN });
    const author = { name: "A", email: "a@example.com", time: 0 };
    await remote.repository.commit({
      ref: "refs/heads/main",
      message: "m",
      author,
      changes: [{ path: "a", content: "1" }],
    });
    const home = await startHome();
    await home.secret("good", { username: "any", password: TOKEN });
    await home.secret("token", { bearerToken: TOKEN });
    await home.secret("bad", { username: "any", password: "wrong-hunter2" });
    await home.secret("half", { password: TOKEN });
    await home.secret("app", { githubAppID: "1" });
    const spec = (name: string) => ({ url: remote.url, ref: { branch: "main" }, secretRef: { name } });
    for (const name of ["good", "token"]) {
      await home.create(spec(name), name);
      await home.until(isReadyNow, name);
    }
    for (const [name, reason] of [
      ["bad", "GitOperationFailed"],
      ["half", "AuthenticationFailed"],
      ["app", "InvalidProviderConfiguration"],
    ] as const) {
      await home.create(spec(name), name);
      const object = await home.until(
        (candidate) => conditionOf(candidate, "FetchFailed") !== undefined,
        name,
      );
      expect(conditionOf(object, "Ready")).toMatchObject({ status: "False", reason });
      expect(JSON.stringify(object)).not.toContain("hunter2");
    }
  });
});

describe("GitRepository of provider github", () => {
  it.each([{ githubAppInstallationID: "7" }, { githubAppInstallationOwner: "Team" }])(
    "logs in as %j with a token that it keeps",
    async (installation) => {
      const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const requests: string[] = [];
      const host = await listen((request, response) => {
        requests.push(`${request.method} ${request.url}`);
        const [unsigned = "", signature = ""] = (request.headers.authorization ?? "")
          .replace("Bearer ", "")
          .split(/\.(?=[^.]*$)/);
        const valid = verify("sha256", Buffer.from(unsigned), publicKey, Buffer.from(signature, "base64url"));
        const claims = JSON.parse(Buffer.from(unsigned.split(".")[1] ?? "", "base64url").toString()) as {
          iss: string;
        };
        if (!valid || claims.iss !== "42") return void response.writeHead(401).end();
        if (request.method === "GET") {
          const page = request.url?.endsWith("page=1")
            ? [
                { id: 6, account: { login: "x" } },
                { id: 7, account: { login: "team" } },
              ]
            : [];
          return void response.end(JSON.stringify(page));
        }
        response.writeHead(201).end(JSON.stringify({ token: TOKEN, expires_at: "2999-01-01T00:00:00Z" }));
      });
      const remote = await builtIn({ readToken: TOKEN });
      const author = { name: "A", email: "a@example.com", time: 0 };
      await remote.repository.commit({
        ref: "refs/heads/main",
        message: "m",
        author,
        changes: [{ path: "a", content: "1" }],
      });
      const home = await startHome();
      const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      const app = { githubAppID: "42", githubAppPrivateKey: pem, githubAppBaseURL: `http://${host}` };
      await home.secret("app", { ...app, ...installation });
      await home.create({
        url: remote.url,
        ref: { branch: "main" },
        provider: "github",
        secretRef: { name: "app" },
      });
      await home.until(isReadyNow);
      const asked = requests.length;
      await home.patch({ metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": "1" } } });
      await home.until((object) => object.status?.lastHandledReconcileAt === "1");
      expect(requests.at(-1)).toBe("POST /app/installations/7/access_tokens");
      expect(requests).toHaveLength(asked);
    },
  );

  it.each([
    [{ githubAppID: "42" }, "InvalidProviderConfiguration"],
    [
      { githubAppID: "42", githubAppPrivateKey: "hunter2", githubAppInstallationID: "7" },
      "InvalidProviderConfiguration",
    ],
    [
      {
        githubAppID: "42",
        githubAppPrivateKey: "x",
        githubAppInstallationID: "7",
        githubAppInstallationOwner: "y",
      },
      "InvalidProviderConfiguration",
    ],
    [undefined, "InvalidProviderConfiguration"],
  ])("says what is wrong with the data %j", async (data, reason) => {
    const home = await startHome();
    if (data !== undefined) await home.secret("app", data);
    const secretRef = data === undefined ? {} : { secretRef: { name: "app" } };
    await home.create({ url: "http://127.0.0.1:1/x", provider: "github", ...secretRef });
    const object = await home.until((candidate) => conditionOf(candidate, "FetchFailed") !== undefined);
    expect(conditionOf(object, "Ready")).toMatchObject({ reason });
    expect(JSON.stringify(object)).not.toContain("hunter2");
  });
});

describe("GitRepository of a server that does not answer", () => {
  it("fails after its timeout, and says nothing when the process ends before", async () => {
    const host = await listen(() => undefined);
    const home = await startHome();
    await home.create({ url: `http://${host}/x.git`, timeout: "150ms" }, "short");
    const failed = await home.until((object) => conditionOf(object, "FetchFailed") !== undefined, "short");
    expect(conditionOf(failed, "Ready")).toMatchObject({
      reason: "GitOperationFailed",
      message: expect.stringContaining("took longer than 0.15s"),
    });
    await home.create({ url: `http://${host}/x.git` }, "long");
    const started = await home.until((object) => conditionOf(object, "Reconciling") !== undefined, "long");
    expect(conditionOf(started, "Ready")).toMatchObject({ status: "Unknown", reason: "Progressing" });
    await home.stop();
    expect((await home.get("long")).status).toEqual(started.status);
  });
});

describe("GitRepository after its status was lost", () => {
  it("comes to the same artifact again", async () => {
    const tree = new WorkTree(await temporaryDirectory());
    tree.commit("first", { a: "1" });
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const before = await home.until(isReadyNow);
    await home.client.patch(
      { apiVersion: before.apiVersion, kind: before.kind, namespace: "default", name: "demo" },
      { type: "merge", body: { status: { artifact: null, conditions: null, observedGeneration: null } } },
      { subresource: "status" },
    );
    home.sources.pushed(tree.directory);
    const after = await home.until((object) => isReadyNow(object) && object.status?.artifact !== undefined);
    expect(after.status?.artifact?.digest).toBe(before.status?.artifact?.digest);
  });
});

describe("spec.verify", () => {
  /** A work tree whose commits and tags are signed with a new SSH key where asked. */
  async function signing() {
    const directory = await temporaryDirectory();
    const key = join(directory, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", key]);
    const tree = new WorkTree(await temporaryDirectory());
    tree.git("config", "gpg.format", "ssh");
    tree.git("config", "user.signingkey", key);
    return { tree, publicKey: readFileSync(`${key}.pub`, "utf8") };
  }

  it("takes signed commits only, and keeps the last good one", async () => {
    const { tree, publicKey } = await signing();
    const good = tree.commit("signed", { a: "1" }, "-S");
    const home = await startHome();
    await home.secret("keys", { "ada.sshpub": publicKey });
    const verify = { mode: "HEAD", secretRef: { name: "keys" } };
    await home.create({ url: tree.directory, ref: { branch: "main" }, verify });
    const object = await home.until(isReadyNow);
    expect(object.status?.sourceVerificationMode).toBe("HEAD");
    expect(conditionOf(object, "SourceVerified")).toMatchObject({
      status: "True",
      reason: "Succeeded",
      message: expect.stringContaining(`verified signature of commit 'sha1:${good}' with key 'SHA256:`),
    });
    tree.commit("unsigned", { a: "2" });
    home.sources.pushed(tree.directory);
    const refused = await home.until(
      (candidate) => conditionOf(candidate, "SourceVerified")?.status === "False",
    );
    expect(conditionOf(refused, "Ready")).toMatchObject({
      status: "False",
      reason: "InvalidCommitSignature",
    });
    expect(refused.status?.artifact?.revision).toBe(`main@sha1:${good}`);
    await home.patch({ spec: { verify: null } });
    const unasked = await home.until(isReadyNow);
    expect(conditionOf(unasked, "SourceVerified")).toBeUndefined();
    expect(unasked.status?.sourceVerificationMode).toBeUndefined();
  });

  it("verifies tags, and refuses what is no annotated tag or not of a trusted key", async () => {
    const { tree, publicKey } = await signing();
    const { publicKey: other } = await signing();
    tree.commit("signed", { a: "1" }, "-S");
    tree.git("tag", "-s", "-m", "v1", "v1");
    tree.git("tag", "light");
    const home = await startHome();
    await home.secret("keys", { "ada.sshpub": publicKey, "other.asc": "nonsense" });
    await home.secret("others", { "other.sshpub": other });
    const verify = (mode: string, name = "keys") => ({ mode, secretRef: { name } });
    await home.create({ url: tree.directory, ref: { tag: "v1" }, verify: verify("TagAndHEAD") }, "both");
    expect((await home.until(isReadyNow, "both")).status?.sourceVerificationMode).toBe("TagAndHEAD");
    const cases = [
      ["light", { tag: "light" }, verify("Tag"), "InvalidGitObject"],
      ["branch", { branch: "main" }, verify("Tag"), "InvalidGitObject"],
      ["stranger", { tag: "v1" }, verify("Tag", "others"), "InvalidTagSignature"],
      ["keyless", { tag: "v1" }, verify("Tag", "gone"), "VerificationError"],
    ] as const;
    for (const [name, ref, wanted, reason] of cases) {
      await home.create({ url: tree.directory, ref, verify: wanted }, name);
      const object = await home.until(
        (candidate) => conditionOf(candidate, "SourceVerified") !== undefined,
        name,
      );
      expect(conditionOf(object, "Ready")).toMatchObject({ status: "False", reason });
      expect(object.status?.artifact).toBeUndefined();
    }
  });
});
