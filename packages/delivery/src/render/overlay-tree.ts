import type { FileStat, FileTree } from "@capstan/kustomize";

/**
 * A tree with files put over it, by their paths without links; the tree itself is not written to. A link
 * to a file that is covered leads to what covers it.
 */
export function overlayTree(base: FileTree, files: ReadonlyMap<string, Uint8Array>): FileTree {
  if (files.size === 0) return base;
  const stat = (asked: string): FileStat | undefined => {
    const own = files.get(asked);
    if (own !== undefined) return { kind: "file", size: own.length, path: asked };
    const found = base.stat(asked);
    const covering = found === undefined ? undefined : files.get(found.path);
    return found === undefined || covering === undefined ? found : { ...found, size: covering.length };
  };
  return {
    stat,
    readFile: (asked) => files.get(asked) ?? files.get(stat(asked)?.path ?? asked) ?? base.readFile(asked),
    readDir: (asked) => {
      const names = new Set(base.readDir(asked));
      const directory = stat(asked)?.path ?? asked;
      for (const path of files.keys()) {
        const slash = path.lastIndexOf("/");
        if ((path.slice(0, slash) || "/") === directory) names.add(path.slice(slash + 1));
      }
      return [...names].sort();
    },
  };
}
