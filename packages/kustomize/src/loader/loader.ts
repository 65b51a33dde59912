import { KustomizeError } from "../errors.js";
import type { FileStat, FileTree } from "../tree/file-tree.js";
import { isWithin, parentOf, resolvePath } from "../tree/path.js";
import type { Budget } from "./limits.js";
import type { RemotePort } from "./remote.js";
import { isRemoteFile, parseRepoSpec, type RepoSpec } from "./repo-spec.js";

/** Whether files must lie in or below the kustomization that names them. */
export type LoadRestrictor = "rootOnly" | "none";

export interface Loaded {
  readonly bytes: Uint8Array;
  /** Path in the tree, links followed; or the URL. */
  readonly path: string;
}

interface LoaderSettings {
  readonly budget: Budget;
  readonly remote: RemotePort | undefined;
  readonly restrictor: LoadRestrictor;
}

/** Reads files for one kustomization directory, and opens others from there. */
export class Loader {
  readonly tree: FileTree;
  /** The directory, links followed. */
  readonly root: string;
  readonly #settings: LoaderSettings;
  readonly #referrer: Loader | undefined;
  /** The repository whose clone this tree is, where this is its first directory. */
  readonly #repo: RepoSpec | undefined;

  private constructor(
    tree: FileTree,
    root: string,
    settings: LoaderSettings,
    referrer: Loader | undefined,
    repo: RepoSpec | undefined,
  ) {
    this.tree = tree;
    this.root = root;
    this.#settings = settings;
    this.#referrer = referrer;
    this.#repo = repo;
  }

  /** Opens the directory that a build is asked for. */
  static open(tree: FileTree, path: string, settings: LoaderSettings): Loader {
    const absolute = resolvePath("/", path);
    const found = statOrFail(tree, absolute, path);
    if (found.kind === "file") {
      throw new KustomizeError("not-found", `must build at directory: '${path}': file is not directory`, {
        file: absolute,
      });
    }
    return new Loader(tree, found.path, settings, undefined, undefined);
  }

  get depth(): number {
    return this.#referrer === undefined ? 0 : this.#referrer.depth + 1;
  }

  /** Opens a directory, or a repository, that an entry names. */
  async enter(path: string): Promise<Loader> {
    if (path === "") throw new KustomizeError("kustomization", "new root cannot be empty");
    const repo = parseRepoSpec(path);
    if (repo !== undefined) return this.#clone(repo);
    if (path.startsWith("/")) {
      throw new KustomizeError("escape", `new root '${path}' cannot be absolute`);
    }
    const absolute = this.#resolve(path);
    const found = statOrFail(this.tree, absolute, absolute);
    if (found.kind === "file") {
      throw new KustomizeError("not-found", `must build at directory: '${absolute}': file is not directory`, {
        file: absolute,
      });
    }
    this.#refuseCycle(found.path);
    return new Loader(this.tree, found.path, this.#settings, this, undefined);
  }

  /** Resolves against the root; climbing out of the tree is refused and not cut short. */
  #resolve(path: string): string {
    let depth = this.root === "/" || path.startsWith("/") ? 0 : this.root.split("/").length - 1;
    for (const part of path.split("/")) {
      if (part === "..") depth--;
      else if (part !== "" && part !== ".") depth++;
      if (depth < 0) throw this.#leaves(path);
    }
    return resolvePath(this.root, path);
  }

