import { ChangeFeed, type ChangeListener } from "./change-feed.js";
import { assertRetained, rewind, valuesBefore } from "./change-history.js";
import {
  type Change,
  type Entry,
  type PendingWrite,
  type RangeQuery,
  type RangeResult,
  type Store,
  StoreError,
} from "./store.js";

/** How many changes an in-memory store remembers before it compacts by itself. */
const DEFAULT_RETAINED_CHANGES = 10_000;

/** A `Store` that lives as long as its process: for tests and previews. Writes are durable at once. */
export class MemoryStore implements Store {
  readonly #entries = new Map<string, Entry>();
  readonly #keys: string[] = [];
  #changes: Change[] = [];
  #revision = 1;
  #compacted = 1;
  #closed = false;
  readonly #feed = new ChangeFeed();
  readonly #retained: number;

  constructor(options: { readonly retainedChanges?: number } = {}) {
    this.#retained = options.retainedChanges ?? DEFAULT_RETAINED_CHANGES;
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#compacted;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  latest(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  range(query: RangeQuery): RangeResult {
    const revision = query.revision ?? this.#revision;
    assertRetained(revision, this.#compacted, this.#revision);
    const entries = revision === this.#revision ? this.#slice(query) : this.#sliceAt(query, revision);
    const limit = query.limit ?? Number.POSITIVE_INFINITY;
    const more = entries.length > limit;
    return { entries: more ? entries.slice(0, limit) : entries, revision, more };
  }

  count(start: string, end: string): number {
    return lowerBound(this.#keys, end) - lowerBound(this.#keys, start);
  }

  write(key: string, expected: number, encode: (revision: number) => Uint8Array | undefined): PendingWrite {
    if (this.#closed) throw new StoreError("closed", "the store is closed");
    const previous = this.#entries.get(key);
    if ((previous?.revision ?? 0) !== expected) throw new StoreError("conflict", `${key} has changed`);
    const revision = this.#revision + 1;
    const value = encode(revision);
    this.#revision = revision;
    this.#replace(key, previous, value === undefined ? undefined : { key, revision, value });
    const change = { revision, key, value, previous };
    this.#changes.push(change);
    if (this.#changes.length > this.#retained * 1.25) {
      this.#forget(this.#changes[this.#changes.length - this.#retained - 1]?.revision ?? 0);
    }
    this.#feed.publish([change]);
    return { revision, committed: Promise.resolve() };
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  changes(after: number, limit = Number.POSITIVE_INFINITY): readonly Change[] {
    if (after < this.#compacted) assertRetained(after, this.#compacted, this.#revision);
    const from = this.#firstAfter(after);
    return this.#changes.slice(from, limit === Number.POSITIVE_INFINITY ? undefined : from + limit);
  }

  subscribe(listener: ChangeListener): () => void {
    return this.#feed.subscribe(listener);
  }

  async compact(revision: number): Promise<void> {
    this.#forget(Math.min(revision, this.#revision));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#feed.close();
  }

  #forget(revision: number): void {
    if (revision <= this.#compacted) return;
    this.#changes = this.#changes.slice(this.#firstAfter(revision));
    this.#compacted = revision;
  }

  #firstAfter(revision: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #replace(key: string, previous: Entry | undefined, next: Entry | undefined): void {
    if (next === undefined) this.#entries.delete(key);
    else this.#entries.set(key, next);
    if ((previous === undefined) === (next === undefined)) return;
    this.#keys.splice(lowerBound(this.#keys, key), next === undefined ? 1 : 0, ...(next ? [key] : []));
  }

  #slice(query: RangeQuery): Entry[] {
    const from = lowerBound(this.#keys, query.start);
    const to = lowerBound(this.#keys, query.end);
    const entries: Entry[] = [];
    for (let i = from; i < to && entries.length <= (query.limit ?? Number.POSITIVE_INFINITY); i++) {
      const entry = this.#entries.get(this.#keys[i] ?? "");
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #sliceAt(query: RangeQuery, revision: number): readonly Entry[] {
    const today = this.#slice({ start: query.start, end: query.end });
    return rewind(today, valuesBefore(this.changes(revision), query));
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
