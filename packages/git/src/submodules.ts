import { GitError } from "./error.js";
import type { GitRun, GitRunner } from "./runner.js";
import type { GitLink, GitTreeEntry } from "./tree.js";

/** A submodule to be brought in. */
export interface Submodule {
  readonly path: string;
  /** As written: absolute, or relative to the superproject's. */
  readonly url: string;
  readonly commit: string;
}

const MAX_GITMODULES = 1024 * 1024;

/**
 * The submodules that a tree's `.gitmodules` gives an address to. A link without an entry is left alone,
 * as git does. Throws `GitError` `corrupt` for a malformed file.
 */
export async function readSubmodules(
  entries: readonly GitTreeEntry[],
  links: readonly GitLink[],
  runner: GitRunner,
  repository: Omit<GitRun, "args" | "attempt">,
): Promise<Submodule[]> {
  const file = entries.find((entry) => entry.path === ".gitmodules");
  if (file?.kind !== "file" || links.length === 0) return [];
  if (file.size > MAX_GITMODULES) throw new GitError("too-large", ".gitmodules is larger than 1 MiB");
  const { stdout } = await runner.run({
    ...repository,
    args: ["config", "--blob", file.oid, "--list", "-z"],
    attempt: "reading .gitmodules",
  });
  const urls = new Map<string, string>();
  const paths = new Map<string, string>();
  for (const record of stdout.toString("utf8").split("\0")) {
    const match = /^submodule\.(.+)\.(path|url)\n(.*)$/s.exec(record);
    const [, name = "", key, value = ""] = match ?? [];
    if (key === "url") urls.set(name, value);
    if (key === "path") paths.set(value.replace(/\/+$/, ""), name);
  }
  return links.flatMap(({ path, commit }) => {
    const url = urls.get(paths.get(path) ?? "");
    return url === undefined ? [] : [{ path, url, commit }];
  });
}
