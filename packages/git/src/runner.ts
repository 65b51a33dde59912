import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Clock } from "@capstan/kube";
import { type EnvironmentOptions, gitEnvironment } from "./environment.js";
import { classifyStderr, GitError, summarizeStderr } from "./error.js";
import { redactUrl } from "./url.js";

export interface GitRunnerOptions {
  readonly clock: Clock;
  /** Where `PATH`, proxies and certificate locations come from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The binary; `git` on the path where left out. */
  readonly binary?: string;
  /** For runs that name no timeout; one minute where left out. */
  readonly timeoutMs?: number;
}

export interface GitRun extends Omit<EnvironmentOptions, "inherited" | "protocols"> {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** None where left out: a run that needs no network cannot be talked into using it. */
  readonly protocols?: readonly string[];
  readonly stdin?: Uint8Array | string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Bound on what stdout may carry; 64 MiB where left out. */
  readonly maxOutputBytes?: number;
  /** Texts that must not appear in an error. */
  readonly secrets?: readonly string[];
  /** Exit codes that are no failure beside 0. */
  readonly acceptExitCodes?: readonly number[];
  /** What is attempted, for messages: `listing the refs of https://…`. */
  readonly attempt: string;
}

export interface GitOutput {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly exitCode: number;
}

const MAX_STDERR = 64 * 1024;

/** Starts git, and nothing but git, with a closed environment and bounds on time and output. */
export class GitRunner {
  readonly #options: GitRunnerOptions;
  #spawned = 0;

  constructor(options: GitRunnerOptions) {
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** How many processes were started so far. */
  get spawnCount(): number {
    return this.#spawned;
  }

  /**
   * Runs git to its end. Throws `GitError`: `timeout`, `too-large` (stdout), `no-git`, or what stderr
   * says; throws the reason of `signal` when that aborts.
   */
  async run(run: GitRun): Promise<GitOutput> {
    run.signal?.throwIfAborted();
    const child = this.start(run);
    const failure = new Promise<never>((_resolve, reject) => {
      const stop = (reason: unknown) => {
        killTree(child);
        reject(reason);
      };
      const onAbort = () => stop(run.signal?.reason);
      const timeoutMs = run.timeoutMs ?? this.#options.timeoutMs ?? 60_000;
      const cancel = this.clock.after(timeoutMs, () =>
        stop(new GitError("timeout", `${run.attempt} took longer than ${timeoutMs / 1000}s`)),
      );
      run.signal?.addEventListener("abort", onAbort, { once: true });
      child.once("close", () => {
        cancel();
        run.signal?.removeEventListener("abort", onAbort);
      });
    });
    failure.catch(() => undefined);
    return Promise.race([this.#collect(child, run), failure]);
  }

  /** Starts git and leaves its streams to the caller, who ends it with `killTree`. */
  start(run: Omit<GitRun, "attempt">): ChildProcessWithoutNullStreams {
    this.#spawned++;
    const env = gitEnvironment({
      ...run,
      inherited: this.#options.environment,
      protocols: run.protocols ?? [],
    });
    // A process group of its own, so that the helpers git starts end with it.
    return spawn(this.#options.binary ?? "git", run.args, {
      cwd: run.cwd,
      env,
      detached: true,
      stdio: "pipe",
    });
  }

  #collect(child: ChildProcessWithoutNullStreams, run: GitRun): Promise<GitOutput> {
    const most = run.maxOutputBytes ?? 64 * 1024 * 1024;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stderr = "";
    return new Promise((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes <= most) {
          chunks.push(chunk);
          return;
        }
        killTree(child);
        reject(new GitError("too-large", `${run.attempt} printed more than ${most} bytes`));
      });
      child.stderr.setEncoding("utf8");
      child.stderr.on("data", (text: string) => {
        stderr = (stderr + text).slice(-MAX_STDERR);
      });
      child.on("error", (error) => reject(startFailure(error, run.attempt)));
      child.on("close", (exitCode, killedBy) => {
        const code = exitCode ?? -1;
        const text = redactSecrets(stderr, run.secrets);
        if (code === 0 || run.acceptExitCodes?.includes(code) === true) {
          resolve({ stdout: Buffer.concat(chunks), stderr: text, exitCode: code });
        } else {
          const summary =
            summarizeStderr(text) || (killedBy ? `ended by ${killedBy}` : `exit status ${code}`);
          reject(new GitError(classifyStderr(text), `${run.attempt}: ${summary}`));
        }
      });
      // A process that ends before it has read everything breaks the pipe; its exit says why.
      child.stdin.on("error", () => undefined);
      child.stdin.end(run.stdin);
    });
  }
}

function startFailure(error: Error & { code?: unknown }, attempt: string): Error {
  if (error.code === "ENOENT" || error.code === "EACCES") {
    return new GitError("no-git", `${attempt}: git cannot be started; is it installed?`, { cause: error });
  }
  return error;
}

/** Ends a process started by `GitRunner.start` together with the helpers that it started. */
export function killTree(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already: between the check and the signal the process has ended.
    child.kill("SIGKILL");
  }
}

/** `text` without credentials in URLs and without any of `secrets`. */
function redactSecrets(text: string, secrets: readonly string[] = []): string {
  let redacted = redactUrl(text);
  for (const secret of secrets) {
    if (secret.length < 3) continue;
    redacted = redacted.replaceAll(secret, "***");
    const encoded = encodeURIComponent(secret);
    if (encoded !== secret) redacted = redacted.replaceAll(encoded, "***");
  }
  return redacted;
}
