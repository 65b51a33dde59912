import { type FileHandle, open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { dataDirectory } from "../data-directory.js";
import { CommandError } from "../exit-code.js";
import type { Io } from "../io.js";
import { delay } from "../runtime.js";
import { statIfThere } from "../stat-if-there.js";

export interface LogsOptions {
  readonly dataDir?: string;
  readonly follow?: boolean;
}

const POLL_MS = 200;

/** `capstan logs`: what the controllers of the embedded home logged. */
export async function logs(options: LogsOptions, io: Io): Promise<void> {
  const { log } = dataDirectory(options.dataDir, io.environment);
  let file = await open(log).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new CommandError(`nothing was logged to ${log} yet`);
    throw error;
  });
  try {
    for (;;) {
      const next = await printFile(file, log, options, io);
      if (next === undefined) return;
      await file.close();
      file = next;
    }
  } finally {
    await file.close();
  }
}

/** Prints a file to its end, which while following comes when another took its place: that one is given. */
async function printFile(
  file: FileHandle,
  path: string,
  options: LogsOptions,
  io: Io,
): Promise<FileHandle | undefined> {
  const buffer = Buffer.alloc(64 * 1024);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let successor: FileHandle | undefined;
  while (!io.signal.aborted) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) io.out(`${formatLine(line)}\n`);
    if (bytesRead > 0) continue;
    // The one that was put aside may have grown until its successor was there: it is read once more.
    if (options.follow !== true || successor !== undefined) break;
    successor = await successorOf(file, path);
    if (successor === undefined) await delay(POLL_MS, io.signal);
  }
  if (rest !== "") io.out(`${formatLine(rest)}\n`);
  return successor;
}

async function successorOf(file: FileHandle, path: string): Promise<FileHandle | undefined> {
  const [before, now] = await Promise.all([
    file.stat(),
    // Between putting aside and the first line of the next there is no file.
    statIfThere(path),
  ]);
  return now === undefined || now.ino === before.ino ? undefined : open(path);
}

/** A JSON log line as a person reads it; a line that is none stays as it is. */
export function formatLine(line: string): string {
  try {
    const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const rest = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const text = String(msg).replace(/\n/g, "\n    ");
    return [ts, String(level).toUpperCase().padEnd(5), text, ...rest].join(" ");
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
}
