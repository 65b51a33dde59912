import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Random } from "@capstan/kube";
import { afterEach } from "vitest";
import type { TreeFile } from "../tree.js";

const made: string[] = [];

afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** A directory of its own for one test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-artifacts-"));
  made.push(directory);
  return directory;
}

/** A file of a tree held in memory. */
export function file(path: string, content: string | Uint8Array, executable = false): TreeFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { kind: "file", path, executable, size: bytes.byteLength, read: async () => bytes };
}

/** A clock that stands still until told; timers fire at once and are written down. */
export class InstantClock implements Clock {
  time = Date.UTC(2026, 0, 2, 3, 4, 5);
  readonly waits: number[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    this.waits.push(ms);
    let live = true;
    queueMicrotask(() => {
      if (live) callback();
    });
    return () => {
      live = false;
    };
  }
}

export const fixedRandom: Random = { float: () => 0.5, bytes: (length) => new Uint8Array(length) };

export async function collectBytes(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
