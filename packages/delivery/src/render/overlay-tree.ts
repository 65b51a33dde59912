import type { FileStat, FileTree } from "@capstan/kustomize";

/** A tree with one file put over it; the tree itself is not written to. */
export function overlayTree(base: FileTree, path: string, content: Uint8Array): FileTree {
  const slash = path.lastIndexOf("/");
  const directory = path.slice(0, slash) || "/";
  const name = path.slice(slash + 1);
  const stat: FileStat = { kind: "file", size: content.length, path };
  return {
    stat: (asked) => (asked === path ? stat : base.stat(asked)),
    readFile: (asked) => (asked === path ? content : base.readFile(asked)),
    readDir: (asked) => {
      const names = base.readDir(asked);
      return asked !== directory || names.includes(name) ? names : [...names, name].sort();
    },
  };
}
