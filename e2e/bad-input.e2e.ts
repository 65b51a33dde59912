import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { until } from "./support/run.js";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

const scratch = temporaryDirectory();
const namespace = "flux-system";
let home: Capstan;
let unauthorized: Server;

beforeAll(async () => {
  unauthorized = createServer((_request, response) => {
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
  });
  await new Promise<void>((done) => unauthorized.listen(0, "127.0.0.1", done));
  const first = await LocalRepository.create(join(scratch.path, "first"));
  await first.commit({ "a.yaml": configMap("first") });
  home = await Capstan.up(join(scratch.path, "data"), [first.path]);
  await home.kubectl(["create", "namespace", namespace]);
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  unauthorized?.close();
  scratch.remove();
});

function configMap(name: string, data: Record<string, string> = {}, more = ""): string {
  const lines = Object.entries(data).map(([key, value]) => `  ${key}: "${value}"\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}${lines.length > 0 ? `data:\n${lines.join("")}` : ""}`;
}

const source = (name: string, url: string, spec: object = {}) => ({
  apiVersion: "source.toolkit.fluxcd.io/v1",
  kind: "GitRepository",
  metadata: { name, namespace },
  spec: { url, interval: "1h", ref: { branch: "main" }, ...spec },
});

const kustomization = (name: string, repository: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { name, namespace, ...metadata },
  spec: {
    sourceRef: { kind: "GitRepository", name: repository },
    path: "./",
    prune: true,
    interval: "1h",
    retryInterval: "1s",
    targetNamespace: "default",
    ...spec,
  },
});

/** A repository and its Kustomization, ready at this first content. */
async function running(
  name: string,
  files: Record<string, string>,
  spec: object = {},
): Promise<LocalRepository> {
  const repository = await LocalRepository.create(join(scratch.path, name));
  await repository.commit(files);
  await home.apply([source(name, `file://${repository.path}`), kustomization(name, name, spec)]);
  await is("kustomization", name, { status: "True" });
  return repository;
}

/** Commits and asks the source to look. */
async function change(repository: LocalRepository, name: string, files: Record<string, string | undefined>) {
  const commit = await repository.commit(files);
  await home.kubectl([
    "annotate",
    "gitrepository",
    name,
    "-n",
    namespace,
    "--overwrite",
    `reconcile.fluxcd.io/requestedAt=${commit}`,
  ]);
}

/** Waits for a condition; `message` and `reason` are patterns. */
async function is(
  kind: string,
  name: string,
  wanted: { type?: string; status: string; reason?: RegExp; message?: RegExp },
): Promise<Condition> {
  let last: readonly Condition[] = [];
  return until(
    `${kind}/${name} has ${wanted.type ?? "Ready"}=${wanted.status} ${wanted.reason ?? ""} ${wanted.message ?? ""}`,
    async () => {
      last = (await home.get(kind, name, namespace))?.status?.conditions ?? [];
      return last.find(
        (each) =>
          each.type === (wanted.type ?? "Ready") &&
          each.status === wanted.status &&
          (wanted.reason?.test(each.reason) ?? true) &&
          (wanted.message?.test(each.message) ?? true),
      );
    },
    45_000,
    () => last,
  );
}

const data = async (name: string) => (await home.get("configmap", name))?.data;

describe("a source that cannot be fetched", () => {
  it("says why", async () => {
    const { port } = unauthorized.address() as AddressInfo;
    const repository = await LocalRepository.create(join(scratch.path, "refs"));
    await repository.commit({ "a.yaml": configMap("refs") });
    await home.apply([
      source("unreachable", "http://127.0.0.1:1/none.git"),
      source("unauthorized", `http://127.0.0.1:${port}/private.git`),
      source("no-ref", `file://${repository.path}`, { ref: { branch: "missing" } }),
    ]);
    const failed = { status: "False", reason: /GitOperationFailed|AuthenticationFailed/ };
    await is("gitrepository", "unreachable", { ...failed, message: /refused|connect/i });
    await is("gitrepository", "unauthorized", {
      ...failed,
      message: /authentication required|could not read Username/i,
    });
    await is("gitrepository", "no-ref", { ...failed, message: /missing/ });
  });
});

