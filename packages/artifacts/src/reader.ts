import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "./artifact.js";
import { Digester, parseDigest } from "./digest.js";
import { type DownloadOptions, downloadFile } from "./download.js";
import { ArtifactError } from "./error.js";
import { DEFAULT_TREE_LIMITS, type TreeLimits } from "./tree.js";
import { unpackTarball } from "./unpack.js";

export interface ArtifactReaderOptions extends Omit<DownloadOptions, "signal"> {
  /** Where unpacked trees are kept; belongs to one reader, which empties it when first used. */
  readonly directory: string;
  /** The file behind a URL that this machine serves itself: read without HTTP. */
  readonly localFile?: (url: string) => string | undefined;
  readonly limits?: TreeLimits;
  /** Unpacked trees kept while nobody has them open; 64 where left out. */
  readonly maxIdleTrees?: number;
  /** Bytes of unpacked trees kept while nobody has them open; 1 GiB where left out. */
  readonly maxIdleBytes?: number;
}

/** An unpacked artifact. The directory stays until `close`, and must not be written to. */
export interface OpenArtifact {
  readonly directory: string;
  readonly digest: string;
  /** Lets the tree be evicted; calling it twice does nothing more. */
  close(): void;
}

interface Tree {
  readonly ready: Promise<{ readonly directory: string; readonly bytes: number }>;
  readonly abort: AbortController;
  bytes: number;
  settled: boolean;
  users: number;
}

/**
 * Opens artifacts as directories: fetched, digest verified, unpacked once per digest however many ask at
 * the same time, kept while there is room.
 */
export class ArtifactReader {
  readonly #options: ArtifactReaderOptions;
  /** By digest, least recently used first. */
  readonly #trees = new Map<string, Tree>();
  #prepared: Promise<void> | undefined;
  #serial = 0;
  #unpacked = 0;

  constructor(options: ArtifactReaderOptions) {
    this.#options = options;
  }

  /** How many archives were unpacked so far. */
  get unpackCount(): number {
    return this.#unpacked;
  }

  /**
   * Opens an artifact; close what comes back. Throws `ArtifactError`: `not-found`, `digest-mismatch`,
   * `too-large`, `unsafe-path`, `corrupt`, `unreachable`, `disk-full`, `io`. When `signal` aborts, the
   * wait ends; the work goes on while somebody else waits for the same digest.
   */
  async open(artifact: Pick<Artifact, "url" | "digest">, signal?: AbortSignal): Promise<OpenArtifact> {
    signal?.throwIfAborted();
    parseDigest(artifact.digest);
    const known = this.#trees.get(artifact.digest);
    const tree = known ?? this.#start(artifact);
    this.#trees.delete(artifact.digest);
    this.#trees.set(artifact.digest, tree);
    tree.users++;
    try {
      const { directory } = await waitFor(tree.ready, signal);
      let open = true;
      return {
        directory,
        digest: artifact.digest,
        close: () => {
          if (open) this.#release(artifact.digest, tree);
          open = false;
        },
      };
    } catch (error) {
      this.#release(artifact.digest, tree);
      throw error;
    }
  }

  /** Opens an artifact for the duration of `use`. */
  async using<T>(
    artifact: Pick<Artifact, "url" | "digest">,
    use: (directory: string) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const opened = await this.open(artifact, signal);
    try {
      return await use(opened.directory);
    } finally {
      opened.close();
    }
  }

  #start(artifact: Pick<Artifact, "url" | "digest">): Tree {
    const abort = new AbortController();
    const ready = this.#unpack(artifact, abort.signal);
    const tree: Tree = { ready, abort, bytes: 0, settled: false, users: 0 };
    ready.then(
      ({ bytes }) => {
        tree.bytes = bytes;
        tree.settled = true;
        this.#evict();
      },
      // A failure is not remembered: the next one who asks tries again.
      () => {
        if (this.#trees.get(artifact.digest) === tree) this.#trees.delete(artifact.digest);
      },
    );
    return tree;
  }

  async #unpack(
    artifact: Pick<Artifact, "url" | "digest">,
    signal: AbortSignal,
  ): Promise<{ directory: string; bytes: number }> {
    const { directory: root } = this.#options;
    this.#prepared ??= prepare(root);
    await this.#prepared;
    const { algorithm, hex } = parseDigest(artifact.digest);
    const serial = ++this.#serial;
    const directory = join(root, `${algorithm}-${hex}-${serial}`);
    const temporary = join(root, `tmp-${serial}`);
    const archive = join(root, `tmp-${serial}.tar.gz`);
    try {
      await mkdir(temporary, { mode: 0o700 });
      const file = await this.#obtain(artifact, archive, signal);
      const { bytes } = await unpackVerified(file, artifact.digest, temporary, {
        limits: this.#options.limits ?? DEFAULT_TREE_LIMITS,
        signal,
      });
      await rename(temporary, directory);
      this.#unpacked++;
      return { directory, bytes };
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      if (signal.aborted) throw signal.reason;
      throw ArtifactError.from(error, "opening the artifact");
    } finally {
      await rm(archive, { force: true });
    }
  }

  async #obtain(
    artifact: Pick<Artifact, "url" | "digest">,
    archive: string,
    signal: AbortSignal,
  ): Promise<string> {
    const local = this.#options.localFile?.(artifact.url);
    if (local !== undefined) return local;
    await downloadFile(artifact.url, artifact.digest, archive, { ...this.#options, signal });
    return archive;
  }

  #release(digest: string, tree: Tree): void {
    tree.users--;
    if (tree.users > 0) return;
    if (tree.settled) {
      this.#evict();
      return;
    }
    if (this.#trees.get(digest) === tree) this.#trees.delete(digest);
    tree.abort.abort(new DOMException("nobody waits for this artifact", "AbortError"));
  }

  #evict(): void {
    const { maxIdleTrees = 64, maxIdleBytes = 1024 ** 3 } = this.#options;
    const idle = [...this.#trees].filter(([, tree]) => tree.settled && tree.users === 0);
    let bytes = idle.reduce((sum, [, tree]) => sum + tree.bytes, 0);
    let count = idle.length;
    for (const [digest, tree] of idle) {
      if (count <= maxIdleTrees && bytes <= maxIdleBytes) return;
      this.#trees.delete(digest);
      count--;
      bytes -= tree.bytes;
      void tree.ready.then(({ directory }) => rm(directory, { recursive: true, force: true }));
    }
  }
}

async function prepare(root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const name of await readdir(root)) {
    if (/^(tmp-|sha\d+-)/.test(name)) await rm(join(root, name), { recursive: true, force: true });
  }
}

/** Reads the file twice through one handle, so that what was verified is what is unpacked. */
async function unpackVerified(
  file: string,
  digest: string,
  directory: string,
  options: { readonly limits: TreeLimits; readonly signal: AbortSignal },
): Promise<{ bytes: number }> {
  const handle = await open(file, "r");
  try {
    const digester = new Digester(parseDigest(digest).algorithm);
    for await (const chunk of readFrom(handle)) digester.update(chunk);
    const actual = digester.text();
    if (actual !== digest) {
      throw new ArtifactError(
        "digest-mismatch",
        `the artifact has digest ${actual} where ${digest} was expected`,
      );
    }
    return await unpackTarball(readFrom(handle), directory, options);
  } finally {
    await handle.close();
  }
}

function readFrom(handle: FileHandle): AsyncIterable<Uint8Array> {
  return handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 });
}

function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
