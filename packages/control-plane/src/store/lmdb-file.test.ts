import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assertSound } from "./lmdb-file.js";
import { LmdbStore } from "./lmdb-store.js";
import { StoreError } from "./store.js";

const PAGE = 4_096;

describe("a store file", () => {
  let directory: string;
  let file: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "capstan-file-"));
    const store = new LmdbStore(directory);
    for (let i = 0; i < 900; i++) {
      const length = i % 7 === 0 ? 9_000 : 700;
      store.write(`a/${i % 600}`, store.latest(`a/${i % 600}`)?.revision ?? 0, () => Buffer.alloc(length, i));
    }
    await store.settled();
    await store.compact(300);
    for (let i = 0; i < 150; i++) {
      store.write(`a/${i}`, store.latest(`a/${i}`)?.revision ?? 0, () => undefined);
    }
    await store.settled();
    await store.close();
    file = join(directory, "data.mdb");
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("is sound after writes, deletions and a compaction", () => {
    expect(() => assertSound(file)).not.toThrow();
    expect(statSync(file).size).toBeGreaterThan(50 * PAGE);
  });

  test("whose tree pages are overwritten is refused", () => {
    const bytes = readFileSync(file);
    const trees = [];
    for (let page = 2; page * PAGE < bytes.length; page++) {
      const flags = bytes.readUInt16LE(page * PAGE + 18);
      if (flags === 1 || flags === 2) trees.push(page);
    }
    const noise = Buffer.alloc(48, 0xa5);
    const refused = trees.filter((page) => refusal(page * PAGE + 16, noise) !== undefined);
    // Pages that only an older transaction knew are free; whoever overwrites those damages nothing.
    expect(refused.length).toBeGreaterThan(trees.length / 3);
  });

  test("with any damage is refused as corrupt, or what is wrong is not of the current state", () => {
    const bytes = readFileSync(file);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 64 }), (at, noise) => {
        const error = refusal(at, noise.subarray(0, bytes.length - at));
        if (error !== undefined) expect(StoreError.is(error, "corrupt")).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  /** What is said of the file while `noise` stands at `at`. */
  function refusal(at: number, noise: Uint8Array): unknown {
    const sound = readFileSync(file).subarray(at, at + noise.length);
    const handle = openSync(file, "r+");
    try {
      writeSync(handle, noise, 0, noise.length, at);
      assertSound(file);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      writeSync(handle, sound, 0, sound.length, at);
      closeSync(handle);
    }
  }
});
