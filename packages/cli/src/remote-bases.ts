import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRunner, parseGitUrl, redactUrl } from "@capstan/git";
import { diskTree, type FileTree, type RemotePort, type RepoSpec } from "@capstan/kustomize";
import type { Io } from "./io.js";

const MAX_FILE_BYTES = 32 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 27_000;

/** The network for builds: clones bases with git, fetches files over HTTP. `close` removes what was cloned. */
export function remoteBases(io: Io): RemotePort & { close(): Promise<void> } {
  const runner = new GitRunner({ clock: io.clock, environment: io.environment });
  const clones = new Map<string, Promise<string>>();
  return {
    cloneRepository: async (spec): Promise<FileTree> => {
      const key = `${spec.cloneUrl}\n${spec.ref}\n${spec.submodules}`;
      let cloned = clones.get(key);
      if (cloned === undefined) {
        cloned = cloneBase(spec, { runner, allowLocal: true, parent: tmpdir() }, io.signal);
        clones.set(key, cloned);
      }
      return diskTree(await cloned);
    },
    fetchFile: (url) => fetchRemoteFile(url, io.signal),
    close: async () => {
      for (const cloned of clones.values()) {
        const directory = await cloned.catch(() => undefined);
        if (directory !== undefined) await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

interface CloneOptions {
  readonly runner: GitRunner;
  /** Whether a base may be a repository of this machine. */
  readonly allowLocal: boolean;
  /** Where the directory is made. */
  readonly parent: string;
}

/** The files of a repository at a branch, tag or commit, in a directory of their own. */
export async function cloneBase(
  spec: RepoSpec,
  { runner, allowLocal, parent }: CloneOptions,
  signal: AbortSignal,
): Promise<string> {
  const { protocol } = parseGitUrl(spec.cloneUrl, { allowLocal });
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, "capstan-base-"));
  const attempt = `cloning ${redactUrl(spec.cloneUrl)}`;
  const timeoutMs = spec.timeoutSeconds * 1000;
  const git = (...args: string[]) =>
    runner.run({ args, cwd: directory, protocols: [protocol], attempt, timeoutMs, signal });
  try {
    await git("init", "--quiet");
    await git("fetch", "--quiet", "--depth=1", "--end-of-options", spec.cloneUrl, spec.ref || "HEAD");
    await git("checkout", "--quiet", "FETCH_HEAD");
    if (spec.submodules) await git("submodule", "update", "--quiet", "--init", "--recursive", "--depth=1");
    return directory;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** What a URL answers, whatever its status; a body that is too large is an error. */
export async function fetchRemoteFile(
  url: string,
  signal: AbortSignal,
): Promise<{ status: number; body: Uint8Array }> {
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_FILE_BYTES) throw new Error(`${redactUrl(url)} is larger than ${MAX_FILE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { status: response.status, body: Buffer.concat(chunks) };
}
