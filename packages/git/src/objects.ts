import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { GitError } from "./error.js";
import { type GitRun, type GitRunner, killTree } from "./runner.js";

/** An object of the database. */
export interface GitObject {
  readonly oid: string;
  readonly type: "commit" | "tree" | "blob" | "tag";
  readonly bytes: Buffer;
}

interface Waiting {
  readonly name: string;
  readonly maxBytes: number;
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads objects of one repository through one process (`cat-file --batch`): no work tree, so no filter,
 * hook or link of the repository is ever followed. Close it when done.
 */
export class GitObjects {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  readonly #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = 0;
  #stderr = "";
  #failure: unknown;

  constructor(runner: GitRunner, run: Omit<GitRun, "args" | "attempt">) {
    run.signal?.throwIfAborted();
    this.#child = runner.start({ ...run, args: ["cat-file", "--batch"] });
    this.#signal = run.signal;
    this.#onAbort = () => this.#fail(run.signal?.reason);
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString("utf8")).slice(-4096);
    });
    // The close event that follows says why.
    this.#child.stdin.on("error", () => undefined);
    this.#child.on("error", (error) =>
      this.#fail(new GitError("no-git", "git cannot be started; is it installed?", { cause: error })),
    );
    this.#child.on("close", () =>
      this.#fail(new GitError("corrupt", `reading objects ended early: ${this.#stderr.trim()}`)),
    );
  }

  /**
   * The object that `name` (an id or any revision expression) stands for, `undefined` where there is none.
   * Throws `GitError`: `too-large` past `maxBytes`, `corrupt` when the process ends.
   */
  find(name: string, maxBytes: number): Promise<GitObject | undefined> {
    if (/[\n\r\0]/.test(name)) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ name, maxBytes, resolve, reject });
      this.#child.stdin.write(`${name}\n`);
    });
  }

  /** As `find`, where the object has to be there and, if given, of `type`; else `GitError` `corrupt`. */
  async read(name: string, maxBytes: number, type?: GitObject["type"]): Promise<GitObject> {
    const object = await this.find(name, maxBytes);
    if (object === undefined) throw new GitError("corrupt", `object ${name} is missing`);
    if (type !== undefined && object.type !== type) {
      throw new GitError("corrupt", `object ${name} is a ${object.type}, not a ${type}`);
    }
    return object;
  }

  close(): void {
    this.#fail(new GitError("failed", "the object reader is closed"));
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error ?? new GitError("failed", "the object reader was stopped");
    this.#signal?.removeEventListener("abort", this.#onAbort);
    killTree(this.#child);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.byteLength;
    while (this.#failure === undefined && this.#buffered > 0 && this.#buffered >= this.#needed) {
      const data = this.#chunks.length === 1 ? (this.#chunks[0] ?? chunk) : Buffer.concat(this.#chunks);
      const used = this.#answer(data);
      this.#chunks = used < data.byteLength ? [data.subarray(used)] : [];
      this.#buffered = data.byteLength - used;
      if (used === 0) return;
    }
  }

  /** Answers the first request if `data` holds the whole answer; gives how many bytes that took. */
  #answer(data: Buffer): number {
    const waiting = this.#waiting[0];
    const end = data.indexOf(0x0a);
    if (waiting === undefined || end < 0) return 0;
    const line = data.toString("utf8", 0, end);
    const match = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line);
    const [, oid = "", type = "", length = ""] = match ?? [];
    if (match === null) {
      this.#waiting.shift();
      this.#needed = 0;
      if (/ (missing|ambiguous)$/.test(line)) waiting.resolve(undefined);
      else waiting.reject(new GitError("corrupt", `unexpected answer for object ${waiting.name}`));
      return end + 1;
    }
    const size = Number(length);
    if (size > waiting.maxBytes) {
      this.#fail(
        new GitError("too-large", `object ${waiting.name} has ${size} bytes, more than ${waiting.maxBytes}`),
      );
      return 0;
    }
    const total = end + 1 + size + 1;
    if (data.byteLength < total) {
      this.#needed = total;
      return 0;
    }
    this.#waiting.shift();
    this.#needed = 0;
    const bytes = data.subarray(end + 1, end + 1 + size);
    waiting.resolve({ oid, type: type as GitObject["type"], bytes });
    return total;
  }
}
