import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Client, createClient, httpTransport, loadKubeconfig } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";

type Print = (figure: string, value: number, unit: string) => Promise<void> | void;

/** The parts of an object that the figures are read from. */
interface Live extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly metadata?: Labels } };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Labels {
  readonly labels?: Readonly<Record<string, string>>;
}

/** A running `capstan up`, with a client of its API. */
interface Running {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly readySeconds: number;
  readonly gitRemote: string;
  readonly directory: string;
  readonly client: Client;
}

const CAPSTAN = fileURLToPath(new URL("../packages/cli/bin/capstan.js", import.meta.url));
const START_LIMIT_MS = 60_000;
const EXISTING_OBJECTS = 5_000;
const PUSHES = 60;
const EDITS = 100;
const KUSTOMIZATIONS = 1_000;
const READY_LIMIT_MS = 300_000;
const QUIET_INTERVAL_SECONDS = 60;
const CLOCK_TICKS_PER_SECOND = 100;
const SYSTEM = "capstan-system";
const MANY = "many";
const HELLO = { apiVersion: "apps/v1", kind: "Deployment", name: "hello", namespace: "demo" };
const KUSTOMIZATION = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
const DRAFT_MANAGER = { fieldManager: "bench" };

const clock = {
  now: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

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

/** Waits for a second in which nothing is written. */
async function untilQuiet(client: Client): Promise<void> {
  const deadline = performance.now() + 60_000;
  let previous = await writtenSoFar(client);
  for (;;) {
    await wait(1_000);
    const now = await writtenSoFar(client);
    if (now === previous) return;
    if (performance.now() > deadline) throw new Error("the process goes on writing after all is Ready");
    previous = now;
  }
}

/** The store's revision: it grows by one a write. */
async function writtenSoFar(client: Client): Promise<number> {
  const list = await client.list({ apiVersion: "v1", kind: "Namespace" }, { limit: 1 });
  return Number(list.metadata.resourceVersion);
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

/** Starts `capstan up` on a directory and waits until its API says that it is ready. */
async function start(directory: string): Promise<Running> {
  const stateFile = join(directory, "capstan.json");
  const began = performance.now();
  const child = spawn(process.execPath, [CAPSTAN, "up", "--data-dir", directory, "--port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  while (!existsSync(stateFile)) {
    if (child.exitCode !== null) throw new Error(`capstan up ended with status ${child.exitCode}: ${said}`);
    if (performance.now() - began > START_LIMIT_MS) throw new Error(`capstan up is not ready: ${said}`);
    await wait(5);
  }
  const state = JSON.parse(readFileSync(stateFile, "utf8"));
  const client = createClient(httpTransport(await loadKubeconfig(state.kubeconfig), { clock }));
  const answer = await client.raw({ method: "GET", path: "/readyz" });
  if (answer.status !== 200) throw new Error(`/readyz: ${answer.status}`);
  const readySeconds = (performance.now() - began) / 1000;
  return { process: child, pid: state.pid, readySeconds, gitRemote: state.gitRemote, directory, client };
}

async function stop(up: Running): Promise<void> {
  await up.client.close();
  if (up.process.exitCode !== null) return;
  up.process.kill("SIGTERM");
  await once(up.process, "exit");
}

async function inParallel(
  count: number,
  width: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const loop = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: width }, loop));
}

async function printPercentiles(figure: string, times: readonly number[], print: Print): Promise<void> {
  await print(`${figure}.p50_ms`, percentile(times, 0.5), "ms");
  await print(`${figure}.p99_ms`, percentile(times, 0.99), "ms");
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The highest resident set size that a process has had. */
function peakMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** User and system time that a process has used (proc(5): fields 14 and 15 of `stat`). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, the command's name, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

function git(args: readonly string[]): void {
  const result = spawnSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.com", ...args], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
}
