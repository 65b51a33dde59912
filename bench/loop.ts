import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import {
  cpuSeconds,
  git,
  inParallel,
  type Print,
  peakMebibytes,
  type Running,
  start,
  stop,
  untilQuiet,
  writtenSoFar,
} from "./_running.js";

/** The parts of an object that the figures are read from. */
interface Live extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly metadata?: Labels } };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Labels {
  readonly labels?: Readonly<Record<string, string>>;
}

const EXISTING_OBJECTS = 5_000;
const PUSHES = 60;
const EDITS = 100;
const KUSTOMIZATIONS = 1_000;
const READY_LIMIT_MS = 300_000;
const QUIET_INTERVAL_SECONDS = 60;
const SYSTEM = "capstan-system";
const MANY = "many";
const HELLO = { apiVersion: "apps/v1", kind: "Deployment", name: "hello", namespace: "demo" };
const KUSTOMIZATION = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
const DRAFT_MANAGER = { fieldManager: "bench" };

/** From start to drift repair and scale, as a person at `capstan up` sees it. */
export async function run(print: Print): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "capstan-loop-"));
  try {
    await measureStart(join(root, "start"), print);
    await measureDemo(join(root, "demo"), print);
    await measureMany(join(root, "many"), print);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function measureStart(directory: string, print: Print): Promise<void> {
  const first = await start(directory);
  await print("start.empty_s", first.readySeconds, "s");
  await inParallel(EXISTING_OBJECTS, 32, async (index) => {
    await first.client.create(
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `existing-${index}`, namespace: "default" },
        data: { index: String(index), text: "x".repeat(512) },
      },
      DRAFT_MANAGER,
    );
  });
  await stop(first);
  const second = await start(directory);
  await print("start.existing_5000_s", second.readySeconds, "s");
  await stop(second);
}

async function measureDemo(directory: string, print: Print): Promise<void> {
  const up = await start(directory);
  try {
    await untilReady(up.client, SYSTEM, 1);
    await measurePushes(up, print);
    await measureEdits(up, print);
  } finally {
    await stop(up);
  }
}

/** The time from the start of `git push` to the moment a watch shows the change. */
async function measurePushes(up: Running, print: Print): Promise<void> {
  const clone = join(up.directory, "..", "demo-clone");
  const token = readFileSync(join(up.directory, "git-token"), "utf8").trim();
  git(["clone", "-q", `${up.gitRemote}/demo.git`, clone]);
  git(["-C", clone, "config", "http.extraHeader", `Authorization: Bearer ${token}`]);
  const file = join(clone, "app", "deployment.yaml");
  const original = readFileSync(file, "utf8");
  const live = await follow(up.client, HELLO);
  const times: number[] = [];
  for (let index = 0; index < PUSHES; index += 1) {
    const mark = `push-${index}`;
    writeFileSync(
      file,
      original.replace(
        "      labels:\n        app: hello\n",
        `      labels:\n        app: hello\n        mark: ${mark}\n`,
      ),
    );
    git(["-C", clone, "commit", "-qam", mark]);
    const seen = live.until((object) => object.spec?.template?.metadata?.labels?.["mark"] === mark);
    // From before the push begins: what the client itself takes counts too.
    const began = performance.now();
    const push = spawn("git", ["-C", clone, "push", "-q"], { stdio: ["ignore", "ignore", "inherit"] });
    const [code] = await once(push, "exit");
    if (code !== 0) throw new Error(`git push ended with status ${code}`);
    times.push((await seen) - began);
    await wait(50);
  }
  live.close();
  await printPercentiles("push_to_applied", times, print);
}

async function measureEdits(up: Running, print: Print): Promise<void> {
  const live = await follow(up.client, HELLO);
  const times: number[] = [];
  for (let index = 0; index < EDITS; index += 1) {
    let edited = false;
    // The watch may tell of the repair before the answer to the edit is here.
    const repaired = live.until((object) => {
      edited ||= object.spec?.replicas !== 2;
      return edited && object.spec?.replicas === 2;
    });
    const began = performance.now();
    const body = { spec: { replicas: 3 + (index % 3) } };
    await up.client.patch(HELLO, { type: "merge", body }, DRAFT_MANAGER);
    times.push((await repaired) - began);
    await wait(20);
  }
  live.close();
  await printPercentiles("edit_to_repaired", times, print);
}

async function measureMany(directory: string, print: Print): Promise<void> {
  const repository = join(directory, "..", "many-repository");
  makeRepository(repository);
  const up = await start(directory);
  try {
    await up.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: MANY } }, DRAFT_MANAGER);
    const began = performance.now();
    await createSource(up.client, repository);
    const ready = untilReady(up.client, MANY, KUSTOMIZATIONS);
    await inParallel(KUSTOMIZATIONS, 16, (index) => createKustomization(up.client, index));
    await ready;
    await print("kustomizations_1000.ready_s", (performance.now() - began) / 1000, "s");
    await print("kustomizations_1000.peak_rss_mib", peakMebibytes(up.pid), "MiB");
    await measureUnchanged(up, print);
  } finally {
    await stop(up);
  }
}

