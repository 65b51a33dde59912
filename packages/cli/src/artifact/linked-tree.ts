import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArtifactError, DEFAULT_TREE_LIMITS, type TreeEntry } from "@capstan/artifacts";

/**
 * The tree below a directory with links replaced by what they lead to, inside of it or not: it is the user's
 * own disk. A link to a directory that it lies in is passed over. Throws `ArtifactError`.
 */
export async function readLinkedTree(root: string): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const walk = async (path: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(join(root, path));
    if (above.includes(real)) return;
    for (const name of await readdir(real)) {
      const below = path === "" ? name : `${path}/${name}`;
      const file = join(real, name);
      const { size, mode, ...found } = await describe(file);
      if (found.directory) {
        entries.push({ kind: "directory", path: below });
        await walk(below, [...above, real]);
      } else if (found.regular) {
        const executable = (mode & 0o111) !== 0;
        entries.push({ kind: "file", path: below, size, executable, read: () => readFile(file) });
      }
      if (entries.length > DEFAULT_TREE_LIMITS.maxEntries) {
        throw new ArtifactError("too-large", `more than ${DEFAULT_TREE_LIMITS.maxEntries} files`);
      }
    }
  };
  await walk("", []);
  return entries;
}

async function describe(file: string) {
  try {
    const found = await stat(file);
    return { size: found.size, mode: found.mode, directory: found.isDirectory(), regular: found.isFile() };
  } catch (error) {
    throw ArtifactError.from(error, `resolving the link "${file}"`);
  }
}
