import { createHash } from "node:crypto";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GitError } from "./error.js";

/** Packs after which a cached repository is fetched anew: each shallow fetch leaves one. */
const MAX_PACKS = 30;

const CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";

/**
 * A bare repository that keeps what was fetched for one caller, so that the next fetch brings the
 * difference only. It holds nothing that cannot be fetched again.
 */
export class GitCache {
  readonly gitDir: string;
  readonly #root: string;

  /**
   * `key` is the caller's name for itself, `part` tells its repositories apart (a submodule's path);
   * another `url` or `mode` starts from nothing.
   */
  constructor(directory: string, key: string, part: string, url: string, mode: "shallow" | "full") {
    this.#root = join(directory, shortHash(key), shortHash(part));
    this.gitDir = join(this.#root, shortHash(`${mode} ${url}`));
  }

  /** Makes the repository if it is not there, clears what an ended process left, removes other URLs'. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#root, { recursive: true, mode: 0o700 });
      for (const other of await readdir(this.#root)) {
        const path = join(this.#root, other);
        if (path !== this.gitDir) await rm(path, { recursive: true, force: true });
      }
      const packs = await readdir(join(this.gitDir, "objects", "pack")).catch(() => undefined);
      if (packs !== undefined && packs.filter((name) => name.endsWith(".pack")).length < MAX_PACKS) {
        await this.#sweep(packs);
        return;
      }
      await this.clear();
      await mkdir(join(this.gitDir, "objects", "pack"), { recursive: true, mode: 0o700 });
      await mkdir(join(this.gitDir, "refs"), { mode: 0o700 });
      await writeFile(join(this.gitDir, "config"), CONFIG);
      await writeFile(join(this.gitDir, "HEAD"), "ref: refs/heads/none\n");
    } catch (error) {
      throw cacheError(error);
    }
  }

  async #sweep(packs: readonly string[]): Promise<void> {
    for (const name of packs) {
      if (name.startsWith("tmp_")) await rm(join(this.gitDir, "objects", "pack", name), { force: true });
    }
    await rm(join(this.gitDir, "shallow.lock"), { force: true });
    await rm(join(this.gitDir, "refs", "capstan"), { recursive: true, force: true });
    await rm(join(this.gitDir, "packed-refs"), { force: true });
  }

  async clear(): Promise<void> {
    await rm(this.gitDir, { recursive: true, force: true });
  }

  /** Bytes of packs, those still being received included. */
  async size(): Promise<number> {
    const directory = join(this.gitDir, "objects", "pack");
    let bytes = 0;
    for (const name of await readdir(directory)) {
      const found = await stat(join(directory, name)).catch(() => undefined);
      bytes += found?.size ?? 0;
    }
    return bytes;
  }
}

/** Removes everything that was cached under `key`. */
export async function forgetCache(directory: string, key: string): Promise<void> {
  await rm(join(directory, shortHash(key)), { recursive: true, force: true });
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

function cacheError(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  const full = typeof error === "object" && error !== null && "code" in error && error.code === "ENOSPC";
  return new GitError(full ? "disk-full" : "failed", `preparing the cache: ${text}`, { cause: error });
}
