import { crc32 } from "node:zlib";
import { type Change, type Entry, StoreError } from "./store.js";

/** Bytes before an object's value on disk: revision (float64) and CRC-32 of the value. */
const VALUE_HEADER = 12;
/** Bytes before a change's key: deleted flag, previous revision (float64), CRC-32 of the rest, key length. */
const CHANGE_HEADER = 1 + 8 + 4 + 2;

export function encodeValue(revision: number, value: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(VALUE_HEADER + value.length);
  record.writeDoubleBE(revision, 0);
  record.writeUInt32BE(crc32(value), 8);
  record.set(value, VALUE_HEADER);
  return record;
}

/** Throws `StoreError` `corrupt` when the value is not what was written. */
export function decodeValue(key: string, record: Buffer): Entry {
  if (record.length < VALUE_HEADER) throw corrupt(`the record of ${key} is cut off`);
  const value = record.subarray(VALUE_HEADER);
  if (crc32(value) !== record.readUInt32BE(8)) throw corrupt(`the record of ${key} fails its checksum`);
  return { key, revision: record.readDoubleBE(0), value };
}

/** A change as it is logged: without its new value, which the object itself or the next change holds. */
export function encodeChange(change: Change): Buffer {
  const key = Buffer.from(change.key);
  const previous = change.previous?.value ?? EMPTY;
  const record = Buffer.allocUnsafe(CHANGE_HEADER + key.length + previous.length);
  record.writeUInt8(change.value === undefined ? 1 : 0, 0);
  record.writeDoubleBE(change.previous?.revision ?? 0, 1);
  record.writeUInt16BE(key.length, 13);
  record.set(key, CHANGE_HEADER);
  record.set(previous, CHANGE_HEADER + key.length);
  record.writeUInt32BE(crc32(record.subarray(CHANGE_HEADER)), 9);
  return record;
}

const EMPTY = new Uint8Array(0);

export interface LoggedChange {
  readonly revision: number;
  readonly key: string;
  readonly deleted: boolean;
  readonly previous: Entry | undefined;
}

/** Throws `StoreError` `corrupt` when the record is not what was written. */
export function decodeChange(revision: number, record: Buffer): LoggedChange {
  if (record.length < CHANGE_HEADER) throw corrupt(`the record of change ${revision} is cut off`);
  const rest = record.subarray(CHANGE_HEADER);
  if (crc32(rest) !== record.readUInt32BE(9)) throw corrupt(`change ${revision} fails its checksum`);
  const keyLength = record.readUInt16BE(13);
  const key = rest.toString("utf8", 0, keyLength);
  const previousRevision = record.readDoubleBE(1);
  const previous =
    previousRevision === 0 ? undefined : { key, revision: previousRevision, value: rest.subarray(keyLength) };
  return { revision, key, deleted: record.readUInt8(0) === 1, previous };
}

/**
 * Gives logged changes, oldest first and up to the newest, their values: each is what the next change
 * of the key replaced, or what the key holds now.
 */
export function withValues(
  logged: readonly LoggedChange[],
  current: (key: string) => Entry | undefined,
): readonly Change[] {
  const following = new Map<string, Entry | undefined>();
  const changes: Change[] = [];
  for (let i = logged.length - 1; i >= 0; i--) {
    const { revision, key, deleted, previous } = logged[i] as LoggedChange;
    const after = following.has(key) ? following.get(key) : current(key);
    following.set(key, previous);
    changes.push({ revision, key, value: deleted ? undefined : after?.value, previous });
  }
  return changes.reverse();
}

/** What to tell somebody whose data directory cannot be trusted any more. */
export function corrupt(what: string): StoreError {
  return new StoreError(
    "corrupt",
    `the store is damaged: ${what}. Restore the data directory from a backup, or move it away to start ` +
      "empty; desired state in Git will be applied again.",
  );
}
