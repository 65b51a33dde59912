import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bundle, start } from "../testing/child.js";

/** Fills the store until a write fails, reads, waits for space, and writes again. */
const PROGRAM = `
import { once } from "node:events";
import { LmdbStore } from "./store/lmdb-store.js";
const store = new LmdbStore(process.argv[2] ?? "");
const value = Buffer.alloc(2_000, 97);
const print = (line: unknown) => console.log(JSON.stringify(line));
let written = 0;
let code = "";
while (code === "") {
  try {
    await store.write("a/" + written, 0, () => value).committed;
    written++;
  } catch (error) {
    code = (error as { code: string }).code;
  }
}
const readable = store.range({ start: "a/", end: "a0" }).entries.length;
print({ written, code, readable, cached: store.get("a/" + written) !== undefined });
await once(process.stdin, "data");
await store.write("a/" + written, 0, () => value).committed;
print({ recovered: store.get("a/" + written) !== undefined });
await store.close();
const again = new LmdbStore(process.argv[2] ?? "");
print({ after: again.range({ start: "a/", end: "a0" }).entries.length });
await again.close();
process.exit(0);
`;

/** A file that may not grow any more: the system refuses the write that would go past the limit. */
const limitedFile = {
  name: "a limit on files",
  available: process.platform === "linux",
  wrap: "ulimit -S -f 2000",
  relieve: (pid: number) => execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited:unlimited"]),
};

/** A file system that is full: the system carries out half of a write. */
const fullFileSystem = {
  name: "a full file system",
  available: spawnSync("unshare", ["-Urm", "mount", "-t", "tmpfs", "none", tmpdir()]).status === 0,
  wrap: `exec unshare -Urm bash -c 'mount -t tmpfs -o size=4m none "$2" && exec "$0" "$@"' "$0" "$@"`,
  relieve: (pid: number, directory: string) => {
    const within = ["-t", String(pid), "-U", "-m", "--preserve-credentials"];
    execFileSync("nsenter", [...within, "mount", "-o", "remount,size=64m", "none", directory]);
  },
};

describe.each([limitedFile, fullFileSystem])("$name", ({ available, wrap, relieve }) => {
  test.runIf(available)("fails writes, keeps reads, and is forgotten once there is space", async () => {
    const directory = mkdtempSync(join(tmpdir(), "capstan-full-"));
    const program = await bundle("full-disk", PROGRAM);
    const child = start(program, [directory], wrap);
    try {
      const full = (await child.next()) as {
        written: number;
        code: string;
        readable: number;
        cached: boolean;
      };
      expect(full.code).toBe("full");
      expect(full.written).toBeGreaterThan(100);
      expect(full.readable).toBe(full.written);
      expect(full.cached).toBe(false);
      relieve(child.process.pid ?? 0, directory);
      child.process.stdin?.write("go\n");
      expect(await child.next()).toEqual({ recovered: true });
      expect(await child.next()).toEqual({ after: full.written + 1 });
    } finally {
      await child.kill();
      rmSync(directory, { recursive: true, force: true });
      rmSync(program, { force: true });
    }
  });
});
