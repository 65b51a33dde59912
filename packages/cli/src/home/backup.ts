import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, copyFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { ArtifactError, cleanPath, unpackTarball } from "@capstan/artifacts";
import { checkStore, copyStore, STORE_FORMAT, StoreError } from "@capstan/control-plane";
import { packTar } from "modern-tar/fs";
import type { DataDirectory } from "../data-directory.js";
import { CommandError } from "../exit-code.js";
import { statIfThere } from "../stat-if-there.js";

/** The first entry of a backup: what the others are. */
export interface BackupManifest {
  readonly format: number;
  /** The Capstan that made it. */
  readonly version: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Newest revision of the API in it, and how many objects. */
  readonly revision: number;
  readonly objects: number;
  /** SHA-256 of every file, by its path. */
  readonly files: Readonly<Record<string, string>>;
}

const MANIFEST = "backup.json";
const STORE = "store/data.mdb";
/** Keys, certificates and tokens: without them clients of the old API would not be let in by the new one. */
const KEPT = /^(?:format|git-token|kubeconfig|[a-z-]+\.(?:crt|key))$/;
const LIMITS = { maxBytes: 64 * 1024 ** 3, maxEntries: 4_000_000 };
const MAX_MANIFEST_BYTES = 512 * 1024 ** 2;

/**
 * Writes everything of a data directory that cannot be fetched or made again into one gzip'd tarball,
 * readable by its owner alone: the objects, the keys, the built-in Git remotes. A Capstan may run on the
 * directory meanwhile. The file appears whole or not at all. Rejects with `CommandError`.
 */
