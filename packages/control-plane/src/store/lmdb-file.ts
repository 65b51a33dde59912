import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { corrupt } from "./change-record.js";

const PAGE = 4_096;
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;

/**
 * Checks that an LMDB file begins with sound meta pages and is as long as the newer one says, before it
 * is mapped into memory, where a missing page would end the process. A file that does not exist is sound.
 * Throws `StoreError` `corrupt`.
 */
export function assertSound(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const metas = [readMeta(file, 0), readMeta(file, PAGE)].filter((meta) => meta !== undefined);
    const newest = metas.sort((a, b) => b.transaction - a.transaction)[0];
    if (newest === undefined) throw corrupt(`${path} is not a store file`);
    if (size < (newest.lastPage + 1) * PAGE) {
      throw corrupt(`${path} is cut off: ${size} bytes, ${(newest.lastPage + 1) * PAGE} expected`);
    }
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, at: number): { lastPage: number; transaction: number } | undefined {
  const page = Buffer.alloc(PAGE);
  if (readSync(file, page, 0, PAGE, at) < TRANSACTION_AT + 8) return undefined;
  if (page.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  return {
    lastPage: Number(page.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: Number(page.readBigUInt64LE(TRANSACTION_AT)),
  };
}
