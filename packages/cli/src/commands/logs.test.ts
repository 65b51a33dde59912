import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { processIo } from "../io.js";
import { formatLine, logs } from "./logs.js";

let dataDir: string;
let file: string;
let stop: AbortController;
let printed: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "capstan-logs-"));
  file = join(dataDir, "capstan.log");
  stop = new AbortController();
  printed = "";
});

afterEach(() => {
  stop.abort();
  rmSync(dataDir, { recursive: true, force: true });
});

function follow(following: boolean): Promise<void> {
  const out = (text: string) => {
    printed += text;
  };
  return logs({ dataDir, follow: following }, { ...processIo(stop.signal), out });
}

const line = (msg: string) => `${JSON.stringify({ ts: "t", level: "info", msg })}\n`;

describe("logs", () => {
  it("prints what is there, also a line that has no end yet", async () => {
    writeFileSync(file, `${line("one")}${line("zwei: ü")}not json`);
    await follow(false);
    expect(printed).toBe("t INFO  one\nt INFO  zwei: ü\nnot json\n");
  });

  it("goes on with the file that took its place", async () => {
    writeFileSync(file, line("one"));
    const done = follow(true);
    await vi.waitFor(() => expect(printed).toContain("one"));
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, line("late"));
    writeFileSync(file, line("two"));
    await vi.waitFor(() => expect(printed).toContain("two"), { timeout: 5_000 });
    appendFileSync(file, line("three"));
    await vi.waitFor(() => expect(printed).toContain("three"), { timeout: 5_000 });
    stop.abort();
    await done;
    expect(printed.match(/one|late|two|three/g)).toEqual(["one", "late", "two", "three"]);
  });

  it("says that nothing was logged yet", async () => {
    await expect(follow(false)).rejects.toThrow("nothing was logged");
  });

  it("indents what an entry says in more than one line", () => {
    expect(formatLine(line("a\nb").trim())).toBe("t INFO  a\n    b");
  });
});
