import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { LmdbStore } from "./lmdb-store.js";
import { MemoryStore } from "./memory-store.js";
import { type Change, type Store, StoreError } from "./store.js";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "capstan-store-"));
  directories.push(path);
  return path;
}

const bytes = (text: string) => Buffer.from(text);
const text = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : Buffer.from(value).toString();
const ALL = { start: "a/", end: "a0" };

const implementations: Record<string, () => Store> = {
  memory: () => new MemoryStore(),
  lmdb: () => new LmdbStore(directory()),
};

describe.each(Object.entries(implementations))("%s store", (_name, openStore) => {
  test("a write is seen by readers and subscribers once it is durable, with its revision", async () => {
    const store = openStore();
    const seen: Change[] = [];
    store.subscribe((changes) => seen.push(...changes));
    const write = store.write("a/x", 0, (revision) => bytes(`at ${revision}`));
    expect(text(store.latest("a/x")?.value)).toBe(`at ${write.revision}`);
    await write.committed;
    expect(text(store.get("a/x")?.value)).toBe(`at ${write.revision}`);
    expect(seen.map((change) => [change.revision, change.key])).toEqual([[write.revision, "a/x"]]);
    expect(store.revision).toBe(write.revision);
    await store.close();
  });

  test("a write on an older revision conflicts, also while the newer one is on its way", async () => {
    const store = openStore();
    const first = store.write("a/x", 0, () => bytes("1"));
    expect(() => store.write("a/x", 0, () => bytes("2"))).toThrow(StoreError);
    store.write("a/x", first.revision, () => bytes("3"));
    await store.settled();
    expect(text(store.get("a/x")?.value)).toBe("3");
    await store.close();
  });

  test("forgotten revisions are refused", async () => {
    const store = openStore();
    for (let i = 0; i < 5; i++) await store.write(`a/${i}`, 0, () => bytes(`${i}`)).committed;
    const middle = store.revision - 2;
    await store.compact(middle);
    expect(() => store.changes(middle - 1)).toThrow(/too old/);
    expect(() => store.range({ ...ALL, revision: middle - 1 })).toThrow(/too old/);
    expect(store.changes(middle)).toHaveLength(2);
    expect(store.range({ ...ALL, revision: middle }).entries).toHaveLength(3);
    expect(() => store.range({ ...ALL, revision: store.revision + 1 })).toThrow(/ahead/);
    await store.close();
  });

  test("behaves as a plain model does under any sequence of writes, at every revision", async () => {
    const step = fc.record({
      key: fc.constantFrom("a/1", "a/2", "a/3", "b/1", "a/1/x"),
      value: fc.option(fc.string({ maxLength: 8 }), { nil: undefined }),
      wait: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const store = openStore();
        const states: [number, Map<string, string>][] = [[store.revision, new Map()]];
        const feed: [number, string, string | undefined, string | undefined][] = [];
        const expectedFeed: typeof feed = [];
        const record = (change: Change) =>
          [change.revision, change.key, text(change.value), text(change.previous?.value)] as const;
        store.subscribe((changes) => feed.push(...changes.map((change) => [...record(change)] as never)));
        for (const { key, value, wait } of steps) {
          const state = new Map(states.at(-1)?.[1]);
          const before = state.get(key);
          if (value === undefined && before === undefined) continue;
          const write = store.write(key, store.latest(key)?.revision ?? 0, () =>
            value === undefined ? undefined : bytes(value),
          );
          if (value === undefined) state.delete(key);
          else state.set(key, value);
          states.push([write.revision, state]);
          expectedFeed.push([write.revision, key, value, before]);
          if (wait) await write.committed;
        }
        await store.settled();
        expect(feed).toEqual(expectedFeed);
        const [first] = states[0] ?? [0];
        expect(store.changes(first).map(record)).toEqual(expectedFeed);
        for (const [revision, state] of states) {
          const { entries } = store.range({ ...ALL, revision });
          const expected = [...state]
            .filter(([key]) => key.startsWith("a/"))
            .sort(([x], [y]) => (x < y ? -1 : 1));
          expect(entries.map((entry) => [entry.key, text(entry.value)])).toEqual(expected);
          const page = store.range({ ...ALL, revision, limit: 1 });
          expect(page.more).toBe(expected.length > 1);
          expect(page.entries.length).toBe(Math.min(1, expected.length));
        }
        await store.close();
      }),
      { numRuns: 25 },
    );
  });
});

test("a reopened store has its data, its revision and its history", async () => {
  const path = directory();
  const first = new LmdbStore(path);
  const start = first.revision;
  const one = first.write("a/x", 0, () => bytes("1"));
  first.write("a/x", one.revision, () => bytes("2"));
  await first.settled();
  await first.close();
  const second = new LmdbStore(path);
  expect(second.revision).toBe(start + 2);
  expect(text(second.get("a/x")?.value)).toBe("2");
  expect(second.changes(start).map((change) => text(change.value))).toEqual(["1", "2"]);
  expect(text(second.range({ ...ALL, revision: one.revision }).entries[0]?.value)).toBe("1");
  await second.close();
});
