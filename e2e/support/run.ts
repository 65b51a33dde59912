import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds after which the command is killed and the call rejects; 30 s by default. */
  readonly timeout?: number;
}

/** Runs a command to its end, whatever its exit status; rejects when it takes too long. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`took too long: ${command} ${args.join(" ")}\n${stdout}${stderr}`));
    }, options.timeout ?? 30_000);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** Runs a command that must succeed; gives its standard output. */
export async function succeed(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Asks `probe` until it gives something other than `undefined` or `false`. Rejects after `within`
 * milliseconds with what was last seen: the result or error of `seen`, where given.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  within = 30_000,
  seen?: () => unknown,
): Promise<T> {
  const deadline = performance.now() + within;
  let failure: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) {
      const last = failure ?? (seen === undefined ? "" : await seen());
      throw new Error(
        `not within ${within} ms: ${what}\n${last instanceof Error ? last.message : JSON.stringify(last)}`,
      );
    }
    await delay(50);
  }
}
