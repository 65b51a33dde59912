import { KustomizeError } from "../errors.js";
import type { FileStat, FileTree } from "./file-tree.js";
import { resolvePath } from "./path.js";

/** What a file in memory may be given as. `{ link }` is a symbolic link. */
export type MemoryFile = string | Uint8Array | { readonly link: string };

interface Directory {
  readonly children: Map<string, Directory | Uint8Array | { readonly link: string }>;
}

/**
 * A tree over files in memory, keyed by path; directories are what their files imply.
 * @example memoryTree({ "app/kustomization.yaml": "resources: [a.yaml]\n", "app/a.yaml": "…" })
 */
export function memoryTree(
  files: Readonly<Record<string, MemoryFile>> | ReadonlyMap<string, MemoryFile>,
): FileTree {
  const root: Directory = { children: new Map() };
  const listed = files instanceof Map ? files.entries() : Object.entries(files as Record<string, MemoryFile>);
  for (const [path, file] of listed) insert(root, resolvePath("/", path), file);
  return new MemoryTree(root);
}

function insert(root: Directory, path: string, file: MemoryFile): void {
  const parts = path.slice(1).split("/");
  let at = root;
  for (const part of parts.slice(0, -1)) {
    const known = at.children.get(part);
    if (known === undefined || !("children" in known)) {
      const made: Directory = { children: new Map() };
      at.children.set(part, made);
      at = made;
    } else {
      at = known;
    }
  }
  at.children.set(
    parts[parts.length - 1] as string,
    typeof file === "string" ? new TextEncoder().encode(file) : file,
  );
}

const MAX_LINKS = 40;

class MemoryTree implements FileTree {
  readonly #root: Directory;

  constructor(root: Directory) {
    this.#root = root;
  }

  stat(path: string): FileStat | undefined {
    const found = this.#find(resolvePath("/", path), MAX_LINKS);
    if (found === undefined) return undefined;
    const directory = !(found.entry instanceof Uint8Array);
    return {
      kind: directory ? "directory" : "file",
      size: found.entry instanceof Uint8Array ? found.entry.length : 0,
      path: found.path,
    };
  }

  readFile(path: string): Uint8Array {
    const found = this.#find(resolvePath("/", path), MAX_LINKS);
    if (found === undefined || !(found.entry instanceof Uint8Array)) {
      throw new KustomizeError("not-found", `open ${path}: no such file`, { file: path });
    }
    return found.entry;
  }

  readDir(path: string): readonly string[] {
    const found = this.#find(resolvePath("/", path), MAX_LINKS);
    if (found === undefined || found.entry instanceof Uint8Array) {
      throw new KustomizeError("not-found", `open ${path}: no such directory`, { file: path });
    }
    return [...found.entry.children.keys()].sort();
  }

  #find(path: string, links: number): { entry: Directory | Uint8Array; path: string } | undefined {
    let entry: Directory | Uint8Array = this.#root;
    let at = "";
    const parts = path === "/" ? [] : path.slice(1).split("/");
    for (const [index, part] of parts.entries()) {
      if (entry instanceof Uint8Array) return undefined;
      const next: Directory | Uint8Array | { readonly link: string } | undefined = entry.children.get(part);
      if (next === undefined) return undefined;
      if ("link" in next) {
        if (links === 0) throw new KustomizeError("cycle", `too many links in '${path}'`, { file: path });
        const rest = parts.slice(index + 1).join("/");
        return this.#find(resolvePath("/", `${this.#linkTarget(at, part, next.link)}/${rest}`), links - 1);
      }
      entry = next;
      at = `${at}/${part}`;
    }
    return { entry, path: at === "" ? "/" : at };
  }

  #linkTarget(directory: string, name: string, link: string): string {
    const depth = directory === "" ? 0 : directory.split("/").length - 1;
    let level = link.startsWith("/") ? 0 : depth;
    for (const part of link.split("/")) {
      if (part === "..") level--;
      else if (part !== "" && part !== ".") level++;
      if (level < 0) {
        const file = `${directory}/${name}`;
        throw new KustomizeError("escape", `security; link '${file}' leaves the tree`, { file });
      }
    }
    return resolvePath(directory === "" ? "/" : directory, link);
  }
}
