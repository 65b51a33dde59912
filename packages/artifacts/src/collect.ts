/** A file of one owner's storage directory. */
export interface StoredFile {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export interface Retention {
  /** Files younger than this stay. */
  readonly ttlMs: number;
  /** Of the files that stay, the newest so many. */
  readonly records: number;
}

/** One minute, two records: Flux's defaults. */
export const DEFAULT_RETENTION: Retention = { ttlMs: 60_000, records: 2 };

/**
 * Which files of an owner to remove: those older than the time to live, then the oldest past the record
 * count. `current`, the file that is advertised, is never among them and takes one of the records.
 */
export function planCollection(
  files: readonly StoredFile[],
  current: string | undefined,
  now: number,
  retention: Retention,
): string[] {
  const newestFirst = [...files].sort((a, b) => b.modified - a.modified || (a.name < b.name ? -1 : 1));
  const others = newestFirst.filter((file) => file.name !== current);
  const expired = others.filter((file) => now - file.modified > retention.ttlMs);
  const young = others.filter((file) => now - file.modified <= retention.ttlMs);
  const kept = Math.max(0, retention.records - (current === undefined ? 0 : 1));
  return [...expired, ...young.slice(kept)].map((file) => file.name);
}
