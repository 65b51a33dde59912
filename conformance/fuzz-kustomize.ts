import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build, KustomizeError, memoryTree, toYaml } from "@capstan/kustomize";
import { ensurePeers } from "../scripts/peers.mjs";
import { type ConformanceResult, firstDifference, sameClass } from "./_kustomize-cases.js";
import { type Files, randomKustomization } from "./_kustomize-random.js";

const AT_ONCE = 2;

export interface FuzzOptions {
  /** How long to go on. */
  readonly seconds?: number;
  /** The first seed; each kustomization has its own, counted from here. */
  readonly seed?: number;
  /** Where kustomizations that come out differently are kept. */
  readonly keep?: string;
  /** Told of each difference as it is found. */
  readonly onFailure?: (failure: { readonly name: string; readonly reason: string }) => void;
  /** Told every ten minutes how many were tried. */
  readonly onProgress?: (tried: number) => void;
}

const PROGRESS_EVERY_MS = 600_000;

/**
 * Composes random kustomizations and compares what comes out with what the real `kubectl kustomize` makes
 * of them. A failure's name is the seed that repeats it.
 */
export async function run(options: FuzzOptions = {}): Promise<ConformanceResult> {
  const { kubectl } = await ensurePeers();
  const end = Date.now() + (options.seconds ?? 60) * 1000;
  let seed = options.seed ?? Date.now() % 2 ** 31;
  const result: ConformanceResult = { engine: "fuzz-kustomize", passed: 0, total: 0, failures: [] };
  let nextProgress = Date.now() + PROGRESS_EVERY_MS;
  const worker = async (): Promise<void> => {
    while (Date.now() < end) {
      if (Date.now() >= nextProgress) {
        nextProgress += PROGRESS_EVERY_MS;
        options.onProgress?.(result.total);
      }
      const mine = seed++;
      const files = randomKustomization(mine);
      const reason = await compare(files, kubectl);
      result.total++;
      if (reason === undefined) {
        result.passed++;
      } else {
        const failure = { name: String(mine), reason };
        result.failures.push(failure);
        options.onFailure?.(failure);
        if (options.keep !== undefined) writeFiles(join(options.keep, String(mine)), files);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return result;
}

function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function compare(files: Files, kubectl: string): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "capstan-fuzz-"));
  try {
    writeFiles(folder, files);
    const theirs = await buildThere(kubectl, join(folder, "overlay"));
    const ours = await buildHere(files);
    if (ours.output === undefined && theirs.output === undefined) {
      return sameClass(ours.error, theirs.error)
        ? undefined
        : `another error: ${ours.error} | want ${theirs.error}`;
    }
    if (ours.output === undefined) return `failed: ${ours.error}`;
    if (theirs.output === undefined) return `succeeded, should fail: ${theirs.error}`;
    return ours.output === theirs.output ? undefined : firstDifference(ours.output, theirs.output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Outcome {
  readonly output: string | undefined;
  readonly error: string;
}

async function buildHere(files: Files): Promise<Outcome> {
  try {
    return { output: toYaml((await build(memoryTree(files), "overlay")).resources), error: "" };
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error;
    return { output: undefined, error: error.message };
  }
}

function buildThere(kubectl: string, path: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      kubectl,
      ["kustomize", path],
      { maxBuffer: 1 << 26, timeout: 600_000 },
      (failure, stdout, stderr) => {
        resolve(failure === null ? { output: stdout, error: "" } : { output: undefined, error: stderr });
      },
    );
  });
}
