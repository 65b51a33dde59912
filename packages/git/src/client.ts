import { mkdir } from "node:fs/promises";
import { forgetCache, GitCache } from "./cache.js";
import { type GitCommit, type GitTag, parseCommit, parseTag } from "./commit.js";
import { type GitCredentials, sweepCredentials } from "./credentials.js";
import { GitError } from "./error.js";
import { fetchInto } from "./fetch.js";
import { GitObjects } from "./objects.js";
import {
  describeOthers,
  describeTarget,
  formatRevision,
  type GitReference,
  type GitResolution,
  type GitTarget,
  isObjectId,
  patternsOf,
  resolution,
  resolveTarget,
  selectVersionTags,
  targetOf,
} from "./reference.js";
import { type GitRef, type GitRemote, listRefs, localRepository, type RemoteOptions } from "./remote.js";
import type { GitRun, GitRunner } from "./runner.js";
import { readSubmodules } from "./submodules.js";
import { type GitSymlink, type GitTreeEntry, type GitTreeLimits, listTree } from "./tree.js";
import { type GitUrl, parseGitUrl, resolveSubmoduleUrl } from "./url.js";

export interface GitClientOptions {
  readonly runner: GitRunner;
  /** Keeps a bare repository per caller's key. */
  readonly cacheDirectory: string;
  /** For files with credentials. Belongs to one client, which clears it of leftovers when first used. */
  readonly temporaryDirectory: string;
  /** The directory of a repository that this machine serves itself under a URL: read there, not over HTTP. */
  readonly localRepository?: (url: string) => string | undefined;
  /** Whether local paths and `file://` URLs are taken; off where left out. */
  readonly allowLocal?: boolean;
  /** Bytes that one fetch may bring; 100 MiB where left out. */
  readonly maxFetchBytes?: number;
  /** Bounds on one commit's files; 100 MiB and 100,000 entries where left out. */
  readonly treeLimits?: GitTreeLimits;
}

/** What to look at: a repository, a reference, and how to get in. */
export interface GitRequest {
  readonly url: string;
  readonly reference?: GitReference;
  readonly credentials?: GitCredentials;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface CheckoutRequest extends GitRequest {
  /** Names the caller's cache: the same key finds again what it fetched before. */
  readonly key: string;
  readonly recurseSubmodules?: boolean;
  readonly sparse?: readonly string[];
}

/** A commit, open for reading. */
export interface GitCheckout {
  readonly revision: string;
  readonly commit: GitCommit;
  /** The annotated tag that named it. */
  readonly tag: GitTag | undefined;
  /** Sorted per repository; submodules' files follow, under their path. */
  readonly entries: readonly GitTreeEntry[];
  /** Symbolic links, which are not among the entries, sorted alike. */
  readonly symlinks: readonly GitSymlink[];
  /** Ends the reading process; `read` of an entry fails from then on. */
  close(): void;
}

/** `part` is the path of the submodule that is fetched, left out for the repository itself. */
interface PartRequest extends CheckoutRequest {
  readonly part?: string;
}

interface Source {
  readonly objects: GitObjects;
  readonly repository: Omit<GitRun, "args" | "attempt">;
}

const DEFAULT_LIMITS: GitTreeLimits = { maxBytes: 100 * 1024 * 1024, maxEntries: 100_000 };
const MAX_OBJECT = 8 * 1024 * 1024;
const MAX_SUBMODULE_DEPTH = 10;
const MAX_SUBMODULES = 200;
const MAX_TIES = 20;
const TARGET = "refs/capstan/target";

/** Resolves references and opens commits, remote or local, without a work tree. */
export class GitClient {
  readonly #options: GitClientOptions;
  #listings = 0;
  #checkouts = 0;
  #prepared: Promise<void> | undefined;

  constructor(options: GitClientOptions) {
    this.#options = options;
  }

  /** How often references were listed. */
  get listingCount(): number {
    return this.#listings;
  }

  /** How often a commit was opened, which for a remote repository is a fetch. */
  get checkoutCount(): number {
    return this.#checkouts;
  }

