import { mkdirSync, writeFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry, type TarHeader, unpackTar } from "modern-tar";
import { ArtifactError, errnoOf } from "./error.js";
import { cleanPath, DEFAULT_TREE_LIMITS, type TreeLimits } from "./tree.js";

export interface UnpackOptions {
  readonly limits?: TreeLimits;
  readonly signal?: AbortSignal;
}

/** What an archive held once unpacked. */
export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

const gunzipAsync = promisify(gunzip);

const IN_MEMORY_ARCHIVE = 4 * 1024 * 1024;
const IN_MEMORY_TREE = 32 * 1024 * 1024;
/** Files written between two turns of the event loop. */
const FILES_PER_TURN = 32;

/**
 * Unpacks a gzip'd tarball into `directory`, which has to exist and be empty. Only regular files and
 * directories are written; links, devices and the like are passed over. Throws `ArtifactError`:
 * `unsafe-path` for an entry outside the directory, `too-large` past the limits (counted on what comes
 * out, headers included, so that a bomb stops early), `corrupt` for what is not a gzip'd tarball.
 * After a failure the directory holds a part of the tree; remove it.
 */
export async function unpackTarball(
  source: AsyncIterable<Uint8Array>,
  directory: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  const target = new Target(directory, options.limits ?? DEFAULT_TREE_LIMITS, options.signal);
  try {
    const chunks = source[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) break;
      head.push(next.value);
      size += next.value.byteLength;
      if (size > IN_MEMORY_ARCHIVE) return await unpackStream(resume(head, chunks), target);
    }
    const tar = await inflate(Buffer.concat(head));
    return tar === undefined
      ? await unpackStream(resume(head, chunks), target)
      : await unpackBuffer(tar, target);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw asUnpackError(error);
  }
}

async function* resume(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** The tar in an archive, or `undefined` where it is too large to be held as a whole. */
async function inflate(archive: Buffer): Promise<Buffer | undefined> {
  try {
    return await gunzipAsync(archive, { maxOutputLength: IN_MEMORY_TREE });
  } catch (error) {
    if (errnoOf(error) === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
}

/** Small trees are written in turns without waiting for each file, which is several times faster. */
async function unpackBuffer(tar: Buffer, target: Target): Promise<Unpacked> {
  target.inflated(tar.byteLength);
  let turn = 0;
  for (const { header, data } of await unpackTar(tar, { strict: true })) {
    const file = target.enter(header);
    if (file === undefined) continue;
    const bytes = data ?? new Uint8Array();
    for (const missing of file.directories) mkdirSync(missing, { recursive: true, mode: 0o750 });
    if (file.path !== undefined) writeFileSync(file.path, bytes, { mode: file.mode });
    if (file.path !== undefined) target.wrote(bytes.byteLength);
    if (++turn % FILES_PER_TURN === 0) await setImmediate();
  }
  return target.finish();
}

async function unpackStream(source: AsyncIterable<Uint8Array>, target: Target): Promise<Unpacked> {
  const input = Readable.from(source);
  const inflater = createGunzip();
  input.on("error", (error) => inflater.destroy(error));
  const tar = Readable.from(target.counted(input.pipe(inflater)));
  const entries = (Readable.toWeb(tar) as unknown as ReadableStream<Uint8Array>).pipeThrough(
    createTarDecoder({ strict: true }),
  ) as AsyncIterable<ParsedTarEntry>;
  try {
    for await (const entry of entries) {
      const file = target.enter(entry.header);
      for (const missing of file?.directories ?? []) await mkdir(missing, { recursive: true, mode: 0o750 });
      if (file?.path === undefined) await entry.body.cancel();
      else target.wrote(await copy(entry.body as unknown as AsyncIterable<Uint8Array>, file.path, file.mode));
    }
    return target.finish();
  } finally {
    input.destroy();
    inflater.destroy();
  }
}

async function copy(body: AsyncIterable<Uint8Array>, path: string, mode: number): Promise<number> {
  const file = await open(path, "w", mode);
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return bytes;
}

/** Where entries may go, and how much of them. */
class Target {
  readonly #root: string;
  readonly #limits: TreeLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #made = new Set<string>([""]);
  #entries = 0;
  #files = 0;
  #bytes = 0;
  #inflated = 0;

  constructor(root: string, limits: TreeLimits, signal: AbortSignal | undefined) {
    this.#root = root;
    this.#limits = limits;
    this.#signal = signal;
  }

  /** Counts bytes of tar; each entry costs a header block and padding beside its own. */
  inflated(bytes: number): void {
    this.#inflated += bytes;
    const most = this.#limits.maxBytes + Math.min(this.#limits.maxEntries, 4_000_000) * 1024 + 10_240;
    if (this.#inflated > most) throw this.#tooLarge();
  }

  async *counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.inflated(chunk.byteLength);
      yield chunk;
    }
  }

  /**
   * What an entry asks for: directories to make first, and the file to write; `undefined` for links and
   * devices.
   */
  enter(header: TarHeader): { directories: string[]; path: string | undefined; mode: number } | undefined {
    this.#signal?.throwIfAborted();
    if (++this.#entries > this.#limits.maxEntries) {
      throw new ArtifactError("too-large", `the archive has more than ${this.#limits.maxEntries} entries`);
    }
    const { type = "file", name } = header;
    if (type !== "file" && type !== "directory") return undefined;
    const path = cleanPath(name);
    const mode = ((header.mode ?? 0) & 0o111) === 0 ? 0o600 : 0o700;
    if (type === "directory") return { directories: this.#missing(path), path: undefined, mode };
    if (path === "") throw new ArtifactError("unsafe-path", "an entry of the archive has no name");
    const slash = path.lastIndexOf("/");
    const directories = this.#missing(slash < 0 ? "" : path.slice(0, slash));
    return { directories, path: join(this.#root, path), mode };
  }

  wrote(bytes: number): void {
    this.#files++;
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.maxBytes) throw this.#tooLarge();
  }

  finish(): Unpacked {
    if (this.#entries === 0) throw new ArtifactError("corrupt", "the archive holds no entry");
    return { files: this.#files, bytes: this.#bytes };
  }

  #missing(path: string): string[] {
    if (this.#made.has(path)) return [];
    this.#made.add(path);
    return [join(this.#root, path)];
  }

  #tooLarge(): ArtifactError {
    return new ArtifactError(
      "too-large",
      `the archive unpacks to more than the ${this.#limits.maxBytes} bytes allowed`,
    );
  }
}

function asUnpackError(error: unknown): Error {
  if (error instanceof ArtifactError) return error;
  const cause = error instanceof Error && error.cause instanceof ArtifactError ? error.cause : undefined;
  if (cause !== undefined) return cause;
  const code = errnoOf(error);
  if (code !== undefined && !code.startsWith("Z_") && code !== "ERR_STREAM_PREMATURE_CLOSE") {
    return ArtifactError.from(error, "unpacking the archive");
  }
  const text = error instanceof Error ? error.message : String(error);
  return new ArtifactError("corrupt", `the archive cannot be unpacked: ${text}`, { cause: error });
}
