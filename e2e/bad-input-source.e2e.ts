import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { configMap, Flux, kustomization, namespace, source } from "./support/flux.js";
import { git, type LocalRepository } from "./support/git.js";
import { succeed } from "./support/run.js";

const scratch = temporaryDirectory();
const servers: Server[] = [];
let home: Capstan;
let flux: Flux;

beforeAll(async () => {
  home = await Capstan.up(join(scratch.path, "data"));
  flux = new Flux(home, scratch.path);
  await home.kubectl(["create", "namespace", namespace]);
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  for (const server of servers) server.close();
  scratch.remove();
});

async function serve(listener: RequestListener, tls?: { key: Buffer; cert: Buffer }): Promise<string> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/team/app.git`;
}

/** That a source failed, says so in `FetchFailed` and `Ready` alike, and was not stored. */
async function failsToFetch(name: string, reason: string, ...says: (string | RegExp)[]): Promise<string> {
  await flux.is("gitrepository", name, { type: "FetchFailed", status: "True", reason, says });
  const ready = await flux.is("gitrepository", name, { status: "False", reason, says });
  expect((await flux.get("gitrepository", name))?.status.artifact).toBeUndefined();
  return ready.message;
}

const WANTED = "'username' and 'password', or 'bearerToken'";

describe("a repository that cannot be reached", () => {
  it("names the address, and what its server or the name service said", async () => {
    await home.apply([
      source("unreachable", "http://127.0.0.1:1/none.git"),
      source("unknown-host", "https://git.nowhere.invalid/none.git"),
    ]);
    await failsToFetch("unreachable", "GitOperationFailed", "http://127.0.0.1:1/none.git", /connect/i);
    await failsToFetch("unknown-host", "GitOperationFailed", "git.nowhere.invalid", "spec.url");
  });

  it("names the Secret's field for a certificate that is not trusted", async () => {
    const [key, cert] = [join(scratch.path, "tls.key"), join(scratch.path, "tls.crt")];
    const subject = ["-subj", "/CN=git", "-days", "1", "-keyout", key, "-out", cert];
    await succeed("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject]);
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const url = await serve((_request, response) => void response.writeHead(404).end(), tls);
    await home.apply(source("untrusted", url));
    await failsToFetch("untrusted", "GitOperationFailed", "certificate", "'ca.crt'", "spec.secretRef");
  });
});

describe("credentials that are missing or wrong", () => {
  it("names the fields of the Secret to set, and shows no secret", async () => {
    const closed = await serve((_request, response) => {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
    });
    const forbidden = await serve((_request, response) => void response.writeHead(403).end());
    const login = (name: string, stringData: object) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      stringData,
    });
    const secretRef = (name: string) => ({ secretRef: { name } });
    await home.apply([
      login("wrong", { username: "ada", password: "hunter2-password" }),
      login("stale", { bearerToken: "hunter2-token" }),
      login("half", { password: "hunter2-password" }),
      login("empty", { unrelated: "x" }),
      login("keyless", { identity: "hunter2-key" }),
      source("anonymous", closed),
      source("wrong", closed, secretRef("wrong")),
      source("stale", closed, secretRef("stale")),
      source("empty", closed, secretRef("empty")),
      source("forbidden", forbidden, secretRef("wrong")),
      source("half", closed, secretRef("half")),
      source("no-secret", closed, secretRef("absent")),
      source("no-known-hosts", "ssh://git@127.0.0.1:1/x.git", secretRef("keyless")),
    ]);
    const operation = "GitOperationFailed";
    const required = "authentication required";
    const messages = [
      await failsToFetch("anonymous", operation, required, `a Secret with ${WANTED} in spec.secretRef`),
      await failsToFetch(
        "wrong",
        operation,
        /authentication failed/i,
        "'username' and 'password' in Secret 'wrong'",
      ),
      await failsToFetch("stale", operation, required, "check 'bearerToken' in Secret 'stale'"),
      await failsToFetch("empty", operation, required, `set ${WANTED} in Secret 'empty'`),
      await failsToFetch("forbidden", operation, "403", "Secret 'wrong'"),
      await failsToFetch("half", "AuthenticationFailed", "'password' set without 'username'"),
      await failsToFetch("no-secret", "AuthenticationFailed", `${namespace}/absent`, "not found"),
      await failsToFetch("no-known-hosts", "AuthenticationFailed", "known_hosts"),
    ];
    for (const message of messages) expect(message).not.toMatch(/hunter2|terminal prompts/);
  });
});

describe("a reference or path that is missing", () => {
  it("names the reference and those that are there, keeps what ran, and goes on once it is back", async () => {
    const repository = await flux.running("refs", { "a.yaml": configMap("refs", { v: "1" }) });
    await home.apply(source("refs", `file://${repository.path}`, { ref: { branch: "release" } }));
    const says = ['branch "release" was not found', 'the branch "main"', "spec.ref"];
    await flux.is("gitrepository", "refs", { status: "False", reason: "GitOperationFailed", says });
    const { artifact } = (await flux.get("gitrepository", "refs"))?.status ?? {};
    expect(artifact.revision).toMatch(/^main@sha1:/);
    await flux.is("kustomization", "refs", { status: "True", reason: "ReconciliationSucceeded" });
    expect(await flux.data("refs")).toEqual({ v: "1" });
    await git(repository.path, "branch", "release");
    await flux.reconcile("gitrepository", "refs", "branch-is-there");
    await flux.is("gitrepository", "refs", { status: "True", reason: "Succeeded", says: ["release@sha1:"] });
  });

  it("names the path, and leaves running what ran", async () => {
    await flux.running("path", { "app/a.yaml": configMap("path") }, { path: "./app" });
    const uid = (await home.get("configmap", "path"))?.metadata.uid;
    await home.apply(kustomization("path", "path", { path: "./nowhere" }));
    const says = ["kustomization path not found", "nowhere"];
    await flux.is("kustomization", "path", { status: "False", reason: "ArtifactFailed", says });
    expect((await home.get("configmap", "path"))?.metadata.uid).toBe(uid);
  });
});

