import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { createTarPacker, type TarHeader, type TarPackController } from "modern-tar";
import type { IgnoreRules } from "./sourceignore/rules.js";
import type { TreeEntry } from "./tree.js";

const EPOCH = new Date(0);
const FILE_MODE = 0o600;
const EXECUTABLE_MODE = 0o700;
const DIRECTORY_MODE = 0o750;

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
  const { readable, controller } = createTarPacker();
  const tar = Readable.fromWeb(readable);
  const gzip = createGzip();
  const piped = pipeline(tar, gzip);
  // The consumer sees the same failure while it reads; here it only must not count as unhandled.
  piped.catch(() => undefined);
  void writeEntries(controller, entries, options);
  try {
    yield* gzip;
    await piped;
  } finally {
    tar.destroy();
    gzip.destroy();
  }
}

async function writeEntries(
  controller: TarPackController,
  entries: readonly TreeEntry[],
  options: PackOptions,
): Promise<void> {
  try {
    await controller.add(header(".", "directory", DIRECTORY_MODE, 0)).close();
    for (const entry of entries) {
      options.signal?.throwIfAborted();
      if (options.ignore?.ignores(entry.path, entry.kind === "directory") === true) continue;
      await addEntry(controller, entry);
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
  }
}

async function addEntry(controller: TarPackController, entry: TreeEntry): Promise<void> {
  if (entry.kind === "directory") {
    await controller.add(header(entry.path, "directory", DIRECTORY_MODE, 0)).close();
    return;
  }
  const mode = entry.executable ? EXECUTABLE_MODE : FILE_MODE;
  const body = controller.add(header(entry.path, "file", mode, entry.size)).getWriter();
  const bytes = await entry.read();
  if (bytes.byteLength !== entry.size) {
    throw new Error(`"${entry.path}" has ${bytes.byteLength} bytes where ${entry.size} were announced`);
  }
  if (bytes.byteLength > 0) await body.write(bytes);
  await body.close();
}

function header(name: string, type: "file" | "directory", mode: number, size: number): TarHeader {
  return { name, type, mode, size, mtime: EPOCH, uid: 0, gid: 0, uname: "", gname: "" };
}
