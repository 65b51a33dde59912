import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LmdbStore } from "../store/lmdb-store.js";
import { DataDirectory } from "./data-directory.js";

const random = { float: () => 0.5, bytes: (length: number) => randomBytes(length) };
let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "capstan-data-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

async function withObjects(): Promise<string> {
  const directory = DataDirectory.open(path, random);
  const store = new LmdbStore(directory.storePath);
  for (let i = 0; i < 200; i++) store.write(`a/${i}`, 0, () => Buffer.alloc(1_000, 97));
  await store.settled();
  await store.close();
  directory.release();
  return join(directory.storePath, "data.mdb");
}

test("a directory is held until it is released", () => {
  const first = DataDirectory.open(path, random);
  expect(() => DataDirectory.open(path, random)).toThrow(
    `the data directory ${path} is in use by process ${process.pid}`,
  );
  first.release();
  DataDirectory.open(path, random).release();
});

test("the lock of a process that is gone does not count", () => {
  writeFileSync(join(path, "lock"), JSON.stringify({ pid: 2 ** 22 + 1, started: "1" }));
  DataDirectory.open(path, random).release();
  writeFileSync(join(path, "lock"), JSON.stringify({ pid: process.pid, started: "another process" }));
  DataDirectory.open(path, random).release();
});

test("a directory of a newer version is refused and left alone", () => {
  DataDirectory.open(path, random).release();
  writeFileSync(join(path, "format"), "99\n");
  expect(() => DataDirectory.open(path, random)).toThrow(/written by a newer version \(format 99/);
  expect(readFileSync(join(path, "format"), "utf8")).toBe("99\n");
});

test("secrets are readable by their owner only", () => {
  const directory = DataDirectory.open(path, random);
  directory.write("kubeconfig", "x");
  expect(statSync(join(path, "kubeconfig")).mode & 0o777).toBe(0o600);
  directory.release();
});

test.each([
  ["cut off", (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
  ["cut off within its head", (file: string) => truncateSync(file, 100)],
  ["overwritten", (file: string) => writeFileSync(file, Buffer.alloc(statSync(file).size, 120))],
])("a store file that is %s is refused with what to do about it", async (_how, damage) => {
  damage(await withObjects());
  expect(() => DataDirectory.open(path, random)).toThrow(
    /damaged: .*Restore the data directory from a backup/,
  );
  // The refusal must not leave the lock behind.
  expect(() => DataDirectory.open(path, random)).toThrow(/damaged/);
});
