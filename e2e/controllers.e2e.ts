import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { run, succeed, until } from "./support/run.js";

const apiScript = fileURLToPath(new URL("./support/api-only.mjs", import.meta.url));
const binary = fileURLToPath(new URL("../packages/cli/bin/capstan.js", import.meta.url));
const kubectlBinary = process.env["CAPSTAN_KUBECTL"] ?? "kubectl";

/** A process of Node, with what it printed. */
function start(args: readonly string[]): { readonly child: ChildProcess; output(): string } {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

describe("capstan controllers against an API in another process", () => {
  const directory = temporaryDirectory();
  const kubeconfig = join(directory.path, "api", "kubeconfig");
  let repository: LocalRepository;
  let api: ReturnType<typeof start>;
  let controllers: ReturnType<typeof start>;

  const kubectl = (args: readonly string[], input?: string) =>
    succeed(kubectlBinary, args, {
      env: { ...process.env, HOME: directory.path, KUBECONFIG: kubeconfig },
      ...(input === undefined ? {} : { input }),
    });
  const value = async (kind: string, name: string, path: string) =>
    (await kubectl(["get", kind, name, "--ignore-not-found", "-o", `jsonpath={${path}}`])).trim();
  const becomes = (kind: string, name: string, path: string, wanted: string) =>
    until(
      `${kind}/${name} ${path} is ${wanted}`,
      async () => (await value(kind, name, path)) === wanted,
      30_000,
      controllers.output,
    );

  beforeAll(async () => {
    api = start([apiScript, join(directory.path, "api")]);
    await until("the API serves", () => api.output().includes("serving"), 30_000, api.output);
    controllers = start([
      binary,
      "controllers",
      "--kubeconfig",
      kubeconfig,
      "--data-dir",
      join(directory.path, "controllers"),
      "--storage-addr",
      "0",
      "--health-addr",
      "0",
      "--allow-local",
      "--leader-election",
      "--namespace",
      "default",
    ]);
    await until(
      "the controllers run",
      () => controllers.output().includes("reconciling"),
      30_000,
      controllers.output,
    );
    repository = await LocalRepository.create(join(directory.path, "repository"));
    await repository.commit({ "app/config.yaml": configMap("one") });
    await kubectl(["apply", "-f", "-"], manifests(`file://${repository.path}`));
  });
  afterAll(async () => {
    await stop(controllers.child);
    await stop(api.child);
    directory.remove();
  });

  it("applies what is committed, repairs what is edited, prunes what is removed", async () => {
    await becomes("configmap", "app", ".data.text", "one");
    await repository.commit({ "app/config.yaml": configMap("two") });
    await kubectl(["annotate", "gitrepository", "app", "reconcile.fluxcd.io/requestedAt=1", "--overwrite"]);
    await becomes("configmap", "app", ".data.text", "two");
    await kubectl(["patch", "configmap", "app", "--type=merge", "-p", '{"data":{"text":"by hand"}}']);
    await becomes("configmap", "app", ".data.text", "two");
    await kubectl(["delete", "kustomization", "app"]);
    await becomes("configmap", "app", ".metadata.name", "");
  });

  it("leads by a Lease, and gives it back at the end", async () => {
    expect(await value("lease", "capstan-controllers", ".spec.holderIdentity")).not.toBe("");
    await stop(controllers.child);
    expect(controllers.child.exitCode).toBe(0);
    expect(await value("lease", "capstan-controllers", ".spec.holderIdentity")).toBe("");
  });

  it("prints manifests that apply cleanly", async () => {
    const exported = await run(process.execPath, [binary, "install", "--export"]);
    expect(exported.code).toBe(0);
    // The definitions are there already, with local addresses allowed: they change hands.
    const applied = await kubectl(
      ["apply", "--server-side", "--force-conflicts", "-f", "-"],
      exported.stdout,
    );
    expect(applied.split("\n").filter((line) => line.endsWith("serverside-applied")).length).toBeGreaterThan(
      12,
    );
    expect(await value("deployment", "capstan-controllers", ".metadata.name")).toBe("");
    expect(await kubectl(["get", "deployment", "-n", "capstan-system", "-o", "name"])).toContain(
      "capstan-controllers",
    );
  });
});

function configMap(text: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\ndata:\n  text: ${text}\n`;
}

function manifests(url: string): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: app, namespace: default }
spec: { interval: 10m, url: "${url}", ref: { branch: main } }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: app, namespace: default }
spec:
  interval: 10m
  path: ./app
  prune: true
  sourceRef: { kind: GitRepository, name: app }
`;
}
