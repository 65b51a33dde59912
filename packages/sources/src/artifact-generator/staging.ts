import type { TreeEntry, TreeFile, TreeLimits } from "@capstan/artifacts";
import { BuildFailed } from "./build-failed.js";

/** A path without `.`, `..` and doubled slashes, never above its root. */
export function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw new BuildFailed(`path escapes from parent: '${path}'`);
  }
  return parts.join("/");
}

/** The tree that copies put together. */
export class Staging {
  readonly #files = new Map<string, TreeFile>();
  readonly #directories = new Set<string>([""]);
  readonly #limits: TreeLimits;
  #bytes = 0;

  constructor(limits: TreeLimits) {
    this.#limits = limits;
  }

  get entries(): readonly TreeEntry[] {
    const directories = [...this.#directories].filter((path) => path !== "");
    return [...directories.map((path) => ({ kind: "directory" as const, path })), ...this.#files.values()];
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  file(path: string): TreeFile | undefined {
    return this.#files.get(path);
  }

  addDirectory(path: string): void {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth++) {
      const above = parts.slice(0, depth).join("/");
      if (this.#files.has(above)) throw new BuildFailed(`'${above}' is a file, where a directory is needed`);
      if (above !== "") this.#directories.add(above);
    }
    this.#check();
  }

  addFile(path: string, file: TreeFile): void {
    if (path === "" || this.#directories.has(path)) throw new BuildFailed(`'${path}' is a directory`);
    const slash = path.lastIndexOf("/");
    if (slash > 0) this.addDirectory(path.slice(0, slash));
    this.#bytes += file.size - (this.#files.get(path)?.size ?? 0);
    this.#files.set(path, { ...file, path });
    this.#check();
  }

  #check(): void {
    const { maxBytes, maxEntries } = this.#limits;
    if (this.#bytes > maxBytes || this.#files.size + this.#directories.size > maxEntries + 1) {
      throw new BuildFailed(`the artifact crosses ${maxEntries} entries or ${maxBytes} bytes`);
    }
  }
}
