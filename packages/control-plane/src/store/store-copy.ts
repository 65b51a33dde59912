import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import { decodeChange, decodeValue } from "./change-record.js";
import { assertSound } from "./lmdb-file.js";
import { StoreError } from "./store.js";

/** What a store file holds. */
export interface StoreContent {
  readonly revision: number;
  readonly objects: number;
}

/**
 * Copies the store in `from`, as of its last commit, into the new directory `to`; another process may go
 * on writing to it meanwhile. Throws `StoreError`: `failed` where there is no store, `corrupt` where its
 * file is damaged.
 */
export async function copyStore(from: string, to: string): Promise<void> {
  assertSound(join(from, "data.mdb"));
  mkdirSync(to, { recursive: true, mode: 0o700 });
  await withStore(from, (root) => root.backup(to, true));
}

/** Reads every record of the store in `directory` against its checksum. Throws `StoreError` `corrupt`. */
export async function checkStore(directory: string): Promise<StoreContent> {
  assertSound(join(directory, "data.mdb"));
  return withStore(directory, async (root) => {
    let objects = 0;
    for (const { key, value } of database(root, "objects").getRange()) {
      decodeValue(key, value);
      objects++;
    }
    for (const { key, value } of root
      .openDB<Buffer, number>({ name: "changes", encoding: "binary" })
      .getRange()) {
      decodeChange(key, value);
    }
    const revision = database(root, "meta").getBinary("revision")?.readDoubleBE(0) ?? 1;
    return { revision, objects };
  });
}

function database(root: RootDatabase<Buffer, string>, name: string): Database<Buffer, string> {
  return root.openDB({ name, encoding: "binary" });
}

async function withStore<T>(
  directory: string,
  use: (root: RootDatabase<Buffer, string>) => Promise<T>,
): Promise<T> {
  let root: RootDatabase<Buffer, string>;
  try {
    root = open<Buffer, string>({ path: directory, maxDbs: 4, readOnly: true, encoding: "binary" });
  } catch (cause) {
    throw new StoreError("failed", `there is no store in ${directory}`, { cause });
  }
  try {
    return await use(root);
  } finally {
    await root.close();
  }
}