describe("a change that cannot be built", () => {
  it("leaves running what ran, and says what is wrong where", async () => {
    const repository = await running("build", { "a.yaml": configMap("kept", { v: "1" }) });
    const broken = async (files: Record<string, string | undefined>, message: RegExp) => {
      await change(repository, "build", files);
      await is("kustomization", "build", { status: "False", reason: /BuildFailed/, message });
      expect(await data("kept")).toEqual({ v: "1" });
    };
    await broken({ "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: [\n" }, /a\.yaml/);
    await broken({ "a.yaml": configMap("kept"), "b.yaml": configMap("kept") }, /kept/);
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (const [at, next] of ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"].entries()) {
      const [from, to] = next;
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(",")}] # ${at}`);
    }
    await broken({ "a.yaml": `${bomb.join("\n")}\n`, "b.yaml": undefined }, /alias|excessive/i);
    await change(repository, "build", { "a.yaml": configMap("kept", { v: "2" }) });
    await is("kustomization", "build", { status: "True" });
    expect(await data("kept")).toEqual({ v: "2" });
  });

  it("says that the path is missing", async () => {
    await home.apply(kustomization("no-path", "build", { path: "./nowhere" }));
    await is("kustomization", "no-path", {
      status: "False",
      reason: /ArtifactFailed/,
      message: /kustomization path not found.*nowhere/,
    });
  });
});

describe("a change that the API refuses", () => {
  it("changes nothing, and names object and file", async () => {
    const repository = await running("refused", { "a.yaml": configMap("steady", { v: "1" }) });
    await change(repository, "refused", {
      "a.yaml": configMap("steady", { v: "2" }),
      "b.yaml": configMap("bad", { "a b": "x" }),
    });
    await is("kustomization", "refused", {
      status: "False",
      reason: /ReconciliationFailed/,
      message: /ConfigMap\/default\/bad[\s\S]*b\.yaml/,
    });
    expect(await data("steady")).toEqual({ v: "1" });
  });

  it("replaces an immutable object only when forced to", async () => {
    const fixed = (v: string) => configMap("fixed", { v }, "immutable: true\n");
    const repository = await running("immutable", { "a.yaml": fixed("1") });
    await change(repository, "immutable", { "a.yaml": fixed("2") });
    await is("kustomization", "immutable", { status: "False", message: /immutable/ });
    expect(await data("fixed")).toEqual({ v: "1" });
    await home.apply(kustomization("immutable", "immutable", { force: true }));
    await is("kustomization", "immutable", { status: "True" });
    expect(await data("fixed")).toEqual({ v: "2" });
  });
});

describe("dependencies and health", () => {
  it("waits for what is not ready, and names a circle", async () => {
    await home.apply([
      kustomization("after", "build", { dependsOn: [{ name: "no-path" }] }),
      kustomization("one", "build", { dependsOn: [{ name: "two" }] }),
      kustomization("two", "build", { dependsOn: [{ name: "one" }] }),
    ]);
    await is("kustomization", "after", { status: "False", reason: /DependencyNotReady/, message: /no-path/ });
    await is("kustomization", "one", { status: "False", message: /circular/ });
  });

  it("names what does not become healthy in time", async () => {
    const repository = await LocalRepository.create(join(scratch.path, "sick"));
    await repository.commit({
      "pod.yaml":
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: sick\n  annotations: {capstan.dev/simulate: never-ready}\nspec:\n  containers: [{name: c, image: busybox}]\n",
    });
    await home.apply([
      source("sick", `file://${repository.path}`),
      kustomization("sick", "sick", { wait: true, timeout: "30s" }),
    ]);
    await is("kustomization", "sick", {
      status: "False",
      reason: /HealthCheckFailed/,
      message: /Pod\/default\/sick/,
    });
  });
});

describe("a large deletion", () => {
  it("is held until it is approved", async () => {
    const names = Array.from({ length: 12 }, (_, at) => `many-${at}`);
    const repository = await running(
      "many",
      Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)])),
    );
    await change(
      repository,
      "many",
      Object.fromEntries(names.slice(1).map((name) => [`${name}.yaml`, undefined])),
    );
    const held = await is("kustomization", "many", { type: "DeletionHeld", status: "True" });
    expect(held.message).toContain("11 of 12 objects would be deleted");
    expect(await home.get("configmap", "many-11")).toBeDefined();
    const digest = /approve-deletion=([0-9a-f]+)/.exec(held.message)?.[1];
    await home.kubectl([
      "annotate",
      "kustomization",
      "many",
      "-n",
      namespace,
      `capstan.dev/approve-deletion=${digest}`,
    ]);
    await home.gone("configmap", "many-11", "default");
    expect(await home.get("configmap", "many-0")).toBeDefined();
  });
});
