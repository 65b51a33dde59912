import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLogFile } from "./log-file.js";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "capstan-log-"));
  path = join(directory, "log");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A clock whose timers fire when the test says so. */
function manualClock() {
  const due = new Set<() => void>();
  return {
    now: () => 0,
    after: (_ms: number, callback: () => void) => {
      due.add(callback);
      return () => due.delete(callback);
    },
    fire: () => {
      const callbacks = [...due];
      due.clear();
      for (const callback of callbacks) callback();
    },
    waiting: () => due.size,
  };
}

const fail = (error: unknown) => {
  throw error;
};

async function messages(): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => String(JSON.parse(line).msg));
}

describe("openLogFile", () => {
  it("gathers lines and writes them in order when their time has come", async () => {
    const clock = manualClock();
    const log = openLogFile(path, { clock, onFailure: fail });
    log.info("one");
    log.info("two");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
    clock.fire();
    await log.flush();
    expect(await messages()).toEqual(["one", "two"]);
  });

  it("writes a warning at once, behind what came before it", async () => {
    const clock = manualClock();
    const log = openLogFile(path, { clock, onFailure: fail });
    log.info("before");
    log.warn("careful");
    expect(clock.waiting()).toBe(0);
    await log.flush();
    expect(await messages()).toEqual(["before", "careful"]);
  });

  it("goes on writing after a flush with nothing to write", async () => {
    const clock = manualClock();
    const log = openLogFile(path, { clock, onFailure: fail });
    await log.flush();
    log.info("later");
    await log.flush();
    expect(await messages()).toEqual(["later"]);
  });

  it("goes on after its time came with nothing left to write", async () => {
    const clock = manualClock();
    const log = openLogFile(path, { clock, onFailure: fail });
    log.error("first");
    log.info("taken along by the write under way");
    const flushed = log.flush();
    clock.fire();
    await flushed;
    clock.fire();
    log.info("last");
    await log.flush();
    expect(await messages()).toEqual(["first", "taken along by the write under way", "last"]);
  });

  it("tells once of what it could not write and goes on", async () => {
    const failures: unknown[] = [];
    const clock = manualClock();
    const log = openLogFile(join(directory, "missing", "log"), {
      clock,
      onFailure: (error) => failures.push(error),
    });
    log.info("lost");
    await log.flush();
    log.info("lost too");
    await log.flush();
    expect(failures).toHaveLength(1);
  });
});
