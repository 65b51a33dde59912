import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type Database, open, type RootDatabase, type Transaction } from "lmdb";
import { LRUCache } from "lru-cache";
import { ChangeFeed, type ChangeListener } from "./change-feed.js";
import { assertRetained, rewind, valuesBefore } from "./change-history.js";
import {
  decodeChange,
  decodeValue,
  encodeChange,
  encodeValue,
  type LoggedChange,
  withValues,
} from "./change-record.js";
import { RecentChanges } from "./recent-changes.js";
import {
  type Change,
  type Entry,
  type PendingWrite,
  type RangeQuery,
  type RangeResult,
  type Store,
  StoreError,
} from "./store.js";

/** Bytes of values kept in memory so that hot objects are not read and decoded again. */
const CACHE_BYTES = 24 * 1024 * 1024;
const RECENT_BYTES = 16 * 1024 * 1024;
/** Larger commits gain nothing and make the first writer in them wait. */
const MAX_COMMIT = 1_000;
/** Changes removed per transaction, so that compaction never holds up writers for long. */
const COMPACTION_STEP = 2_000;
const MAX_KEY_BYTES = 1_900;
/**
 * Address space for the file. One that outgrows it is mapped anew at twice its size, and every map before
 * stays: pages that were read through several count in the resident set as often.
 */
const MAP_BYTES = 16 * 1024 ** 3;