describe("a tree that must not be stored", () => {
  async function refuses(
    name: string,
    repository: LocalRepository,
    files: Record<string, string>,
    condition: string,
    reason: string,
    says: readonly (string | RegExp)[],
  ): Promise<void> {
    const before = (await flux.get("gitrepository", name))?.status.artifact;
    const object = await home.get("configmap", name);
    const commit = await flux.change(repository, name, files);
    await flux.is("gitrepository", name, { type: condition, status: "True", reason, says });
    await flux.is("gitrepository", name, { status: "False", reason, says });
    const after = await flux.get("gitrepository", name);
    expect(after?.status.artifact).toEqual(before);
    expect(JSON.stringify(before)).not.toContain(commit);
    await flux.is("kustomization", name, { status: "True", reason: "ReconciliationSucceeded" });
    expect((await home.get("configmap", name))?.metadata.uid).toBe(object?.metadata.uid);
  }

  it("refuses a link out of the tree by name, and does not take its object for deleted", async () => {
    const repository = await flux.running("link", { "app/a.yaml": configMap("link") });
    const says = ["'app/a.yaml' (to '/etc/hostname')", ".sourceignore"];
    const files = { "app/a.yaml": "link:/etc/hostname" };
    await refuses("link", repository, files, "StorageOperationFailed", "IllegalPath", says);
    await flux.change(repository, "link", { "app/a.yaml": configMap("link", { v: "2" }) });
    await flux.is("gitrepository", "link", { status: "True", reason: "Succeeded" });
    await home.has("configmap", "link", "default", (object) => object.data?.["v"] === "2");
  });

  it("refuses 200 MiB, with the bound", async () => {
    const repository = await flux.running("large", { "a.yaml": configMap("large") });
    await git(repository.path, "config", "core.compression", "0");
    const noise = randomBytes(25 * 1024 * 1024);
    for (let part = 0; part < 8; part++) {
      noise.writeUInt32LE(part);
      writeFileSync(join(repository.path, `noise-${part}.bin`), noise);
    }
    const says = ["larger than the 100 MiB allowed", "--max-repository-size"];
    await refuses("large", repository, {}, "FetchFailed", "GitOperationFailed", says);
  });
});
