import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import { createTarPacker, packTar, type TarEntry, type TarHeader, type TarPackController } from "modern-tar";
import type { IgnoreRules } from "./sourceignore/rules.js";
import type { TreeEntry, TreeFile } from "./tree.js";

const EPOCH = new Date(0);
const FILE_MODE = 0o600;
const EXECUTABLE_MODE = 0o700;
const DIRECTORY_MODE = 0o750;
const IN_MEMORY_BYTES = 16 * 1024 * 1024;

const gzipAsync = promisify(gzip);

export interface PackOptions {
  readonly ignore?: IgnoreRules;
  readonly signal?: AbortSignal;
}

/**
 * Streams a tree as a gzip'd tarball. The same tree gives the same bytes: entries as `composeTree` sorts
 * them after a root entry, owner and group 0 without names, modification time zero, mode 0600 (0700 where
 * executable) and 0750 for directories. What `ignore` excludes is left out; a directory below which
 * everything is excluded stays, as in Flux.
 */
export async function* packTree(
  entries: readonly TreeEntry[],
  options: PackOptions = {},
): AsyncGenerator<Uint8Array> {
  const { ignore } = options;
  const kept = entries.filter((entry) => ignore?.ignores(entry.path, entry.kind === "directory") !== true);
  const bytes = kept.reduce((sum, entry) => sum + (entry.kind === "file" ? entry.size : 0), 0);
  if (bytes <= IN_MEMORY_BYTES) yield await gzipAsync(await packInMemory(kept, options.signal));
  else yield* packAsStream(kept, options.signal);
}

/** Most trees are small: without streams between the parts they pack several times faster. */
async function packInMemory(
  entries: readonly TreeEntry[],
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const packed = await Promise.all(
    entries.map(async (entry): Promise<TarEntry> => {
      if (entry.kind === "directory") return { header: headerOf(entry) };
      return { header: headerOf(entry), body: await readWhole(entry) };
    }),
  );
  signal?.throwIfAborted();
  return packTar([{ header: ROOT }, ...packed]);
}

async function* packAsStream(
  entries: readonly TreeEntry[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const tar = Readable.fromWeb(readable);
  const compressed = createGzip();
  const piped = pipeline(tar, compressed);
  // The consumer sees the same failure while it reads; here it only must not count as unhandled.
  piped.catch(() => undefined);
  void writeEntries(controller, entries, signal);
  try {
    yield* compressed;
    await piped;
  } finally {
    tar.destroy();
    compressed.destroy();
  }
}

async function writeEntries(
  controller: TarPackController,
  entries: readonly TreeEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await controller.add(ROOT).close();
    for (const entry of entries) {
      signal?.throwIfAborted();
      const body = controller.add(headerOf(entry)).getWriter();
      if (entry.kind === "file" && entry.size > 0) await body.write(await readWhole(entry));
      await body.close();
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
  }
}

async function readWhole(file: TreeFile): Promise<Uint8Array> {
  const bytes = await file.read();
  if (bytes.byteLength !== file.size) {
    throw new Error(`"${file.path}" has ${bytes.byteLength} bytes where ${file.size} were announced`);
  }
  return bytes;
}

function headerOf(entry: TreeEntry): TarHeader {
  const plain = { name: entry.path, mtime: EPOCH, uid: 0, gid: 0, uname: "", gname: "" };
  if (entry.kind === "directory") return { ...plain, type: "directory", mode: DIRECTORY_MODE, size: 0 };
  const mode = entry.executable ? EXECUTABLE_MODE : FILE_MODE;
  return { ...plain, type: "file", mode, size: entry.size };
}

const ROOT = headerOf({ kind: "directory", path: "." });
