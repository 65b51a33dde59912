import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { IGNORE_FILE, type IgnoreRules, ignoreRules, parseIgnorePatterns } from "@capstan/artifacts";
import { diskTree, type FileStat, type FileTree } from "@capstan/kustomize";

const MAX_FILES = 250_000;
const MAX_IGNORE_BYTES = 1024 * 1024;
/** Directories that hold no manifests, but many files. */
const SKIPPED = new Set([".git", "node_modules"]);

/**
 * A repository's directory as its artifact would show it: what `.sourceignore` excludes is not there. Each
 * file is read once. Throws the system's error where the directory cannot be read.
 */
export class RepositoryTree implements FileTree {
  /** Every file, as absolute paths of the tree in lexical order. */
  readonly files: readonly string[];
  readonly #disk: FileTree;
  readonly #rules: IgnoreRules;
  readonly #stats = new Map<string, FileStat | undefined>();
  readonly #contents = new Map<string, Uint8Array>();
  readonly #names = new Map<string, readonly string[]>();

  constructor(directory: string) {
    this.#disk = diskTree(directory);
    const all = [...filesUnder(directory)];
    this.#rules = rulesOf(directory, all);
    this.files = all.filter((path) => !this.#rules.ignores(path.slice(1), false));
  }

  stat(path: string): FileStat | undefined {
    const known = this.#stats.get(path);
    if (known !== undefined || this.#stats.has(path)) return known;
    const found = this.#disk.stat(path);
    const hidden =
      found !== undefined && path !== "/" && this.#rules.ignores(path.slice(1), found.kind === "directory");
    const stat = hidden ? undefined : found;
    this.#stats.set(path, stat);
    return stat;
  }

  readFile(path: string): Uint8Array {
    let content = this.#contents.get(path);
    if (content === undefined) {
      content = this.#disk.readFile(path);
      this.#contents.set(path, content);
    }
    return content;
  }

  readDir(path: string): readonly string[] {
    let names = this.#names.get(path);
    if (names === undefined) {
      const prefix = path === "/" ? "/" : `${path}/`;
      names = this.#disk
        .readDir(path)
        .filter((name) => !SKIPPED.has(name) && this.stat(prefix + name) !== undefined);
      this.#names.set(path, names);
    }
    return names;
  }
}

function* filesUnder(root: string, directory = "", count = { files: 0 }): Iterable<string> {
  const entries = readdirSync(join(root, directory), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* filesUnder(root, path, count);
    } else if (entry.isFile()) {
      count.files += 1;
      if (count.files > MAX_FILES) throw new Error(`${root} holds more than ${MAX_FILES} files`);
      yield path;
    }
  }
}

function rulesOf(root: string, files: readonly string[]): IgnoreRules {
  const patterns = files
    .filter((path) => path.endsWith(`/${IGNORE_FILE}`) && statSync(join(root, path)).size <= MAX_IGNORE_BYTES)
    .flatMap((path) =>
      parseIgnorePatterns(readFileSync(join(root, path), "utf8"), path.split("/").slice(1, -1)),
    );
  return ignoreRules(patterns);
}
