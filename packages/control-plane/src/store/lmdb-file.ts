import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { corrupt } from "./change-record.js";
import { assertPagesSound, type Meta, PAGE } from "./lmdb-pages.js";

const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const DATABASES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_END = TRANSACTION_AT + 8;

/**
 * Checks that an LMDB file begins with sound meta pages, is as long as the newer one says, and that its
 * pages hang together, before it is mapped into memory, where a missing or damaged page would end the
 * process. A file that does not exist is sound. Throws `StoreError` `corrupt`.
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
    assertPagesSound(file, path, newest);
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, at: number): Meta | undefined {
  const page = Buffer.alloc(PAGE);
  if (readSync(file, page, 0, PAGE, at) < META_END) return undefined;
  if (page.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  return {
    lastPage: Number(page.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: Number(page.readBigUInt64LE(TRANSACTION_AT)),
    databases: [
      page.subarray(DATABASES_AT, DATABASES_AT + 48),
      page.subarray(DATABASES_AT + 48, LAST_PAGE_AT),
    ],
  };
}
