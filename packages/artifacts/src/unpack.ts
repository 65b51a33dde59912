import type { FileHandle } from "node:fs/promises";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
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
  const limits = options.limits ?? DEFAULT_TREE_LIMITS;
  const input = Readable.from(source);
  const gunzip = createGunzip();
  input.on("error", (error) => gunzip.destroy(error));
  const tar = Readable.from(bounded(input.pipe(gunzip), limits));
  const decoder = createTarDecoder({ strict: true });
  const entries = (Readable.toWeb(tar) as unknown as ReadableStream<Uint8Array>).pipeThrough(
    decoder,
  ) as AsyncIterable<ParsedTarEntry>;
  const made = new Set<string>([""]);
  let files = 0;
  let bytes = 0;
  let seen = 0;
  try {
    for await (const entry of entries) {
      options.signal?.throwIfAborted();
      if (++seen > limits.maxEntries) {
        throw new ArtifactError("too-large", `the archive has more than ${limits.maxEntries} entries`);
      }
      const written = await writeEntry(entry, directory, made);
      if (written !== undefined) {
        files++;
        bytes += written;
      }
    }
    if (seen === 0) throw new ArtifactError("corrupt", "the archive holds no entry");
    return { files, bytes };
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    throw asUnpackError(error);
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

async function* bounded(source: AsyncIterable<Uint8Array>, limits: TreeLimits): AsyncGenerator<Uint8Array> {
  // Each entry costs a header block and padding beside its bytes.
  const most = limits.maxBytes + Math.min(limits.maxEntries, 4_000_000) * 1024 + 10_240;
  let total = 0;
  for await (const chunk of source) {
    total += chunk.byteLength;
    if (total > most) {
      throw new ArtifactError(
        "too-large",
        `the archive unpacks to more than the ${limits.maxBytes} bytes allowed`,
      );
    }
    yield chunk;
  }
}

async function writeEntry(
  entry: ParsedTarEntry,
  root: string,
  made: Set<string>,
): Promise<number | undefined> {
  const { type = "file", name } = entry.header;
  if (type !== "file" && type !== "directory") {
    await entry.body.cancel();
    return undefined;
  }
  const path = cleanPath(name);
  if (type === "directory") {
    await entry.body.cancel();
    await makeDirectory(root, path, made);
    return undefined;
  }
  if (path === "") throw new ArtifactError("unsafe-path", "an entry of the archive has no name");
  const slash = path.lastIndexOf("/");
  await makeDirectory(root, slash < 0 ? "" : path.slice(0, slash), made);
  const executable = ((entry.header.mode ?? 0) & 0o111) !== 0;
  const file = await open(join(root, path), "w", executable ? 0o700 : 0o600);
  try {
    return await copy(entry.body as unknown as AsyncIterable<Uint8Array>, file);
  } finally {
    await file.close();
  }
}

async function copy(body: AsyncIterable<Uint8Array>, file: FileHandle): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    await file.writeFile(chunk);
  }
  return bytes;
}

async function makeDirectory(root: string, path: string, made: Set<string>): Promise<void> {
  if (made.has(path)) return;
  await mkdir(join(root, path), { recursive: true, mode: 0o750 });
  made.add(path);
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
