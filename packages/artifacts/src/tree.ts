import { ArtifactError } from "./error.js";

/** A file of a tree that is to be packed; `path` is relative, `/`-separated and clean. */
export interface TreeFile {
  readonly kind: "file";
  readonly path: string;
  /** Whether any execute bit is set. */
  readonly executable: boolean;
  /** Bytes; what `read` gives has exactly this length. */
  readonly size: number;
  readonly read: () => Promise<Uint8Array>;
}

/** A directory of a tree that is to be packed. */
export interface TreeDirectory {
  readonly kind: "directory";
  readonly path: string;
}

export type TreeEntry = TreeFile | TreeDirectory;

/** Bounds on a tree, packed or unpacked. */
export interface TreeLimits {
  /** Sum of the files' bytes. */
  readonly maxBytes: number;
  /** Files and directories. */
  readonly maxEntries: number;
}

/** Bounds for when a caller names none: 1 GiB, 250,000 entries. */
export const DEFAULT_TREE_LIMITS: TreeLimits = { maxBytes: 1024 ** 3, maxEntries: 250_000 };

const MAX_DEPTH = 255;
const MAX_PATH = 4096;

/**
 * The order in which a depth-first walk with sorted directory listings meets two paths: a directory's
 * contents come before its next sibling, names compare by their UTF-8 bytes.
 */
export function comparePaths(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const order = compareNames(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  for (let index = 0; ; ) {
    const left = a.codePointAt(index);
    const right = b.codePointAt(index);
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (left !== right) return left - right;
    index += left > 0xffff ? 2 : 1;
  }
}

/**
 * Cleans a relative path (`./a//b/` becomes `a/b`, the root becomes the empty string). Throws
 * `ArtifactError`: `unsafe-path` for an absolute path, a `..` segment or a NUL, `too-large` for one
 * deeper than 255 segments or longer than 4096 characters.
 */
export function cleanPath(path: string): string {
  if (path.length > MAX_PATH) throw new ArtifactError("too-large", `path longer than ${MAX_PATH} characters`);
  if (path.startsWith("/")) throw new ArtifactError("unsafe-path", `path "${path}" is absolute`);
  if (path.includes("\0")) throw new ArtifactError("unsafe-path", "path contains a NUL character");
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..")) throw new ArtifactError("unsafe-path", `path "${path}" leaves its tree`);
  if (segments.length > MAX_DEPTH) {
    throw new ArtifactError("too-large", `path is deeper than ${MAX_DEPTH} directories`);
  }
  return segments.join("/");
}

/**
 * Lays trees over each other, later entries winning, adds the directories that files need, and sorts the
 * whole as a walk would meet it. A file in the place of a directory replaces what is below it, and the
 * other way round. Throws `too-large` past `limits`.
 */
export function composeTree(layers: readonly (readonly TreeEntry[])[], limits: TreeLimits): TreeEntry[] {
  const entries = new Map<string, TreeEntry>();
  for (const layer of layers) {
    const replaced = new Set<string>();
    for (const entry of layer) {
      for (const parent of parentsOf(entry.path)) {
        if (entries.get(parent)?.kind !== "directory")
          entries.set(parent, { kind: "directory", path: parent });
      }
      if (entry.kind === "file" && entries.get(entry.path)?.kind === "directory") replaced.add(entry.path);
      if (entry.path !== "") entries.set(entry.path, entry);
    }
    if (replaced.size > 0) {
      for (const path of entries.keys()) {
        if (parentsOf(path).some((parent) => replaced.has(parent))) entries.delete(path);
      }
    }
  }
  const sorted = [...entries.values()].sort((a, b) => comparePaths(a.path, b.path));
  checkLimits(sorted, limits);
  return sorted;
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    parents.push(path.slice(0, slash));
  }
  return parents;
}

/** Throws `ArtifactError` `too-large` where the tree crosses one of `limits`. */
function checkLimits(entries: readonly TreeEntry[], limits: TreeLimits): void {
  if (entries.length > limits.maxEntries) {
    throw new ArtifactError("too-large", `the tree has more than ${limits.maxEntries} files and directories`);
  }
  let bytes = 0;
  for (const entry of entries) if (entry.kind === "file") bytes += entry.size;
  if (bytes > limits.maxBytes) {
    throw new ArtifactError(
      "too-large",
      `the tree holds ${bytes} bytes, more than the ${limits.maxBytes} allowed`,
    );
  }
}
