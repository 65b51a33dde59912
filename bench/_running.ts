import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Client, createClient, httpTransport, loadKubeconfig } from "@capstan/controller";

/** Prints a figure. */
export type Print = (figure: string, value: number, unit: string) => Promise<void> | void;

const CAPSTAN =
  process.env["CAPSTAN_E2E_BINARY"] ??
  fileURLToPath(new URL("../packages/cli/bin/capstan.js", import.meta.url));
const START_LIMIT_MS = 60_000;

const CLOCK_TICKS_PER_SECOND = 100;

/** A running `capstan up`, with a client of its API. */
export interface Running {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly readySeconds: number;
  readonly gitRemote: string;
  readonly directory: string;
  readonly client: Client;
}

const clock = {
  now: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Starts `capstan up` on a directory and waits until its API says that it is ready. */
export async function start(directory: string): Promise<Running> {
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

/** Ends a process and its client. */
export async function stop(up: Running): Promise<void> {
  await up.client.close();
  if (up.process.exitCode !== null) return;
  up.process.kill("SIGTERM");
  await once(up.process, "exit");
}

/** Does work for every number below `count`, so many at a time. */
export async function inParallel(
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

/** Waits for a second in which nothing is written. */
export async function untilQuiet(client: Client): Promise<void> {
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
export async function writtenSoFar(client: Client): Promise<number> {
  const list = await client.list({ apiVersion: "v1", kind: "Namespace" }, { limit: 1 });
  return Number(list.metadata.resourceVersion);
}

/** The highest resident set size that a process has had. */
export function peakMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** User and system time that a process has used (proc(5): fields 14 and 15 of `stat`). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, the command's name, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Runs git, which must succeed. */
export function git(args: readonly string[]): void {
  const result = spawnSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.com", ...args], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
}