interface Pending {
  readonly change: Change;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A `Store` on disk. Writes are sequenced in memory at once and committed in groups by one flush at a
 * time, while the next group gathers; nobody sees or is told of a write before it is synced.
 */
export class LmdbStore implements Store {
  readonly #directory: string;
  readonly #root: RootDatabase<Buffer, string>;
  readonly #objects: Database<Buffer, string>;
  readonly #changes: Database<Buffer, number>;
  readonly #meta: Database<Buffer, string>;
  readonly #feed = new ChangeFeed();
  readonly #cache = new LRUCache<string, Entry>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (entry) => entry.value.length + 200,
  });
  readonly #recent: RecentChanges;
  /** Latest sequenced value of every key that is on its way to the disk; `undefined` for a deletion. */
  readonly #overlay = new Map<string, { readonly revision: number; readonly entry: Entry | undefined }>();
  /** The key that was last found to be absent: a creation asks for it twice. */
  #absent: string | undefined;
  #queue: Pending[] = [];
  #inFlight: readonly Pending[] = [];
  #flushing: Promise<void> | undefined;
  /** Settles with the newest write; what it rests on settled before. */
  #lastCommitted: Promise<void> = Promise.resolve();
  #sequenced: number;
  #revision: number;
  #compacted: number;
  #closed = false;

  /** Opens or creates the store in `directory`. Throws whatever the file system has against it. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#root = open<Buffer, string>({
      path: directory,
      maxDbs: 4,
      // Without this a commit is reported before it is on disk.
      overlappingSync: false,
      // Groups are made here; the library's own leave a promise behind that nobody can handle.
      eventTurnBatching: false,
      noMemInit: true,
      mapSize: MAP_BYTES,
      encoding: "binary",
    });
    this.#objects = this.#root.openDB({ name: "objects", encoding: "binary" });
    this.#changes = this.#root.openDB<Buffer, number>({ name: "changes", encoding: "binary" });
    this.#meta = this.#root.openDB({ name: "meta", encoding: "binary" });
    this.#revision = this.#readNumber("revision") ?? 1;
    this.#compacted = this.#readNumber("compacted") ?? 1;
    this.#sequenced = this.#revision;
    this.#recent = new RecentChanges(this.#revision, RECENT_BYTES);
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#compacted;
  }

  get(key: string): Entry | undefined {
    this.#assertOpen();
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    if (key === this.#absent) return undefined;
    const record = this.#objects.getBinary(key);
    if (record === undefined) {
      this.#absent = key;
      return undefined;
    }
    const entry = decodeValue(key, record);
    this.#cache.set(key, entry);
    return entry;
  }

  latest(key: string): Entry | undefined {
    const pending = this.#overlay.get(key);
    return pending === undefined ? this.get(key) : pending.entry;
  }

  range(query: RangeQuery): RangeResult {
    this.#assertOpen();
    const transaction = this.#root.useReadTransaction();
    try {
      const head = this.#readNumber("revision", transaction) ?? this.#revision;
      const revision = query.revision ?? head;
      assertRetained(revision, this.#compacted, Math.max(head, this.#revision));
      const older = revision < head;
      const limit = query.limit ?? Number.POSITIVE_INFINITY;
      const today = this.#read(query, older ? Number.POSITIVE_INFINITY : limit + 1, transaction);
      const entries = older
        ? rewind(today, valuesBefore(this.#changesUpTo(revision, head, transaction), query))
        : today;
      const more = entries.length > limit;
      return { entries: more ? entries.slice(0, limit) : entries, revision, more };
    } finally {
      transaction.done();
    }
  }

  count(start: string, end: string): number {
    this.#assertOpen();
    return this.#objects.getKeysCount({ start, end });
  }

  write(key: string, expected: number, encode: (revision: number) => Uint8Array | undefined): PendingWrite {
    this.#assertOpen();
    if (key.length > MAX_KEY_BYTES)
      throw new StoreError("failed", `the key ${key.slice(0, 80)}… is too long`);
    const previous = this.latest(key);
    if ((previous?.revision ?? 0) !== expected) throw new StoreError("conflict", `${key} has changed`);
    const revision = this.#sequenced + 1;
    const value = encode(revision);
    this.#sequenced = revision;
    const entry = value === undefined ? undefined : { key, revision, value };
    this.#overlay.set(key, { revision, entry });
    const committed = this.#enqueue({ revision, key, value, previous });
    return { revision, committed };
  }

  async settled(): Promise<void> {
    await this.#lastCommitted;
  }

  changes(after: number, limit = Number.POSITIVE_INFINITY): readonly Change[] {
    this.#assertOpen();
    if (after >= this.#revision) return [];
    if (after < this.#compacted) assertRetained(after, this.#compacted, this.#revision);
    const recent = this.#recent.after(after);
    const changes = recent ?? this.#logged(after);
    return changes.length > limit ? changes.slice(0, limit) : changes;
  }

  subscribe(listener: ChangeListener): () => void {
    return this.#feed.subscribe(listener);
  }

  async compact(revision: number): Promise<void> {
    const upTo = Math.min(revision, this.#revision);
    while (this.#compacted < upTo && !this.#closed) {
      const keys = [...this.#changes.getKeys({ end: upTo + 1, limit: COMPACTION_STEP })];
      const last = keys.at(-1);
      const reached = keys.length < COMPACTION_STEP || last === undefined ? upTo : last;
      // The mark moves first: a reader must not start on changes that are about to go.
      this.#compacted = reached;
      await this.#commit(() => [
        ...keys.map((key) => this.#changes.remove(key)),
        this.#meta.put("compacted", numberRecord(reached)),
      ]);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#flushing !== undefined) await this.#flushing;
    this.#closed = true;
    this.#feed.close();
    await this.#root.close();
  }

  #enqueue(change: Change): Promise<void> {
    const committed = new Promise<void>((resolve, reject) => {
      this.#queue.push({ change, resolve, reject });
    });
    this.#lastCommitted = committed;
    this.#flushing ??= this.#flush();
    return committed;
  }

  async #flush(): Promise<void> {
    // Lets every request of this turn of the event loop join the first group.
    await new Promise((resume) => setImmediate(resume));
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, MAX_COMMIT);
      this.#inFlight = group;
      try {
        await this.#commit(() => this.#put(group));
      } catch (error) {
        this.#fail(group, error);
        continue;
      }
      this.#finish(group);
    }
    this.#flushing = undefined;
  }

  #put(group: readonly Pending[]): readonly Promise<boolean>[] {
    const writes: Promise<boolean>[] = [];
    let last = this.#revision;
    for (const { change } of group) {
      const { key, revision, value } = change;
      if (value === undefined) writes.push(this.#objects.remove(key));
      else writes.push(this.#objects.put(key, encodeValue(revision, value)));
      writes.push(this.#changes.put(revision, encodeChange(change)));
      last = revision;
    }
    writes.push(this.#meta.put("revision", numberRecord(last)));
    return writes;
  }

  /** Runs `action` as one transaction. Every promise it makes fails with the transaction, so all are awaited. */
  async #commit(action: () => readonly Promise<boolean>[]): Promise<void> {
    let writes: readonly Promise<boolean>[] = [];
    try {
      const committed = this.#root.batch(() => {
        writes = action();
      });
      await Promise.all([...writes, committed]);
    } catch (error) {
      throw await asStoreError(error, this.#directory);
    }
  }

  #finish(group: readonly Pending[]): void {
    this.#root.resetReadTxn();
    this.#absent = undefined;
    for (const { change } of group) {
      const { key, revision, value } = change;
      if (value === undefined) this.#cache.delete(key);
      else this.#cache.set(key, { key, revision, value });
      if (this.#overlay.get(key)?.revision === revision) this.#overlay.delete(key);
      this.#recent.push(change);
      this.#revision = revision;
    }
    this.#inFlight = [];
    this.#feed.publish(group.map((pending) => pending.change));
    for (const pending of group) pending.resolve();
  }

  /** Whatever was sequenced after a failed write may rest on it, so all of it fails. */
  #fail(group: readonly Pending[], error: unknown): void {
    const failed = [...group, ...this.#queue];
    this.#queue = [];
    this.#inFlight = [];
    this.#overlay.clear();
    for (const pending of failed) pending.reject(error);
    this.#lastCommitted = Promise.resolve();
  }

  #read(query: Pick<RangeQuery, "start" | "end">, limit: number, transaction: Transaction): Entry[] {
    const entries: Entry[] = [];
    const { start, end } = query;
    const options = limit === Number.POSITIVE_INFINITY ? {} : { limit };
    for (const { key, value } of this.#objects.getRange({ start, end, transaction, ...options })) {
      const cached = this.#cache.peek(key);
      const entry = decodeValue(key, value);
      entries.push(cached?.revision === entry.revision ? cached : entry);
    }
    return entries;
  }

  /** Changes after `revision` up to the snapshot that `transaction` reads. */
  #changesUpTo(revision: number, head: number, transaction: Transaction): readonly Change[] {
    const recent = this.#recent.after(revision);
    if (recent === undefined) return this.#logged(revision, transaction);
    const committing = this.#inFlight
      .map((pending) => pending.change)
      .filter((change) => change.revision <= head && change.revision > this.#revision);
    return [...recent, ...committing];
  }

  #logged(after: number, given?: Transaction): readonly Change[] {
    const transaction = given ?? this.#root.useReadTransaction();
    try {
      const logged: LoggedChange[] = [];
      for (const { key, value } of this.#changes.getRange({ start: after + 1, transaction })) {
        logged.push(decodeChange(key, value));
      }
      const changes = withValues(logged, (key) => {
        const record = this.#objects.get(key, { transaction });
        return record === undefined ? undefined : decodeValue(key, record);
      });
      return given === undefined ? changes.filter((change) => change.revision <= this.#revision) : changes;
    } finally {
      if (given === undefined) transaction.done();
    }
  }

  #readNumber(key: string, transaction?: Transaction): number | undefined {
    const record = this.#meta.get(key, transaction === undefined ? {} : { transaction });
    return record?.readDoubleBE(0);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError("closed", "the store is closed");
  }
}

function numberRecord(value: number): Buffer {
  const record = Buffer.allocUnsafe(8);
  record.writeDoubleBE(value, 0);
  return record;
}

const FULL = /MDB_MAP_FULL|MDB_TXN_FULL|ENOSPC|EDQUOT|EFBIG|no space left|disk quota|file too large/i;

async function asStoreError(error: unknown, directory: string): Promise<StoreError> {
  const cause = await causeOf(error);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (FULL.test(text) || (CUT_SHORT.test(text) && (await isFull(directory)))) {
    const message = `no space left in the data directory ${dirname(directory)}; free some and writes work again`;
    return new StoreError("full", message, { cause });
  }
  return new StoreError("failed", `the store could not write: ${text}`, { cause });
}

/** LMDB says this of a write that the system carried out in part, as it does on a disk that gets full. */
const CUT_SHORT = /input\/output error/i;
const FULL_BYTES = 1024 * 1024;

async function isFull(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize < FULL_BYTES;
}

/** LMDB keeps the reason why a commit failed in a rejected promise. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !("commitError" in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
