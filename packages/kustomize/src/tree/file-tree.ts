/** What stands at a path once links are followed. */
export interface FileStat {
  readonly kind: "file" | "directory";
  /** Bytes of a file; 0 for a directory. */
  readonly size: number;
  /** The same place without links in its path. */
  readonly path: string;
}

/**
 * A read-only tree of files. Paths are absolute within the tree, with `/` between their parts; `/` is
 * the tree's root, and nothing outside it can be named. Calls are synchronous, so that a build is one
 * pass over data at hand.
 */
export interface FileTree {
  /**
   * Undefined where nothing is.
   * @throws KustomizeError `escape` where a link on the way leaves the tree
   */
  stat(path: string): FileStat | undefined;
  /** The bytes of a file. Only called for what `stat` called a file. */
  readFile(path: string): Uint8Array;
  /** Names in a directory, sorted, without `.` and `..`. */
  readDir(path: string): readonly string[];
}