  #leaves(path: string): KustomizeError {
    const repo = this.#containingRepo();
    if (repo === undefined) {
      return new KustomizeError("escape", `security; path '${path}' in '${this.root}' leaves the tree`);
    }
    return new KustomizeError(
      "escape",
      `security; bases in kustomizations found in cloned git repos must be within the repo, but base '${path}' is outside '${repo.raw}'`,
    );
  }

  #containingRepo(): RepoSpec | undefined {
    if (this.#repo !== undefined || this.#referrer === undefined) return this.#repo;
    return this.#referrer.#containingRepo();
  }

  #refuseCycle(candidate: string): void {
    for (let visited: Loader | undefined = this; visited !== undefined; visited = visited.#referrer) {
      if (visited.tree === this.tree && isWithin(visited.root, candidate)) {
        throw new KustomizeError(
          "cycle",
          `cycle detected: candidate root '${candidate}' contains visited root '${visited.root}'`,
        );
      }
    }
  }

  async #clone(repo: RepoSpec): Promise<Loader> {
    for (let visited: Loader | undefined = this; visited !== undefined; visited = visited.#referrer) {
      if (visited.#repo?.raw.startsWith(repo.raw)) {
        throw new KustomizeError(
          "cycle",
          `cycle detected: URI '${repo.raw}' referenced by previous URI '${visited.#repo.raw}'`,
        );
      }
    }
    const { remote, budget } = this.#settings;
    if (remote === undefined) {
      throw new KustomizeError("remote", `remote base '${repo.raw}' is not allowed`);
    }
    const tree = await remote.cloneRepository(repo).catch((error: unknown) => {
      throw KustomizeError.fromPort(error, "remote");
    });
    const found = statOrFail(tree, resolvePath("/", repo.path), repo.raw);
    if (found.kind === "file") {
      throw new KustomizeError(
        "not-found",
        `'${repo.path}' refers to file '${found.path}'; expecting directory`,
      );
    }
    // What comes from elsewhere is always restricted to its own directory.
    const settings: LoaderSettings = { budget, remote, restrictor: "rootOnly" };
    return new Loader(tree, found.path, settings, this, repo);
  }

  /**
   * Reads a file that an entry names.
   * @throws KustomizeError `escape` for one outside the root, `not-found`, `limit`, `remote`
   */
  async load(path: string): Promise<Loaded> {
    if (isRemoteFile(path)) return this.#fetch(path);
    return this.loadLocal(path);
  }

  loadLocal(path: string): Loaded {
    const absolute = this.#resolve(path);
    const found = this.tree.stat(absolute);
    if (found === undefined) {
      const message = `evalsymlink failure on '${absolute}' : lstat ${absolute}: no such file or directory`;
      throw new KustomizeError("not-found", message);
    }
    if (found.kind === "directory") {
      throw new KustomizeError("not-found", `'${absolute}' must resolve to a file`);
    }
    if (this.#settings.restrictor === "rootOnly" && !isWithin(parentOf(found.path), this.root)) {
      throw new KustomizeError("escape", `security; file '${absolute}' is not in or below '${this.root}'`);
    }
    this.#settings.budget.takeFile(absolute, found.size);
    return { bytes: this.tree.readFile(found.path), path: found.path };
  }

  async #fetch(url: string): Promise<Loaded> {
    const { remote, budget } = this.#settings;
    if (remote === undefined) throw new KustomizeError("remote", `remote file '${url}' is not allowed`);
    const { status, body } = await remote.fetchFile(url).catch((error: unknown) => {
      throw KustomizeError.fromPort(error, "remote");
    });
    if (status < 200 || status > 299) {
      if (parseRepoSpec(url) !== undefined) throw new KustomizeError("remote", "URL is a git repository");
      throw new HttpStatusError(status);
    }
    budget.takeFile(url, body.length);
    return { bytes: body, path: url };
  }
}

/** A URL that answered with a failure: it is not tried as a directory. */
export class HttpStatusError extends KustomizeError {
  constructor(status: number) {
    super("remote", `HTTP Error: status code ${status}`);
  }
}

function statOrFail(tree: FileTree, absolute: string, shown: string): FileStat {
  const found = tree.stat(absolute);
  if (found !== undefined) return found;
  throw new KustomizeError(
    "not-found",
    `must build at directory: not a valid directory: evalsymlink failure on '${shown}' : lstat ${absolute}: no such file or directory`,
  );
}

/**
 * The text of a file.
 * @throws KustomizeError where it is no UTF-8
 */
export function textOf({ bytes, path }: Loaded): string {
  try {
    return new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes);
  } catch (error) {
    throw new KustomizeError("yaml", "yaml: invalid UTF-8", { file: path, cause: error });
  }
}
