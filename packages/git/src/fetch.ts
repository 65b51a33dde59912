import type { GitCache } from "./cache.js";
import { GitError } from "./error.js";
import { type GitRemote, type RemoteOptions, runOptions, withCredentials } from "./remote.js";
import { formatBytes } from "./tree.js";
import { redactUrl } from "./url.js";

export interface FetchOptions extends RemoteOptions {
  /** Bound on what the remote may send, in bytes. */
  readonly maxBytes: number;
}

const CHECK_EVERY_MS = 50;

/**
 * Fetches `refspecs` (`+refs/heads/main:refs/capstan/0`, or an object id) into a cache. With `depth` only
 * so many commits of each come along. Throws `GitError`, `too-large` as soon as more arrives than allowed.
 */
export async function fetchInto(
  cache: GitCache,
  remote: GitRemote,
  refspecs: readonly string[],
  depth: number | undefined,
  options: FetchOptions,
): Promise<void> {
  const { url } = remote;
  const before = await cache.size();
  const watch = watchSize(cache, before + options.maxBytes, options);
  const signal = options.signal ? AbortSignal.any([options.signal, watch.signal]) : watch.signal;
  try {
    await withCredentials(remote, options, (prepared) =>
      options.runner.run({
        ...runOptions({ ...options, signal }, prepared),
        cwd: cache.gitDir,
        args: [
          "fetch",
          "--quiet",
          "--no-tags",
          "--force",
          "--no-write-fetch-head",
          "--no-recurse-submodules",
          "--no-auto-maintenance",
          ...(depth === undefined ? [] : [`--depth=${depth}`]),
          "--end-of-options",
          url.text,
          ...refspecs,
        ],
        settings: [
          ["fetch.unpackLimit", "1"],
          ["transfer.unpackLimit", "1"],
          ["fetch.writeCommitGraph", "false"],
        ],
        variables: { ...prepared.variables, GIT_DIR: cache.gitDir },
        protocols: [url.protocol],
        attempt: `fetching from ${redactUrl(url.text)}`,
      }),
    );
    if ((await cache.size()) > before + options.maxBytes) throw tooLarge(options.maxBytes);
  } catch (error) {
    if (GitError.is(error, "too-large")) await cache.clear();
    throw error;
  } finally {
    watch.stop();
  }
}

function watchSize(cache: GitCache, most: number, options: FetchOptions) {
  const controller = new AbortController();
  let cancel: () => void = () => undefined;
  let stopped = false;
  const check = async () => {
    const size = await cache.size().catch(() => 0);
    if (stopped) return;
    if (size > most) controller.abort(tooLarge(options.maxBytes));
    else schedule();
  };
  const schedule = () => {
    cancel = options.runner.clock.after(CHECK_EVERY_MS, () => void check());
  };
  schedule();
  return {
    signal: controller.signal,
    stop: () => {
      stopped = true;
      cancel();
    },
  };
}

function tooLarge(maxBytes: number): GitError {
  return new GitError(
    "too-large",
    `the repository is larger than the ${formatBytes(maxBytes)} allowed for one fetch`,
  );
}
