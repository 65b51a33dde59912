/** A stored value with the revision of the write that put it there. */
export interface Entry {
  readonly key: string;
  readonly revision: number;
  /** Shared: never written to. The same write hands out the same array wherever it can. */
  readonly value: Uint8Array;
}

/** One committed write. `value` is undefined for a deletion, `previous` for a creation. */
export interface Change {
  readonly revision: number;
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly previous: Entry | undefined;
}

/** Keys in `[start, end)`, in byte order. */
export interface RangeQuery {
  readonly start: string;
  readonly end: string;
  /** Left out: everything. */
  readonly limit?: number;
  /** An older state, not below `compactedRevision`; left out: the newest committed one. */
  readonly revision?: number;
}

export interface RangeResult {
  readonly entries: readonly Entry[];
  /** The revision whose state this is. */
  readonly revision: number;
  /** Whether `limit` cut entries off. */
  readonly more: boolean;
}

/** A write that has its revision and place in the order, on its way to the disk. */
export interface PendingWrite {
  readonly revision: number;
  /** Resolves once the write is durable; rejects with `StoreError` when it never will be. */
  readonly committed: Promise<void>;
}

/**
 * A revisioned map from keys to bytes with one writer. Every write takes the next revision; readers
 * and subscribers see durable writes only, in that order.
 */
export interface Store {
  /** The newest revision that subscribers have been told of. */
  readonly revision: number;
  /** States and changes up to and including this revision are forgotten; the state at it is readable. */
  readonly compactedRevision: number;
  /** The durable value. */
  get(key: string): Entry | undefined;
  /** The value that the next write will replace: durable or still on its way. */
  latest(key: string): Entry | undefined;
  /** Throws `StoreError` `compacted` for a forgotten revision and `future` for one not reached. */
  range(query: RangeQuery): RangeResult;
  /** How many keys are in `[start, end)` now. */
  count(start: string, end: string): number;
  /**
   * Puts (or, where `encode` returns undefined, deletes) `key`, provided that its latest revision is
   * `expected` (0: absent); otherwise throws `StoreError` `conflict`. `encode` runs at once and is
   * given the revision of this write.
   */
  write(key: string, expected: number, encode: (revision: number) => Uint8Array | undefined): PendingWrite;
  /** Resolves when every write made so far is durable; rejects when one of them failed. */
  settled(): Promise<void>;
  /** Changes after `after`, oldest first. Throws `StoreError` `compacted` when they are forgotten. */
  changes(after: number, limit?: number): readonly Change[];
  /** Calls `listener` with every batch of changes right after it became durable. */
  subscribe(listener: (changes: readonly Change[]) => void): () => void;
  /** Forgets the changes up to `revision`. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}

export type StoreErrorCode =
  | "conflict"
  | "compacted"
  | "future"
  | "full"
  | "failed"
  | "closed"
  | "locked"
  | "corrupt"
  | "format";

/** Why the store refused; `code` says which promise was not kept. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  static is(error: unknown, code: StoreErrorCode): error is StoreError {
    return error instanceof StoreError && error.code === code;
  }
}
