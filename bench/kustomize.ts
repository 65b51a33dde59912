import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, diskTree, KustomizeError, toYaml } from "@capstan/kustomize";
import { ensurePeers } from "../scripts/peers.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const RUNS = 5;
const COLD_RUNS = 15;
const LARGE_FILES = 50;
const MIDDLING_FILES = 5;
const PAIRS = 50;

interface Root {
  readonly tree: string;
  readonly path: string;
}

/**
 * Times builds in process and with the real `kubectl kustomize`: the median over the conformance roots,
 * and time and memory of a root of 5,000 objects.
 */
export async function run(print: (name: string, value: number, unit: string) => void): Promise<void> {
  const roots = [...casesIn(join(root, "packages/kustomize/testdata/cases")), ...sharedCases()];
  const { kubectl } = await ensurePeers();
  const ours = await timeAll(roots, async ({ tree, path }) => {
    await render(tree, path);
  });
  const theirs = await timeAll(roots, ({ tree, path }) => {
    spawnSync(kubectl, ["kustomize", join(tree, path)]);
  });
  print("roots", roots.length, "roots");
  print("in-process-median", ours, "ms");
  print("kubectl-median", theirs, "ms");
  print("speed-up", theirs / ours, "x");
  await largest(roots, kubectl, print);
  await large(print);
  await middling(kubectl, print);
  cold(kubectl, print);
}

/**
 * The wall time of whole processes that build a small root, `node` doing nothing beside them: the fastest of
 * a few runs each, one after the other so that a busy machine is busy for all.
 */
function cold(kubectl: string, print: (name: string, value: number, unit: string) => void): void {
  const capstan = join(root, "packages/cli/bin/capstan.js");
  const small = join(root, "packages/kustomize/testdata/cases/names-and-references/input");
  const commands = {
    capstan: [process.execPath, capstan, "build", small],
    kubectl: [kubectl, "kustomize", small],
    node: [process.execPath, "-e", "0"],
    version: [process.execPath, capstan, "version"],
  };
  const best = new Map<string, number>();
  for (let run = 0; run < COLD_RUNS; run++) {
    for (const [name, [command = "", ...args]] of Object.entries(commands)) {
      const start = performance.now();
      spawnSync(command, args);
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, performance.now() - start));
    }
  }
  for (const [name, value] of best) print(`cold-${name}`, value, "ms");
  print("cold-ratio", (best.get("capstan") ?? 0) / (best.get("kubectl") ?? 1), "x");
}

function sharedCases(): Root[] {
  const shared = process.env["CAPSTAN_CONFORMANCE"] ?? join(root, "../shared/conformance");
  return casesIn(join(shared, "kustomize/unit"));
}

function casesIn(folder: string): Root[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => {
    const runDir = join(folder, name, "run-dir");
    const path = existsSync(runDir) ? readFileSync(runDir, "utf8").trim() : ".";
    return { tree: join(folder, name, "input"), path };
  });
}

async function render(tree: string, path: string): Promise<number> {
  try {
    const { resources } = await build(diskTree(tree), path);
    return toYaml(resources).length;
  } catch (error) {
    // Roots that must fail take their time as well.
    if (error instanceof KustomizeError) return 0;
    throw error;
  }
}

/** The median over roots of the fastest of a few runs, in milliseconds. */
async function timeAll(roots: readonly Root[], work: (root: Root) => Promise<void> | void): Promise<number> {
  const times: number[] = [];
  for (const one of roots) {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < RUNS; i++) {
      const start = performance.now();
      await work(one);
      best = Math.min(best, performance.now() - start);
    }
    times.push(best);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? 0;
}

function pair(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: main
        image: nginx:1.2
        env:
        - name: KEY
          valueFrom: {configMapKeyRef: {name: ${name}, key: k}}
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: {k: some text}
`;
}

function writeRoot(folder: string, files: number): void {
  mkdirSync(join(folder, "base"));
  const names = Array.from({ length: files }, (_, index) => `f${index}.yaml`);
  for (const name of names) {
    const documents = Array.from({ length: PAIRS }, (_, index) => pair(`${name.slice(0, -5)}-${index}`));
    writeFileSync(join(folder, "base", name), documents.join("---\n"));
  }
  writeFileSync(join(folder, "base/kustomization.yaml"), `resources: [${names.join(", ")}]\n`);
  writeFileSync(
    join(folder, "kustomization.yaml"),
    "resources: [base]\nnamePrefix: p-\nnamespace: x\nlabels: [{pairs: {a: b}, includeSelectors: true}]\nimages: [{name: nginx, newTag: '3'}]\n",
  );
}

/** Loads the engine alone, builds a root, and tells how long that took and what memory it needed at most. */
const CHILD = `
const { build, diskTree, toYaml } = await import(process.argv[1]);
const start = performance.now();
const { resources } = await build(diskTree(process.argv[2]), ".");
toYaml(resources);
const time = performance.now() - start;
console.log(JSON.stringify({ time, objects: resources.length, memory: process.resourceUsage().maxRSS / 1024 }));
`;

async function large(print: (name: string, value: number, unit: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "capstan-bench-"));
  try {
    writeRoot(folder, LARGE_FILES);
    await render(folder, ".");
    const start = performance.now();
    await render(folder, ".");
    print("objects-5000-warm", performance.now() - start, "ms");
    const engine = import.meta.resolve("@capstan/kustomize");
    const args = ["--input-type=module", "-e", CHILD, engine, folder];
    const child = JSON.parse(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout);
    print("objects-5000", child.time, "ms");
    print("objects-5000-memory", child.memory, "MiB");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The CPU time in user mode of one build with the real tool, in milliseconds. */
function userTime(kubectl: string, folder: string): number {
  const command = `TIMEFORMAT=%U; time "$0" kustomize "$1" >/dev/null`;
  const timed = spawnSync("bash", ["-c", command, kubectl, folder], { encoding: "utf8" });
  return Number(timed.stderr.trim().split("\n").at(-1)) * 1000;
}

/** The conformance root with the largest output against the CPU time of the real tool: the best of a few runs. */
async function largest(
  roots: readonly Root[],
  kubectl: string,
  print: (name: string, value: number, unit: string) => void,
): Promise<void> {
  const sized = await Promise.all(
    roots.map(async (root) => ({ root, size: await render(root.tree, root.path) })),
  );
  const { root, size } = sized.reduce((most, one) => (one.size > most.size ? one : most));
  const ours = await timeAll([root], async ({ tree, path }) => {
    await render(tree, path);
  });
  const runs = Array.from({ length: RUNS }, () => userTime(kubectl, join(root.tree, root.path)));
  const theirs = Math.min(...runs);
  print("largest-root", size / 1024, "KiB");
  print("largest-root-in-process", ours, "ms");
  print("largest-root-kubectl-user", theirs, "ms");
  print("largest-root-ratio", ours / theirs, "x");
}

/** A root of 500 objects against the CPU time of the real tool, whose time grows with the square. */
async function middling(
  kubectl: string,
  print: (name: string, value: number, unit: string) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "capstan-bench-"));
  try {
    writeRoot(folder, MIDDLING_FILES);
    const start = performance.now();
    await render(folder, ".");
    print("objects-500", performance.now() - start, "ms");
    print("objects-500-kubectl-user", userTime(kubectl, folder), "ms");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
