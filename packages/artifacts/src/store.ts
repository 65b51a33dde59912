import { createReadStream, existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, formatTime } from "@capstan/kube";
import type { Artifact, ArtifactOwner } from "./artifact.js";
import { DEFAULT_RETENTION, planCollection, type Retention, type StoredFile } from "./collect.js";
import { type DigestAlgorithm, Digester, parseDigest } from "./digest.js";
import { ArtifactError, errnoOf } from "./error.js";
import { type PackOptions, packTree } from "./pack.js";
import { cleanPath, type TreeEntry } from "./tree.js";

export interface ArtifactStoreOptions {
  /** Where the files lie; made with mode 0700 when first needed. */
  readonly directory: string;
  /** `http://host:port` or `host:port`; asked at each use, as a server may know its port late. */
  readonly baseUrl: () => string;
  readonly clock: Clock;
  readonly algorithm?: DigestAlgorithm;
  readonly retention?: Retention;
  /** Largest file that is stored, in bytes; 1 GiB where left out. */
  readonly maxFileBytes?: number;
}

/** What a caller knows of an artifact before it is stored. */
export interface ArtifactDraft {
  readonly owner: ArtifactOwner;
  /** Name inside the owner's directory: `<commit>.tar.gz`. */
  readonly file: string;
  readonly revision: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** A link beside the file that always names the newest one; `latest.tar.gz` where left out. */
  readonly latest?: string;
}

const MAX_SCAN = 1000;
const TEMPORARY = ".tmp-";
/** Hidden from the server, which knows nothing that begins with a dot. */
const WORK = ".work";
const STALE_MS = 60 * 60_000;

/**
 * Artifacts on disk, a directory per owner. A file appears whole or not at all; what is there can be
 * checked against its digest at any time. Every failure is an `ArtifactError`.
 */
export class ArtifactStore {
  readonly #options: ArtifactStoreOptions;
  /** Digests of files as they were last read, so that an unchanged file is hashed once. */
  readonly #verified = new Map<string, { stamp: string; digest: string }>();
  #serial = 0;
  #swept: Promise<void> | undefined;