export async function backUp(
  directory: DataDirectory,
  file: string,
  about: { readonly version: string; readonly createdAt: string },
): Promise<BackupManifest> {
  const target = resolve(file);
  const staging = await stagingBeside(target);
  try {
    const content = await stage(directory, staging);
    const files: Record<string, string> = {};
    for (const path of await filesBelow(staging)) files[path] = await sha256(join(staging, path));
    const manifest = { format: STORE_FORMAT, ...about, ...content, files };
    const draft = `${staging}.tar.gz`;
    try {
      await pack(staging, manifest, draft);
      await rename(draft, target);
    } finally {
      await rm(draft, { force: true });
    }
    return manifest;
  } catch (error) {
    throw explained(error, directory.root);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Makes the data directory that a backup was taken of. The directory must not exist, or be empty: nothing
 * is overwritten. Every file is compared with its digest and every record with its checksum before the
 * directory appears. Rejects with `CommandError`.
 */
export async function restore(file: string, directory: DataDirectory): Promise<BackupManifest> {
  await assertEmpty(directory.root);
  await access(file).catch((error: unknown) => {
    throw explained(error, file);
  });
  const staging = await stagingBeside(directory.root);
  try {
    await unpackTarball(createReadStream(file), staging, { limits: LIMITS });
    const manifest = await readManifest(staging, file);
    await verify(staging, manifest, file);
    await checkStore(join(staging, "store"));
    await completeRemotes(join(staging, "git"));
    // Readers of a store leave their lock table behind.
    await rm(join(staging, "store", "lock.mdb"), { force: true });
    await rm(join(staging, MANIFEST));
    await rm(directory.root, { recursive: true, force: true });
    await rename(staging, directory.root);
    await sync(dirname(directory.root));
    return manifest;
  } catch (error) {
    throw explained(error, file);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A new directory on the same file system, so that the result can be moved into place in one step. */
async function stagingBeside(target: string): Promise<string> {
  await mkdir(dirname(target), { recursive: true });
  return mkdtemp(`${target}.part-`);
}

async function stage(
  directory: DataDirectory,
  staging: string,
): Promise<{ revision: number; objects: number }> {
  await copyStore(directory.store, join(staging, "store"));
  const content = await checkStore(join(staging, "store"));
  await rm(join(staging, "store", "lock.mdb"), { force: true });
  for (const name of await readdir(directory.root)) {
    if (KEPT.test(name)) await copyFile(join(directory.root, name), join(staging, name));
  }
  await copyRemotes(directory.remotes, join(staging, "git"));
  return content;
}

/** References go first: whatever they name is then among the objects, even if somebody pushes meanwhile. */
async function copyRemotes(from: string, to: string): Promise<void> {
  for (const remote of await directoriesIn(from)) {
    const source = join(from, remote);
    const isObject = (path: string) => path.startsWith("objects/");
    for (const path of await filesBelow(source)) {
      if (!isObject(path) && !path.endsWith(".lock")) await copyInto(source, path, join(to, remote));
    }
    for (const path of await filesBelow(source)) {
      if (isObject(path) && !isUnfinished(path)) await copyInto(source, path, join(to, remote));
    }
  }
}

/** Git's drafts of objects, and the quarantine of a push that has not been accepted yet. */
function isUnfinished(path: string): boolean {
  return /(?:^|\/)(?:tmp_|incoming-|tmp_objdir-)/.test(path);
}

/** Git takes a directory for a repository only where these are, and a backup holds files alone. */
async function completeRemotes(remotes: string): Promise<void> {
  for (const remote of await directoriesIn(remotes)) {
    for (const part of ["objects", "refs"]) await mkdir(join(remotes, remote, part), { recursive: true });
  }
}

async function copyInto(source: string, path: string, target: string): Promise<void> {
  const to = join(target, path);
  await mkdir(dirname(to), { recursive: true });
  try {
    await copyFile(join(source, path), to);
  } catch (error) {
    // A reference that was deleted, or an object that was packed, between the listing and now.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function directoriesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The regular files below a directory, as sorted relative paths. */
async function filesBelow(root: string): Promise<string[]> {
  const found = await readdir(root, { withFileTypes: true, recursive: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

async function pack(staging: string, manifest: BackupManifest, to: string): Promise<void> {
  const sources = [
    { type: "content" as const, content: `${JSON.stringify(manifest, null, 2)}\n`, target: MANIFEST },
    ...Object.keys(manifest.files).map((path) => ({
      type: "file" as const,
      source: join(staging, path),
      target: path,
    })),
  ];
  const out = createWriteStream(to, { mode: 0o600, flush: true });
  await pipeline(packTar(sources), createGzip({ level: 3 }), out);
}

async function assertEmpty(root: string): Promise<void> {
  try {
    if ((await readdir(root)).length === 0) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  throw new CommandError(
    `${root} is not empty; restore into a new directory with --data-dir, or move this one away first`,
  );
}

async function readManifest(staging: string, file: string): Promise<BackupManifest> {
  const path = join(staging, MANIFEST);
  const known = await statIfThere(path);
  if (known === undefined || known.size > MAX_MANIFEST_BYTES) {
    throw new CommandError(`${file} is not a backup made by capstan backup: it holds no ${MANIFEST}`);
  }
  const manifest: unknown = JSON.parse(await readFile(path, "utf8"));
  if (!isManifest(manifest))
    throw new CommandError(`${file} is damaged: its ${MANIFEST} cannot be understood`);
  if (manifest.format > STORE_FORMAT) {
    throw new CommandError(
      `${file} was made by Capstan ${manifest.version} (format ${manifest.format}, this one knows ` +
        `${STORE_FORMAT}); restore it with that version or a newer one`,
    );
  }
  return manifest;
}

function isManifest(value: unknown): value is BackupManifest {
  if (typeof value !== "object" || value === null) return false;
  const { format, version, files } = value as Partial<BackupManifest>;
  return (
    typeof format === "number" && typeof version === "string" && typeof files === "object" && files !== null
  );
}

async function verify(staging: string, manifest: BackupManifest, file: string): Promise<void> {
  const present = new Set(await filesBelow(staging));
  present.delete(MANIFEST);
  if (!Object.hasOwn(manifest.files, STORE))
    throw new CommandError(`${file} is damaged: it holds no ${STORE}`);
  for (const [path, digest] of Object.entries(manifest.files)) {
    const known = present.delete(cleanPath(path));
    if (!known) throw new CommandError(`${file} is damaged: ${path} is missing`);
    if ((await sha256(join(staging, path))) !== digest) {
      throw new CommandError(`${file} is damaged: ${path} is not what was backed up`);
    }
  }
  const [extra] = present;
  if (extra !== undefined)
    throw new CommandError(`${file} is damaged: ${extra} is not listed in its ${MANIFEST}`);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function explained(error: unknown, subject: string): unknown {
  if (error instanceof CommandError) return error;
  if (error instanceof StoreError || error instanceof ArtifactError) {
    return new CommandError(`${subject}: ${error.message}`, undefined, { cause: error });
  }
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "ENOENT")
    return new CommandError(`${path ?? subject} does not exist`, undefined, { cause: error });
  if (code === "ENOSPC") return new CommandError(`no space left for ${subject}`, undefined, { cause: error });
  return error;
}
