import { open } from "node:fs/promises";
import { dataDirectory } from "../data-directory.js";
import { CommandError } from "../exit-code.js";
import type { Io } from "../io.js";
import { delay } from "../runtime.js";

export interface LogsOptions {
  readonly dataDir?: string;
  readonly follow?: boolean;
}

const POLL_MS = 200;

/** `capstan logs`: what the controllers of the embedded home logged. */
export async function logs(options: LogsOptions, io: Io): Promise<void> {
  const { log } = dataDirectory(options.dataDir, io.environment);
  const file = await open(log).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new CommandError(`nothing was logged to ${log} yet`);
    throw error;
  });
  try {
    let rest = "";
    const buffer = Buffer.alloc(64 * 1024);
    while (!io.signal.aborted) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) {
        if (options.follow !== true) break;
        await delay(POLL_MS, io.signal);
        continue;
      }
      const lines = (rest + buffer.toString("utf8", 0, bytesRead)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) io.out(`${formatLine(line)}\n`);
    }
  } finally {
    await file.close();
  }
}

/** A JSON log line as a person reads it; a line that is none stays as it is. */
export function formatLine(line: string): string {
  try {
    const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const rest = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    return [ts, String(level).toUpperCase().padEnd(5), msg, ...rest].join(" ");
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
}