  constructor(options: ArtifactStoreOptions) {
    this.#options = options;
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** The address that an artifact at `path` is served at. */
  urlOf(path: string): string {
    const base = this.#options.baseUrl();
    const origin = base.includes("://") ? base : `http://${base}`;
    return `${origin.replace(/\/+$/, "")}/${path.split("/").map(encodeURIComponent).join("/")}`;
  }

  /** The file behind an artifact's `path`. */
  fileOf(path: string): string {
    const clean = cleanPath(path);
    if (clean === "") throw new ArtifactError("unsafe-path", "an artifact without a path");
    return join(this.#options.directory, clean);
  }

  /**
   * The file behind one of this store's own URLs, or `undefined` for somebody else's. A URL of this machine
   * with another port is taken for one that an earlier process gave out, as long as the file is there.
   */
  fileOfUrl(url: string): string | undefined {
    const prefix = this.urlOf("");
    try {
      if (url.startsWith(prefix)) return this.fileOf(decodeURIComponent(url.slice(prefix.length)));
      if (!isLoopback(url) || !isLoopback(prefix)) return undefined;
      const file = this.fileOf(decodeURIComponent(new URL(url).pathname.slice(1)));
      return existsSync(file) ? file : undefined;
    } catch (error) {
      if (error instanceof URIError || ArtifactError.is(error)) return undefined;
      throw error;
    }
  }

  /**
   * Runs `use` with an empty directory on the storage's disk, which is not served, and removes it
   * afterwards. What killed processes have left goes when the first one is asked for.
   */
  async withWorkDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
    const parent = join(this.#options.directory, WORK);
    let directory: string;
    try {
      this.#swept ??= rm(parent, { recursive: true, force: true });
      await this.#swept;
      await mkdir(parent, { recursive: true, mode: 0o700 });
      directory = await mkdtemp(join(parent, "run-"));
    } catch (error) {
      this.#swept = undefined;
      throw ArtifactError.from(error, "making a work directory");
    }
    try {
      return await use(directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** Packs a tree and stores it. */
  async putTree(
    draft: ArtifactDraft,
    entries: readonly TreeEntry[],
    options: PackOptions = {},
  ): Promise<Artifact> {
    return this.putBytes(draft, packTree(entries, options), options.signal);
  }

  /** Stores a stream of bytes as it is: a chart, an index. */
  async putBytes(
    draft: ArtifactDraft,
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<Artifact> {
    const path = artifactPath(draft.owner, draft.file);
    const target = this.fileOf(path);
    const directory = this.#directoryOf(draft.owner);
    const temporary = join(directory, `${TEMPORARY}${++this.#serial}`);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const digester = await this.#write(temporary, bytes, signal);
      const digest = digester.text();
      await rename(temporary, target);
      await this.#link(directory, draft.latest ?? "latest.tar.gz", draft.file);
      this.#verified.set(target, { stamp: await stampOf(target), digest });
      const { metadata } = draft;
      return {
        path,
        url: this.urlOf(path),
        revision: draft.revision,
        digest,
        lastUpdateTime: formatTime(this.#options.clock.now()),
        size: digester.bytes,
        ...(metadata === undefined ? {} : { metadata }),
      };
    } catch (error) {
      await rm(temporary, { force: true });
      if (signal?.aborted === true) throw signal.reason;
      throw ArtifactError.from(error, `storing "${path}"`);
    }
  }

  /**
   * Whether the file of an artifact is there and has its digest. A file with another digest is removed,
   * as nobody could use it.
   */
  async verify(artifact: Pick<Artifact, "path" | "digest">): Promise<"present" | "missing" | "corrupt"> {
    const file = this.fileOf(artifact.path);
    try {
      const stamp = await stampOf(file);
      const known = this.#verified.get(file);
      const { algorithm } = parseDigest(artifact.digest);
      const digest = known?.stamp === stamp ? known.digest : await digestOfFile(file, algorithm);
      if (digest === artifact.digest) {
        this.#verified.set(file, { stamp, digest });
        return "present";
      }
      this.#verified.delete(file);
      await rm(file, { force: true });
      return "corrupt";
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return "missing";
      throw ArtifactError.from(error, `verifying "${artifact.path}"`);
    }
  }

  /** Removes an owner's files that are past their retention, never `current`; gives how many went. */
  async collect(owner: ArtifactOwner, current: Pick<Artifact, "path"> | undefined): Promise<number> {
    const directory = this.#directoryOf(owner);
    try {
      const files = await listFiles(directory);
      const name = current?.path.split("/").at(-1);
      const retention = this.#options.retention ?? DEFAULT_RETENTION;
      const doomed = planCollection(files, name, this.#options.clock.now(), retention);
      await sweep(directory, this.#options.clock.now());
      for (const file of doomed) {
        this.#verified.delete(join(directory, file));
        await rm(join(directory, file), { force: true });
      }
      return doomed.length;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return 0;
      throw ArtifactError.from(error, `collecting old artifacts of ${ownerPath(owner)}`);
    }
  }

  /** Removes everything that an owner has stored; gives how many files went. */
  async removeAll(owner: ArtifactOwner): Promise<number> {
    const directory = this.#directoryOf(owner);
    try {
      const files = await listFiles(directory);
      await rm(directory, { recursive: true, force: true });
      for (const file of files) this.#verified.delete(join(directory, file.name));
      return files.length;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return 0;
      throw ArtifactError.from(error, `removing the artifacts of ${ownerPath(owner)}`);
    }
  }

  #directoryOf(owner: ArtifactOwner): string {
    return this.fileOf(ownerPath(owner));
  }

  async #write(
    file: string,
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<Digester> {
    const most = this.#options.maxFileBytes ?? 1024 ** 3;
    const digester = new Digester(this.#options.algorithm);
    const handle = await open(file, "w", 0o600);
    try {
      for await (const chunk of bytes) {
        signal?.throwIfAborted();
        digester.update(chunk);
        if (digester.bytes > most) {
          throw new ArtifactError("too-large", `the artifact is larger than the ${most} bytes allowed`);
        }
        await handle.writeFile(chunk);
      }
    } finally {
      await handle.close();
    }
    return digester;
  }

  async #link(directory: string, name: string, target: string): Promise<void> {
    const temporary = join(directory, `${TEMPORARY}link-${++this.#serial}`);
    // A process that was killed may have left one of this name.
    await rm(temporary, { force: true });
    await symlink(target, temporary);
    await rename(temporary, join(directory, name));
  }
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}

/** `<kind>/<namespace>/<name>/<file>`, kind in lower case. */
export function artifactPath(owner: ArtifactOwner, file: string): string {
  if (file.includes("/") || file === "" || file.startsWith(".")) {
    throw new ArtifactError("unsafe-path", `"${file}" cannot be the name of an artifact`);
  }
  return `${ownerPath(owner)}/${file}`;
}

function ownerPath(owner: ArtifactOwner): string {
  const parts = [owner.kind.toLowerCase(), owner.namespace, owner.name];
  for (const part of parts) {
    if (part === "" || part === "." || part === ".." || part.includes("/")) {
      throw new ArtifactError("unsafe-path", `"${part}" cannot be a directory of the artifact storage`);
    }
  }
  return parts.join("/");
}

async function listFiles(directory: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const found of await readdir(directory, { withFileTypes: true })) {
    if (!found.isFile() || found.name.startsWith(TEMPORARY)) continue;
    if (files.length >= MAX_SCAN) break;
    files.push({ name: found.name, modified: (await stat(join(directory, found.name))).mtimeMs });
  }
  return files;
}

/** Removes what a process that was killed while it stored something has left. */
async function sweep(directory: string, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const path = join(directory, name);
    if (now - (await lstat(path)).mtimeMs > STALE_MS) await rm(path, { force: true });
  }
}

async function stampOf(file: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(file);
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

async function digestOfFile(file: string, algorithm: DigestAlgorithm): Promise<string> {
  const digester = new Digester(algorithm);
  for await (const chunk of createReadStream(file)) digester.update(chunk);
  return digester.text();
}
