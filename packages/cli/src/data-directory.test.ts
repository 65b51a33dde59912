import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DataDirectory, dataDirectory, readState, removeState, writeState } from "./data-directory.js";

let root: string;
let directory: DataDirectory;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "capstan-data-"));
  directory = dataDirectory(root, {});
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const state = (pid: number) => ({
  pid,
  version: "1",
  apiServer: "https://127.0.0.1:1",
  kubeconfig: join(root, "kubeconfig"),
  artifactServer: "http://127.0.0.1:2",
  startedAt: "2026-01-01T00:00:00Z",
});

describe("the state of a running Capstan", () => {
  it("is found as long as its process runs and has not removed it", async () => {
    expect(await readState(directory)).toBeUndefined();
    await writeState(directory, state(process.pid));
    expect(await readState(directory)).toMatchObject(state(process.pid));
    await removeState(directory);
    expect(await readState(directory)).toBeUndefined();
  });

  it("is not that of a process that is gone", async () => {
    await writeState(directory, state(2 ** 22 + 1));
    expect(await readState(directory)).toBeUndefined();
  });

  it.runIf(process.platform === "linux")("is not that of another process with its id", async () => {
    await writeState(directory, state(process.pid));
    const written = JSON.parse(readFileSync(directory.state, "utf8"));
    writeFileSync(directory.state, JSON.stringify({ ...written, processStart: "1" }));
    expect(await readState(directory)).toBeUndefined();
  });
});
