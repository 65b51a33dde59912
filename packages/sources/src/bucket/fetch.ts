import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type Artifact,
  ArtifactError,
  cleanPath,
  composeTree,
  DEFAULT_TREE_LIMITS,
  matchesIgnorePattern,
  parseIgnorePatterns,
  readDirectoryTree,
} from "@capstan/artifacts";
import type { BucketObject } from "../api/bucket.js";
import { type FailureReasons, SourceFailed } from "../failure.js";
import { HttpFailure } from "../http-client.js";
import {
  type Fetched,
  type SourceDependencies,
  type SourceRun,
  storageFailure,
} from "../source/reconcile.js";
import { type BucketClient, BucketError, type ListedObject } from "./bucket-client.js";
import { type BucketDependencies, openBucket } from "./open.js";

type Run = SourceRun<BucketObject>;

const IGNORE_KEY = ".sourceignore";
const MAX_IGNORE_BYTES = 1024 * 1024;
const IN_FLIGHT = 16;

/** Lists a bucket, and downloads and stores its objects where they are not those that are stored. */
export async function fetchBucket(run: Run, dependencies: BucketDependencies): Promise<Fetched> {
  const client = await openBucket(run, dependencies);
  try {
    const limits = dependencies.limits ?? DEFAULT_TREE_LIMITS;
    const { prefix = "", bucketName } = run.object.spec;
    const listed = await attempt(`indexation of objects from bucket '${bucketName}' failed: `, () =>
      client.list(prefix, limits.maxEntries, run.context.now, run.signal),
    );
    const objects = await included(client, listed, run);
    const revision = revisionOf(new Map(objects.map(({ key, etag }) => [key, etag])));
    const { artifact } = run;
    if (artifact?.revision === revision) return { kind: "current", artifact };
    run.revision = revision;
    return await store(client, objects, run, dependencies);
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof BucketError || error instanceof HttpFailure) {
      throw failed("BucketOperationFailed", error.message, error);
    }
    throw error;
  } finally {
    await client.close();
  }
}

/** `sha256:…` over the sorted lines of key and etag. */
export function revisionOf(index: ReadonlyMap<string, string>): string {
  const lines = [...index].map(([key, etag]) => Buffer.from(`${key} ${etag}\n`)).sort(Buffer.compare);
  return `sha256:${createHash("sha256").update(Buffer.concat(lines)).digest("hex")}`;
}

/** Of the listed objects those that neither mark a folder nor are ignored. */
async function included(
  client: BucketClient,
  listed: readonly ListedObject[],
  run: Run,
): Promise<ListedObject[]> {
  // Below a prefix the listing does not show it, where it counts all the same.
  const mayExist = run.object.spec.prefix !== undefined || listed.some(({ key }) => key === IGNORE_KEY);
  const rules = mayExist
    ? await attempt(`failed to get '${IGNORE_KEY}' object: `, () =>
        client.get(IGNORE_KEY, MAX_IGNORE_BYTES, run.context.now, run.signal),
      )
    : undefined;
  const text = [rules?.bytes.toString("utf8") ?? "", run.object.spec.ignore ?? ""].join("\n");
  const patterns = parseIgnorePatterns(text).reverse();
  const ignores = (key: string) => {
    const decisive = patterns.find((pattern) => matchesIgnorePattern(pattern, key.split("/"), false));
    return decisive !== undefined && !decisive.inclusion;
  };
  return listed.filter(({ key }) => !key.endsWith("/") && key !== IGNORE_KEY && !ignores(key));
}

async function store(
  client: BucketClient,
  objects: readonly ListedObject[],
  run: Run,
  dependencies: SourceDependencies,
): Promise<Fetched> {
  const limits = dependencies.limits ?? DEFAULT_TREE_LIMITS;
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  if (bytes > limits.maxBytes) {
    throw new BucketError(
      `the bucket's objects have ${bytes} bytes, more than the ${limits.maxBytes} allowed`,
    );
  }
  try {
    return await dependencies.storage.withWorkDirectory(async (directory) => {
      const fetched = await attempt(`fetch from bucket '${run.object.spec.bucketName}' failed: `, () =>
        download(client, objects, directory, run, limits.maxBytes),
      );
      const revision = revisionOf(fetched);
      run.revision = revision;
      const tree = composeTree([await readDirectoryTree(directory, limits)], limits);
      const file = `${revision.slice(revision.indexOf(":") + 1)}.tar.gz`;
      const draft = { owner: run.owner, file, revision };
      const artifact: Artifact = await dependencies.storage.putTree(draft, tree, { signal: run.signal });
      const event = `stored artifact with ${fetched.size} fetched files from '${run.object.spec.bucketName}' bucket`;
      return { kind: "stored", artifact, event, fields: { observedIgnore: run.object.spec.ignore } };
    });
  } catch (error) {
    if (error instanceof BucketError || error instanceof HttpFailure) throw error;
    run.signal.throwIfAborted();
    throw storageFailure(error);
  }
}

/** What was downloaded, etags by key: objects that vanished meanwhile are left out. */
async function download(
  client: BucketClient,
  objects: readonly ListedObject[],
  directory: string,
  run: Run,
  maxBytes: number,
): Promise<Map<string, string>> {
  const fetched = new Map<string, string>();
  const pending = [...objects].reverse();
  let bytes = 0;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  // Every download in flight listens to it.
  setMaxListeners(IN_FLIGHT + 1, signal);
  const worker = async () => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const file = join(directory, safeKey(next.key));
      const { key, size } = next;
      const found = await attempt(`failed to get '${key}' object: `, () =>
        client.get(key, size + 64 * 1024, run.context.now, signal),
      );
      if (found === undefined) continue;
      // Objects may have grown since they were listed, or the listing may have lied.
      bytes += found.bytes.length;
      if (bytes > maxBytes)
        throw new BucketError(`the bucket's objects have more than the ${maxBytes} bytes allowed`);
      await write(file, key, found.bytes);
      fetched.set(next.key, found.etag === "" ? next.etag : found.etag);
    }
  };
  const workers = Array.from({ length: Math.min(IN_FLIGHT, objects.length) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
  return fetched;
}

/** Keys know no directories, so that one may be another one's. */
async function write(file: string, key: string, bytes: Buffer): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, bytes, { mode: 0o600 });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EEXIST", "ENOTDIR", "EISDIR", "ENAMETOOLONG"].includes(code)) throw error;
    throw new BucketError(`the key '${key}' cannot be a file beside the others: ${code}`, { cause: error });
  }
}

/** Says before what a storage did wrong what it was asked for. */
async function attempt<T>(prefix: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isMissing = error instanceof BucketError && /^bucket '.*' not found$/.test(error.message);
    if (isMissing || !(error instanceof BucketError || error instanceof HttpFailure)) throw error;
    throw new BucketError(`${prefix}${error.message}`, { cause: error });
  }
}

function safeKey(key: string): string {
  try {
    return cleanPath(key);
  } catch (error) {
    if (!ArtifactError.is(error)) throw error;
    throw new BucketError(`the key '${key}' cannot be a path: ${error.message}`, { cause: error });
  }
}

function failed(reason: FailureReasons["FetchFailed"], message: string, cause?: unknown): SourceFailed {
  return new SourceFailed({ condition: "FetchFailed", reason, message, next: "retry" }, { cause });
}
