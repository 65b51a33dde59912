import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type GitCredentials, type PreparedCredentials, prepareCredentials } from "./credentials.js";
import { GitError } from "./error.js";
import type { GitRunner } from "./runner.js";
import { type GitUrl, redactUrl } from "./url.js";

/** A repository and what it takes to reach it. */
export interface GitRemote {
  readonly url: GitUrl;
  readonly credentials?: GitCredentials;
}

/** One reference as a remote advertises it. */
export interface GitRef {
  /** `refs/heads/main`, `refs/tags/v1`, `HEAD`. */
  readonly name: string;
  /** What it points at: a commit, or the tag object of an annotated tag. */
  readonly oid: string;
  /** The commit behind an annotated tag. */
  readonly peeled?: string;
}

export interface RemoteOptions {
  readonly runner: GitRunner;
  /** Directory for files with credentials, private to this user. */
  readonly temporaryDirectory: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** References that one listing may hold. */
const MAX_REFS_BYTES = 64 * 1024 * 1024;

/**
 * The references of a remote whose names match one of `patterns` (git's `ls-remote` patterns; all where
 * empty), sorted as the remote lists them. One process for a local repository, one and its transport for a
 * remote one; nothing is fetched. Throws `GitError`.
 */
export async function listRefs(
  remote: GitRemote,
  patterns: readonly string[],
  options: RemoteOptions,
): Promise<GitRef[]> {
  const { url } = remote;
  const attempt = `listing the references of ${redactUrl(url.text)}`;
  if (url.localPath !== undefined) return listLocalRefs(url.localPath, attempt, options);
  return withCredentials(remote, options, async (prepared) => {
    const { stdout } = await options.runner.run({
      ...runOptions(options, prepared),
      args: ["ls-remote", "--", url.text, ...patterns],
      protocols: [url.protocol],
      maxOutputBytes: MAX_REFS_BYTES,
      attempt,
    });
    return parseRefs(stdout.toString("utf8"));
  });
}

async function listLocalRefs(path: string, attempt: string, options: RemoteOptions): Promise<GitRef[]> {
  const { stdout } = await options.runner.run({
    ...runOptions(options, undefined),
    ...(await localRepository(path)),
    args: ["show-ref", "--head", "--dereference"],
    acceptExitCodes: [1],
    maxOutputBytes: MAX_REFS_BYTES,
    attempt,
  });
  return parseRefs(stdout.toString("utf8"));
}

/** Reads the lines of `ls-remote` or `show-ref -d`, folding `name^{}` into its tag. */
function parseRefs(text: string): GitRef[] {
  const refs = new Map<string, GitRef>();
  for (const line of text.split("\n")) {
    const match = /^([0-9a-f]{40}|[0-9a-f]{64})[\t ](\S.*)$/.exec(line);
    const [, oid, name] = match ?? [];
    if (oid === undefined || name === undefined) continue;
    if (!name.endsWith("^{}")) {
      refs.set(name, { name, oid });
      continue;
    }
    const tag = refs.get(name.slice(0, -3));
    if (tag !== undefined) refs.set(tag.name, { ...tag, peeled: oid });
  }
  return [...refs.values()];
}

/** Runs `use` with the remote's credentials laid out in files, and removes them afterwards. */
export async function withCredentials<T>(
  remote: GitRemote,
  options: RemoteOptions,
  use: (prepared: PreparedCredentials) => Promise<T>,
): Promise<T> {
  const prepared = await prepareCredentials(remote.url, remote.credentials, options.temporaryDirectory);
  try {
    return await use(prepared);
  } finally {
    await prepared.dispose();
  }
}

/** The part of a run that every one against this remote has in common. */
export function runOptions(options: RemoteOptions, prepared: PreparedCredentials | undefined) {
  return {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(prepared?.configFile === undefined ? {} : { configFile: prepared.configFile }),
    variables: prepared?.variables ?? {},
    secrets: prepared?.secrets ?? [],
  };
}

/**
 * How git is pointed at a repository of the local file system, bare or with a work tree, and nothing above
 * it. Whoever may name a local path may read what belongs to others, so ownership is not checked. Throws
 * `GitError` `repository-not-found`.
 */
export async function localRepository(path: string): Promise<{
  cwd: string;
  settings: readonly (readonly [string, string])[];
  variables: Record<string, string>;
}> {
  const found = (await exists(join(path, "HEAD"))) || (await exists(join(path, ".git")));
  if (!found) throw new GitError("repository-not-found", `${path} is not a git repository`);
  return {
    cwd: path,
    settings: [["safe.directory", "*"]],
    variables: { GIT_CEILING_DIRECTORIES: dirname(path) },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
