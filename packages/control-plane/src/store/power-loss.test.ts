import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assertSound } from "./lmdb-file.js";
import { LmdbStore } from "./lmdb-store.js";
import type { Store } from "./store.js";

const PAGE = 4_096;
const COMMITS = 12;
const everything = { start: "a/", end: "a0" };

/** What a store holds, in a form that compares. */
function contentOf(store: Store) {
  const objects = store
    .range(everything)
    .entries.map(({ key, revision, value }) => [key, revision, Buffer.from(value).toString("hex")]);
  const changes = store.changes(store.compactedRevision).map(({ revision, key }) => [revision, key]);
  return { revision: store.revision, objects, changes };
}

/** The data file after one acknowledged group of writes, and what it then holds. */
interface State {
  readonly bytes: Buffer;
  readonly content: ReturnType<typeof contentOf>;
}

describe("power lost while a commit is being written", () => {
  let directory: string;
  const states: State[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "capstan-power-"));
    const store = new LmdbStore(directory);
    for (let commit = 0; commit <= COMMITS; commit++) {
      for (let i = 0; i < 20; i++) {
        const key = `a/${(commit * 7 + i) % 40}`;
        const gone = (commit + i) % 5 === 0 && store.latest(key) !== undefined;
        store.write(key, store.latest(key)?.revision ?? 0, () =>
          gone ? undefined : Buffer.alloc(i % 4 === 0 ? 6_000 : 300, commit),
        );
      }
      await store.settled();
      if (commit % 4 === 3) await store.compact(store.revision - 30);
      states.push({ bytes: readFileSync(join(directory, "data.mdb")), content: contentOf(store) });
    }
    await store.close();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function reopened(bytes: Buffer): Promise<State["content"]> {
    const copy = mkdtempSync(join(directory, "copy-"));
    mkdirSync(copy, { recursive: true });
    writeFileSync(join(copy, "data.mdb"), bytes);
    assertSound(join(copy, "data.mdb"));
    const store = new LmdbStore(copy);
    try {
      const content = contentOf(store);
      // A store that came back has to take writes as well.
      await store.write("a/new", 0, () => Buffer.from("new")).committed;
      return content;
    } finally {
      await store.close();
      rmSync(copy, { recursive: true, force: true });
    }
  }

  test.each(Array.from({ length: COMMITS }, (_, index) => index))(
    "after commit %i: whatever part of the next one reached the disk, all that was acknowledged is there",
    async (index) => {
      const before = states[index] as State;
      const after = states[index + 1] as State;
      const changed = changedPages(before.bytes, after.bytes);
      await fc.assert(
        fc.asyncProperty(
          fc.subarray(changed.slice()),
          fc.nat(after.bytes.length),
          async (written, length) => {
            const torn = mixed(before.bytes, after.bytes, written);
            const cut = Math.max(before.bytes.length, Math.min(length, torn.length));
            expect(await reopened(torn.subarray(0, cut))).toEqual(before.content);
          },
        ),
        {
          numRuns: 8,
          examples: [
            [[], 0],
            [changed.slice(), after.bytes.length],
          ],
        },
      );
    },
  );

  test("a commit whose last page reached the disk is there in full", async () => {
    for (const { bytes, content } of states) expect(await reopened(bytes)).toEqual(content);
  });

  test("the data file cut off before its end is refused, never read in part", () => {
    const { bytes } = states.at(-1) as State;
    const copy = join(directory, "cut.mdb");
    copyFileSync(join(directory, "data.mdb"), copy);
    for (let end = PAGE; end < bytes.length - PAGE; end += PAGE * 3 + 512) {
      writeFileSync(copy, bytes.subarray(0, end));
      expect(() => assertSound(copy), `cut at ${end}`).toThrow(/damaged/);
    }
  });
});

/** Pages that a commit wrote, but for the one that makes it count. */
function changedPages(before: Buffer, after: Buffer): number[] {
  const pages: number[] = [];
  for (let page = 2; page * PAGE < after.length; page++) {
    const at = page * PAGE;
    if (!after.subarray(at, at + PAGE).equals(before.subarray(at, at + PAGE))) pages.push(page);
  }
  return pages;
}

function mixed(before: Buffer, after: Buffer, pages: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.max(before.length, after.length));
  before.copy(bytes);
  for (const page of pages) after.copy(bytes, page * PAGE, page * PAGE, (page + 1) * PAGE);
  return bytes;
}