/** The next whole interval of everything: what was written and what it cost. */
async function measureUnchanged(up: Running, print: Print): Promise<void> {
  // The writes that follow the last Ready (events, statuses of workloads) end first.
  await untilQuiet(up.client);
  const before = await writtenSoFar(up.client);
  const cpuBefore = cpuSeconds(up.pid);
  await wait(QUIET_INTERVAL_SECONDS * 1.1 * 1000);
  const cpu = cpuSeconds(up.pid) - cpuBefore;
  const writes = (await writtenSoFar(up.client)) - before;
  await print("kustomizations_1000.unchanged.writes", writes, "writes");
  await print("kustomizations_1000.unchanged.cpu_s", cpu, "s");
}

function makeRepository(repository: string): void {
  git(["init", "-q", "-b", "main", repository]);
  for (let index = 0; index < KUSTOMIZATIONS; index += 1) {
    const path = join(repository, "apps", String(index));
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "app.yaml"), application(`app-${index}`));
  }
  git(["-C", repository, "add", "."]);
  git(["-C", repository, "-c", "user.name=b", "-c", "user.email=b@example.com", "commit", "-qm", "apps"]);
}

function application(name: string): string {
  return `apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: ${MANY}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${MANY}}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: app
          image: nginx:1.29
          ports: [{name: http, containerPort: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${MANY}}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: ${MANY}}
spec:
  rules:
    - host: ${name}.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {name: http}}}}
`;
}

async function createSource(client: Client, repository: string): Promise<void> {
  await client.create(
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata: { name: "many", namespace: MANY },
      spec: { url: `file://${repository}`, interval: `${QUIET_INTERVAL_SECONDS}s`, ref: { branch: "main" } },
    },
    DRAFT_MANAGER,
  );
}

async function createKustomization(client: Client, index: number): Promise<void> {
  await client.create(
    {
      ...KUSTOMIZATION,
      metadata: { name: `app-${index}`, namespace: MANY },
      spec: {
        sourceRef: { kind: "GitRepository", name: "many" },
        path: `./apps/${index}`,
        prune: true,
        wait: true,
        interval: `${QUIET_INTERVAL_SECONDS}s`,
      },
    },
    DRAFT_MANAGER,
  );
}

/** Resolves when `count` Kustomizations of a namespace are Ready, as a watch tells it. */
async function untilReady(client: Client, namespace: string, count: number): Promise<void> {
  const stopWatching = new AbortController();
  const limit = setTimeout(
    () => stopWatching.abort(new Error(`not all of ${count} Kustomizations became Ready`)),
    READY_LIMIT_MS,
  );
  const ready = new Set<string>();
  try {
    const { signal } = stopWatching;
    for await (const event of client.watch<Live>(KUSTOMIZATION, { namespace, signal })) {
      if (event.type === "ERROR" || event.type === "BOOKMARK" || !isReady(event.object)) continue;
      ready.add(event.object.metadata.name);
      if (ready.size >= count) return;
    }
    throw stopWatching.signal.aborted ? stopWatching.signal.reason : new Error("the watch ended");
  } finally {
    clearTimeout(limit);
    stopWatching.abort();
  }
}

function isReady(object: Live): boolean {
  return object.status?.conditions?.some((each) => each.type === "Ready" && each.status === "True") ?? false;
}

interface Follower {
  /** The time (`performance.now`) at which the object first was as `wanted` says. */
  until(wanted: (object: Live) => boolean): Promise<number>;
  close(): void;
}

/** Watches one object; resolves when the watch is open. */
async function follow(client: Client, ref: typeof HELLO): Promise<Follower> {
  const stopWatching = new AbortController();
  let waiting: { wanted: (object: Live) => boolean; resolve: (at: number) => void } | undefined;
  const opened = new Promise<void>((resolve, reject) => {
    const read = async () => {
      const events = client.watch<Live>(ref, {
        namespace: ref.namespace,
        fieldSelector: `metadata.name=${ref.name}`,
        signal: stopWatching.signal,
      });
      for await (const event of events) {
        if (event.type === "ERROR" || event.type === "BOOKMARK") continue;
        resolve();
        if (waiting?.wanted(event.object) !== true) continue;
        waiting.resolve(performance.now());
        waiting = undefined;
      }
    };
    read().catch(reject);
  });
  await opened;
  return {
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`${ref.name} did not become as wanted`)), 30_000);
        waiting = {
          wanted,
          resolve: (at) => {
            clearTimeout(limit);
            resolve(at);
          },
        };
      }),
    close: () => stopWatching.abort(),
  };
}

async function printPercentiles(figure: string, times: readonly number[], print: Print): Promise<void> {
  await print(`${figure}.p50_ms`, percentile(times, 0.5), "ms");
  await print(`${figure}.p99_ms`, percentile(times, 0.99), "ms");
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
