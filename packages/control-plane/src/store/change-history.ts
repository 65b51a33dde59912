import { type Change, type Entry, type RangeQuery, StoreError } from "./store.js";

/** Rejects a revision whose state is no longer, or not yet, known. */
export function assertRetained(revision: number, compacted: number, head: number): void {
  if (revision < compacted) {
    throw new StoreError("compacted", `too old resource version: ${revision} (${compacted})`);
  }
  if (revision > head) throw new StoreError("future", `revision ${revision} is ahead of ${head}`);
}

/**
 * What each key of the range held at an older revision, for the keys written since: `undefined` where
 * the key did not exist. `changes` are all changes after that revision, oldest first.
 */
export function valuesBefore(
  changes: readonly Change[],
  query: Pick<RangeQuery, "start" | "end">,
): Map<string, Entry | undefined> {
  const before = new Map<string, Entry | undefined>();
  for (const change of changes) {
    if (change.key < query.start || change.key >= query.end || before.has(change.key)) continue;
    before.set(change.key, change.previous);
  }
  return before;
}

/** The entries of a range at an older revision: today's entries with `before` laid over them, in key order. */
export function rewind(
  today: readonly Entry[],
  before: ReadonlyMap<string, Entry | undefined>,
): readonly Entry[] {
  if (before.size === 0) return today;
  const kept = today.filter((entry) => !before.has(entry.key));
  for (const entry of before.values()) if (entry !== undefined) kept.push(entry);
  return kept.sort((a, b) => (a.key < b.key ? -1 : 1));
}
