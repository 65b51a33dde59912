import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import {
  build,
  diskTree,
  type FileTree,
  KustomizeError,
  type LoadRestrictor,
  toYaml,
} from "@capstan/kustomize";
import { ensurePeers } from "../scripts/peers.mjs";
import { exportHead } from "./_git-export.js";
import { type ConformanceResult, firstDifference } from "./_kustomize-cases.js";

/** Public repositories with many kustomizations, each a way of writing them. */
const REPOSITORIES = [
  "redhat-cop/gitops-catalog",
  "operate-first/apps",
  "kubeflow/manifests",
  "bjw-s/home-ops",
  "onedr0p/home-ops",
  "argoproj/argo-cd",
  "argoproj/argo-workflows",
  "kubernetes-sigs/cluster-api",
  "kubernetes-sigs/kustomize",
  "sourcegraph/deploy-sourcegraph-k8s",
  "kserve/kserve",
  "minio/operator",
  "fluxcd/flux2",
  "fluxcd/kustomize-controller",
  "stefanprodan/podinfo",
];

const FILE_NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const AT_ONCE = 2;

interface Outcome {
  /** Undefined where the build failed. */
  readonly output: string | undefined;
  readonly error: string;
}

/**
 * Builds every kustomization of the repositories found under `CAPSTAN_MIRROR` (bare Git directories
 * `owner+name/repo`) with this engine and with the real `kubectl kustomize`.
 */
export async function run(
  options: { mirror?: string; repositories?: readonly string[] } = {},
): Promise<ConformanceResult> {
  const mirror = options.mirror ?? process.env["CAPSTAN_MIRROR"];
  const result = {
    engine: "kustomize-roots",
    passed: 0,
    total: 0,
    failures: [] as ConformanceResult["failures"],
  };
  const wanted = options.repositories ?? process.env["CAPSTAN_REPOSITORIES"]?.split(",") ?? REPOSITORIES;
  const present = wanted.filter((name) => mirror !== undefined && existsSync(gitDirectory(mirror, name)));
  if (mirror === undefined || present.length === 0) return { ...result, note: "skipped: no repositories" };
  const { kubectl } = await ensurePeers();
  for (const name of present) {
    const folder = mkdtempSync(join(tmpdir(), "capstan-roots-"));
    try {
      exportHead(gitDirectory(mirror, name), folder);
      await compareAll(name, folder, kubectl, result);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return result;
}

function gitDirectory(mirror: string, name: string): string {
  return join(mirror, name.replace("/", "+"), "repo");
}

function findRoots(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (FILE_NAMES.includes(entry.name) && !entry.isDirectory()) found.push(entry.parentPath ?? entry.path);
  }
  return [...new Set(found)].sort();
}

async function compareAll(
  name: string,
  folder: string,
  kubectl: string,
  result: ConformanceResult,
): Promise<void> {
  const tree = diskTree(folder);
  const roots = findRoots(folder);
  const next = roots[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const root of next) {
      const path = relative(folder, root);
      const reason = await compare(tree, folder, path, kubectl);
      if (reason === "skipped") continue;
      result.total++;
      if (reason === undefined) result.passed++;
      else result.failures.push({ name: `${name}: ${path}`, reason });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function compare(
  tree: FileTree,
  folder: string,
  path: string,
  kubectl: string,
): Promise<string | undefined> {
  let restrictor: LoadRestrictor = "rootOnly";
  let ours = await buildHere(tree, path, restrictor);
  if (ours === "skipped") return ours;
  if (ours.error.includes("security; file")) {
    restrictor = "none";
    ours = await buildHere(tree, path, restrictor);
    if (ours === "skipped") return ours;
  }
  const theirs = await buildThere(kubectl, join(folder, path), restrictor);
  if (ours.output === undefined && theirs.output === undefined) return undefined;
  if (ours.output === undefined) return `failed: ${ours.error}`;
  if (theirs.output === undefined) return `succeeded, should fail: ${theirs.error}`;
  return ours.output === theirs.output ? undefined : firstDifference(ours.output, theirs.output);
}

async function buildHere(
  tree: FileTree,
  path: string,
  loadRestrictor: LoadRestrictor,
): Promise<Outcome | "skipped"> {
  try {
    return { output: toYaml((await build(tree, path, { loadRestrictor })).resources), error: "" };
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error;
    // What needs the network or Helm is not compared here.
    if (error.message.includes("is not allowed") || error.code === "helm") return "skipped";
    return { output: undefined, error: error.message };
  }
}

function buildThere(kubectl: string, path: string, restrictor: LoadRestrictor): Promise<Outcome> {
  const args = ["kustomize", path];
  if (restrictor === "none") args.push("--load-restrictor", "LoadRestrictionsNone");
  const options = { maxBuffer: 1 << 28, timeout: 600_000, env: { ...process.env, GIT_TERMINAL_PROMPT: "0" } };
  return new Promise((resolve) => {
    execFile(kubectl, args, options, (failure, stdout, stderr) => {
      resolve(failure === null ? { output: stdout, error: "" } : { output: undefined, error: stderr });
    });
  });
}
