import { open, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { ArtifactError } from "./error.js";
import { comparePaths, DEFAULT_TREE_LIMITS, type TreeEntry, type TreeLimits } from "./tree.js";

/**
 * The tree below a directory of the file system, sorted as a walk meets it. Only regular files and
 * directories count; links are neither listed nor followed. Throws `ArtifactError`: `not-found`,
 * `too-large` past `limits`, `io`.
 */
export async function readDirectoryTree(
  root: string,
  limits: TreeLimits = DEFAULT_TREE_LIMITS,
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  let bytes = 0;
  const walk = async (path: string): Promise<void> => {
    for (const found of await readdir(join(root, path), { withFileTypes: true })) {
      const below = path === "" ? found.name : `${path}/${found.name}`;
      if (found.isDirectory()) {
        entries.push({ kind: "directory", path: below });
        await walk(below);
      } else if (found.isFile()) {
        const file = await describeFile(root, below);
        bytes += file.size;
        entries.push(file);
      }
      if (entries.length > limits.maxEntries || bytes > limits.maxBytes) {
        throw new ArtifactError(
          "too-large",
          `the tree crosses ${limits.maxEntries} entries or ${limits.maxBytes} bytes`,
        );
      }
    }
  };
  try {
    await walk("");
  } catch (error) {
    throw ArtifactError.from(error, "reading the tree");
  }
  return entries.sort((a, b) => comparePaths(a.path, b.path));
}

async function describeFile(root: string, path: string): Promise<TreeEntry & { kind: "file" }> {
  const absolute = join(root, path);
  const handle = await open(absolute, "r");
  try {
    const { size, mode } = await handle.stat();
    return { kind: "file", path, size, executable: (mode & 0o111) !== 0, read: () => readFile(absolute) };
  } finally {
    await handle.close();
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * The absolute path of `path` below `root`, both with their links resolved. Throws `unsafe-path` where
 * that leaves `root`, `not-found` where nothing is there.
 */
export async function resolveInside(root: string, path: string): Promise<string> {
  try {
    const base = await realpath(root);
    const target = await realpath(join(base, path));
    if (target !== base && !target.startsWith(base + sep)) {
      throw new ArtifactError("unsafe-path", `path "${path}" leaves its tree`);
    }
    return target;
  } catch (error) {
    throw ArtifactError.from(error, `resolving "${path}"`);
  }
}
