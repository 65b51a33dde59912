import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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

test.runIf(process.platform === "linux")(
  "a full disk fails writes, keeps reads, and is forgotten once there is space",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "capstan-full-"));
    const program = await bundle("full-disk", PROGRAM);
    const child = start(program, [directory], "ulimit -S -f 2000");
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
      execFileSync("prlimit", ["--pid", String(child.process.pid), "--fsize=unlimited:unlimited"]);
      child.process.stdin?.write("go\n");
      expect(await child.next()).toEqual({ recovered: true });
      expect(await child.next()).toEqual({ after: full.written + 1 });
    } finally {
      await child.kill();
      rmSync(directory, { recursive: true, force: true });
      rmSync(program, { force: true });
    }
  },
);