  /**
   * The revision that a reference stands for at the remote right now, found by one listing; `undefined`
   * where that does not settle it: for a commit, and for a range whose best versions differ in build
   * metadata only. Throws `GitError`.
   */
  async resolve(request: GitRequest): Promise<string | undefined> {
    await this.#prepare();
    const target = targetOf(request.reference);
    if (target.kind === "commit") return undefined;
    const refs = await this.#list(this.#remote(request), patternsOf(target), request);
    if (target.kind !== "semver") return (await this.#resolved(target, refs, request)).revision;
    const [best, ...ties] = selectVersionTags(target.range, refs);
    return best === undefined || ties.length > 0 ? undefined : resolution(best.ref, best.tag).revision;
  }

  /** Opens the commit that `request.reference` stands for; close what comes back. Throws `GitError`. */
  async checkout(request: CheckoutRequest): Promise<GitCheckout> {
    this.#checkouts++;
    await this.#prepare();
    const remote = this.#remote(request);
    const target = targetOf(request.reference);
    const opened: Source[] = [];
    const close = () => {
      for (const source of opened) source.objects.close();
    };
    try {
      const { source, start, label } = await this.#open(remote, target, request);
      opened.push(source);
      const { commit, tag } = await readCommit(source.objects, start);
      const content = await this.#content(source, commit, request, remote, opened);
      return { revision: formatRevision(label, commit.oid), commit, tag, ...content, close };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** Removes what was cached under `key`. */
  async forget(key: string): Promise<void> {
    await forgetCache(this.#options.cacheDirectory, key);
  }

  #prepare(): Promise<void> {
    const prepare = async () => {
      await mkdir(this.#options.temporaryDirectory, { recursive: true, mode: 0o700 });
      await sweepCredentials(this.#options.temporaryDirectory);
    };
    this.#prepared ??= prepare().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  /** A URL of our own server stands for its directory, and still for itself towards submodules. */
  #localize(url: GitUrl): GitUrl {
    const localPath = url.localPath ?? this.#options.localRepository?.(url.text);
    return { ...url, localPath };
  }

  #remote(request: GitRequest): GitRemote {
    const url = this.#localize(parseGitUrl(request.url, { allowLocal: this.#options.allowLocal ?? false }));
    return { url, ...(request.credentials === undefined ? {} : { credentials: request.credentials }) };
  }

  #list(remote: GitRemote, patterns: readonly string[], request: GitRequest): Promise<GitRef[]> {
    this.#listings++;
    return listRefs(remote, patterns, this.#run(request));
  }

  #run(request: GitRequest): RemoteOptions {
    return {
      runner: this.#options.runner,
      temporaryDirectory: this.#options.temporaryDirectory,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    };
  }

  async #open(
    remote: GitRemote,
    target: GitTarget,
    request: PartRequest,
  ): Promise<{ source: Source; start: string; label: string | undefined }> {
    if (target.kind === "commit") return this.#openCommit(remote, target, request);
    const candidates = await this.#candidates(remote, target, request);
    const refspecs = candidates.map(({ ref }, index) => `+${ref.name}:${TARGET}/${index}`);
    const source = await this.#source(remote, "shallow", refspecs, request);
    // A local repository is read where it is, so that what was listed is what is read.
    const starts = candidates.map(({ ref, label }, index) => ({
      start: remote.url.localPath === undefined ? `${TARGET}/${index}` : ref.oid,
      label,
    }));
    try {
      return { source, ...(await newest(source.objects, starts)) };
    } catch (error) {
      source.objects.close();
      throw error;
    }
  }

  async #candidates(
    remote: GitRemote,
    target: Exclude<GitTarget, { kind: "commit" }>,
    request: GitRequest,
  ): Promise<{ ref: GitRef; label: string }[]> {
    const refs = await this.#list(remote, patternsOf(target), request);
    if (target.kind === "semver") {
      return selectVersionTags(target.range, refs)
        .slice(0, MAX_TIES)
        .map(({ tag, ref }) => ({ ref, label: tag }));
    }
    const found = await this.#resolved(target, refs, request);
    const oid = found.tagObject ?? found.commit;
    const label = found.revision.slice(0, found.revision.lastIndexOf("@"));
    return [{ ref: { name: found.ref, oid }, label }];
  }

  /** Finds a target among `refs`; says of one that is not there what is. */
  async #resolved(
    target: GitTarget & { kind: "name" | "tag" | "branch" },
    refs: readonly GitRef[],
    request: GitRequest,
  ): Promise<GitResolution> {
    try {
      return resolveTarget(target, refs);
    } catch (error) {
      if (!GitError.is(error, "ref-not-found")) throw error;
      const all = await this.#list(this.#remote(request), [], request);
      if (all.length === 0) throw new GitError("empty", "the repository is empty", { cause: error });
      const there = describeOthers(target, all);
      const message = there === undefined ? error.message : `${error.message}; ${there}`;
      throw new GitError("ref-not-found", message, { cause: error });
    }
  }

  async #openCommit(
    remote: GitRemote,
    target: GitTarget & { kind: "commit" },
    request: PartRequest,
  ): Promise<{ source: Source; start: string; label: string | undefined }> {
    if (!isObjectId(target.commit)) {
      throw new GitError("ref-not-found", `${describeTarget(target)} is not a full object id`);
    }
    for (const [mode, refspecs] of await this.#commitAttempts(remote, target, request)) {
      const source = await this.#source(remote, mode, refspecs, request).catch((error: unknown) => {
        if (mode === "shallow" && GitError.is(error, "ref-not-found", "failed", "unreachable"))
          return undefined;
        throw error;
      });
      if (source === undefined) continue;
      const found = await source.objects.find(target.commit, MAX_OBJECT);
      if (found?.type === "commit") return { source, start: target.commit, label: target.branch };
      source.objects.close();
    }
    throw new GitError("ref-not-found", `${describeTarget(target)} was not found`);
  }

  /** What to fetch to get at a commit: the commit alone, or whole branches where the server declines that. */
  async #commitAttempts(
    remote: GitRemote,
    target: GitTarget & { kind: "commit" },
    request: GitRequest,
  ): Promise<(readonly ["shallow" | "full", readonly string[]])[]> {
    const everything = ["full", ["+refs/heads/*:refs/capstan/heads/*"]] as const;
    if (target.branch === undefined) return [["shallow", [`${target.commit}:${TARGET}/0`]], everything];
    const refs = await this.#list(remote, patternsOf(target), request);
    const branch = `refs/heads/${target.branch}`;
    return refs.some(({ name }) => name === branch) ? [["full", [`+${branch}:${TARGET}/0`]]] : [everything];
  }

  async #source(
    remote: GitRemote,
    mode: "shallow" | "full",
    refspecs: readonly string[],
    request: PartRequest,
  ): Promise<Source> {
    const { runner, cacheDirectory, maxFetchBytes = 100 * 1024 * 1024 } = this.#options;
    const signal = request.signal === undefined ? {} : { signal: request.signal };
    if (remote.url.localPath !== undefined) {
      const repository = { ...(await localRepository(remote.url.localPath)), ...signal };
      return { repository, objects: new GitObjects(runner, repository) };
    }
    const cache = new GitCache(cacheDirectory, request.key, request.part ?? "", remote.url.text, mode);
    await cache.prepare();
    const depth = mode === "shallow" ? 1 : undefined;
    const fetch = () =>
      fetchInto(cache, remote, refspecs, depth, { ...this.#run(request), maxBytes: maxFetchBytes });
    try {
      await fetch();
    } catch (error) {
      if (!GitError.is(error, "corrupt")) throw error;
      // What was cached is damaged; it can be fetched again.
      await cache.clear();
      await cache.prepare();
      await fetch();
    }
    const repository = { cwd: cache.gitDir, variables: { GIT_DIR: cache.gitDir }, ...signal };
    return { repository, objects: new GitObjects(runner, repository) };
  }

  async #content(
    source: Source,
    commit: GitCommit,
    request: PartRequest,
    remote: GitRemote,
    opened: Source[],
    depth = 0,
  ): Promise<Pick<GitCheckout, "entries" | "symlinks">> {
    const { runner, treeLimits = DEFAULT_LIMITS } = this.#options;
    const sparse = depth === 0 ? (request.sparse ?? []) : [];
    const listing = await listTree(commit.tree, { runner, ...source, limits: treeLimits, sparse });
    if (request.recurseSubmodules !== true) return listing;
    if (depth >= MAX_SUBMODULE_DEPTH) throw new GitError("too-large", "submodules are nested too deeply");
    const entries = [...listing.entries];
    const symlinks = [...listing.symlinks];
    const submodules = await readSubmodules(listing.entries, listing.links, runner, source.repository);
    for (const submodule of submodules) {
      if (opened.length > MAX_SUBMODULES)
        throw new GitError("too-large", "the repository has too many submodules");
      const url = resolveSubmoduleUrl(remote.url, submodule.url, {
        allowLocal: remote.url.protocol === "file",
      });
      const sameOrigin = url.protocol === remote.url.protocol && url.host === remote.url.host;
      const child: GitRemote = {
        url,
        ...(sameOrigin && remote.credentials !== undefined ? { credentials: remote.credentials } : {}),
      };
      const target = { kind: "commit", commit: submodule.commit, branch: undefined } as const;
      const inner = { ...request, part: `${request.part ?? ""}/${submodule.path}` };
      const found = await this.#openCommit(child, target, inner);
      opened.push(found.source);
      const { commit: head } = await readCommit(found.source.objects, found.start);
      const below = await this.#content(found.source, head, inner, child, opened, depth + 1);
      const within = <T extends { path: string }>(one: T) => ({
        ...one,
        path: `${submodule.path}/${one.path}`,
      });
      entries.push(...below.entries.map(within));
      symlinks.push(...below.symlinks.map(within));
    }
    return { entries, symlinks };
  }
}

