import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { KustomizeError } from "../errors.js";
import type { FileStat, FileTree } from "./file-tree.js";
import { resolvePath } from "./path.js";

/**
 * A tree over a directory on disk. No path and no symbolic link leads out of `root`: such a path is
 * refused with code `escape`. Nothing is cached, nothing is written.
 */
export function diskTree(root: string): FileTree {
  return new DiskTree(realpathSync.native(resolve(root)));
}

class DiskTree implements FileTree {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  stat(path: string): FileStat | undefined {
    const real = this.#realPath(path);
    if (real === undefined) return undefined;
    const found = statSync(real);
    if (!found.isFile() && !found.isDirectory()) return undefined;
    const inside = relative(this.#root, real).split(sep).join("/");
    return {
      kind: found.isDirectory() ? "directory" : "file",
      size: found.isFile() ? found.size : 0,
      path: `/${inside}`,
    };
  }

  readFile(path: string): Uint8Array {
    return readFileSync(this.#existing(path));
  }

  readDir(path: string): readonly string[] {
    return readdirSync(this.#existing(path)).sort();
  }

  #existing(path: string): string {
    const real = this.#realPath(path);
    if (real === undefined)
      throw new KustomizeError("not-found", `open ${path}: no such file`, { file: path });
    return real;
  }

  #realPath(path: string): string | undefined {
    const wanted = resolvePath("/", path);
    let real: string;
    try {
      real = realpathSync.native(this.#root === sep ? wanted : this.#root + wanted);
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw new KustomizeError(
        code === "ELOOP" ? "cycle" : "not-found",
        `open ${wanted}: ${code ?? "failed"}`,
        {
          file: wanted,
          cause: error,
        },
      );
    }
    const within = this.#root === sep || real === this.#root || real.startsWith(this.#root + sep);
    if (!within)
      throw new KustomizeError("escape", `security; '${wanted}' leaves the tree`, { file: wanted });
    return real;
  }
}
