import { GitError } from "./error.js";
import type { GitObjects } from "./objects.js";
import type { GitRun, GitRunner } from "./runner.js";

/** A file or directory of a commit. Links are left out; a submodule that was not entered is a directory. */
export type GitTreeEntry =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly executable: boolean;
      readonly size: number;
      readonly oid: string;
      /** The file's bytes; to be called while the checkout is open. */
      readonly read: () => Promise<Uint8Array>;
    }
  | { readonly kind: "directory"; readonly path: string };

/** A submodule as the tree records it. */
export interface GitLink {
  readonly path: string;
  readonly commit: string;
}

/** A symbolic link of a commit. It is not among the entries. */
export interface GitSymlink {
  readonly path: string;
  /** What the link says; to be called while the checkout is open. */
  readonly target: () => Promise<string>;
}

/** Bounds on what one commit may hold. */
export interface GitTreeLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export interface GitTreeListing {
  readonly entries: readonly GitTreeEntry[];
  readonly links: readonly GitLink[];
  readonly symlinks: readonly GitSymlink[];
}

export interface ListTreeOptions {
  readonly runner: GitRunner;
  /** How git is pointed at the repository. */
  readonly repository: Omit<GitRun, "args" | "attempt">;
  readonly objects: GitObjects;
  readonly limits: GitTreeLimits;
  /** Directories to keep; everything where empty. */
  readonly sparse?: readonly string[];
}

/** No file system takes a longer link. */
const MAX_LINK = 4096;

/**
 * Everything below a commit or tree, in git's order. Throws `GitError`: `too-large` past the limits (by
 * the recorded sizes, before any content is read), `directory-not-found` for a sparse directory that
 * does not exist, `corrupt` for paths that no file system should see.
 */
export async function listTree(treeish: string, options: ListTreeOptions): Promise<GitTreeListing> {
  const { runner, repository, limits } = options;
  const { stdout } = await runner.run({
    ...repository,
    args: ["ls-tree", "-r", "-t", "-l", "-z", "--full-tree", treeish],
    maxOutputBytes: Math.max(1024 * 1024, limits.maxEntries * 256),
    attempt: `listing the files of ${treeish}`,
  });
  const keep = sparseFilter(options.sparse ?? []);
  const entries: GitTreeEntry[] = [];
  const links: GitLink[] = [];
  const symlinks: GitSymlink[] = [];
  let bytes = 0;
  for (const record of splitRecords(stdout)) {
    const item = parseRecord(record);
    if (!keep(item.path, item.type)) continue;
    if (item.type === "blob" && item.mode === "120000") {
      const { oid, path } = item;
      const target = async () => (await options.objects.read(oid, MAX_LINK, "blob")).bytes.toString("utf8");
      symlinks.push({ path, target });
    } else if (item.type === "blob") {
      bytes += item.size;
      const { oid, path, size } = item;
      const executable = item.mode === "100755";
      const read = async () => (await options.objects.read(oid, size, "blob")).bytes;
      entries.push({ kind: "file", path, executable, size, oid, read });
    } else if (item.type === "tree" || item.type === "commit") {
      entries.push({ kind: "directory", path: item.path });
      if (item.type === "commit") links.push({ path: item.path, commit: item.oid });
    }
    checkLimits(entries.length + symlinks.length, bytes, limits);
  }
  keep.assertAllFound();
  return { entries, links, symlinks };
}

function* splitRecords(output: Buffer): Generator<string> {
  for (let start = 0; start < output.byteLength; ) {
    const end = output.indexOf(0, start);
    yield output.toString("utf8", start, end < 0 ? output.byteLength : end);
    start = end < 0 ? output.byteLength : end + 1;
  }
}

function parseRecord(record: string) {
  const match = /^(\d+) (blob|tree|commit) ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(record);
  const [, mode = "", type = "", oid = "", size = "", path = ""] = match ?? [];
  const unsafe = path.split("/").some((segment) => segment === "" || segment === "." || segment === "..");
  if (match === null || unsafe) throw new GitError("corrupt", `the tree holds a malformed path "${path}"`);
  return { mode, type, oid, size: size === "-" ? 0 : Number(size), path };
}

function checkLimits(entries: number, bytes: number, limits: GitTreeLimits): void {
  if (entries > limits.maxEntries) {
    throw new GitError("too-large", `the commit has more than ${limits.maxEntries} files and directories`);
  }
  if (bytes > limits.maxBytes) {
    throw new GitError(
      "too-large",
      `the commit's files are larger than the ${formatBytes(limits.maxBytes)} allowed`,
    );
  }
}

/** `1536` as `1.5 KiB`; whole numbers without a fraction. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}

function sparseFilter(directories: readonly string[]) {
  const wanted = directories.map(cleanDirectory).filter((directory) => directory !== "");
  const found = new Set<string>();
  const all = wanted.length < directories.length || wanted.length === 0;
  const keep = (path: string, type: string): boolean => {
    if (type === "tree" && wanted.includes(path)) found.add(path);
    if (all) return true;
    return wanted.some((directory) => path === directory || path.startsWith(`${directory}/`));
  };
  const assertAllFound = () => {
    const missing = wanted.filter((directory) => !found.has(directory));
    if (missing.length === 0) return;
    throw new GitError(
      "directory-not-found",
      `failed to sparse checkout directories: ${missing.join(", ")} not found`,
    );
  };
  return Object.assign(keep, { assertAllFound });
}

/** A sparse directory without `./`, doubled or trailing slashes. */
function cleanDirectory(directory: string): string {
  return directory
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".")
    .join("/");
}