/** Of several starting points the one whose tag or commit is newest; with one there is nothing to ask. */
async function newest(
  objects: GitObjects,
  starts: readonly { start: string; label: string }[],
): Promise<{ start: string; label: string }> {
  const [first] = starts;
  if (first === undefined) throw new GitError("ref-not-found", "nothing to read");
  if (starts.length === 1) return first;
  let best = { ...first, time: Number.NEGATIVE_INFINITY };
  for (const candidate of starts) {
    const { commit, tag } = await readCommit(objects, candidate.start);
    const time = tag?.tagger?.time ?? commit.committer.time;
    if (time > best.time) best = { ...candidate, time };
  }
  return best;
}

/** The commit behind `start`, and the outermost tag object on the way there. */
async function readCommit(
  objects: GitObjects,
  start: string,
): Promise<{ commit: GitCommit; tag: GitTag | undefined }> {
  let tag: GitTag | undefined;
  let name = start;
  for (let hops = 0; hops < 10; hops++) {
    const object = await objects.read(name, MAX_OBJECT);
    if (object.type === "commit") return { commit: parseCommit(object.oid, object.bytes), tag };
    if (object.type !== "tag") break;
    const parsed = parseTag(object.oid, object.bytes);
    tag ??= parsed;
    name = parsed.object;
  }
  throw new GitError("corrupt", `${start} does not lead to a commit`);
}
