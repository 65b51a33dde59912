import { appendFile, rename, stat } from "node:fs/promises";
import type { Logger } from "@capstan/controller";
import type { Clock } from "@capstan/kube";
import { formatLogLine } from "./log-stream.js";

/** A log that went past this is put aside as `<name>.1`, replacing the one before. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface LogFile extends Logger {
  /** Resolves when all that was logged is in the file. */
  flush(): Promise<void>;
}

/** Lines of a quiet home gather for this long, so that an hour of intervals is not an hour of file opening. */
const GATHER_MS = 500;

/**
 * Appends one JSON object a line to a file, in batches: what is only told gathers for half a second,
 * warnings and errors leave at once with all that came before them. What cannot be written (a full disk)
 * is told to `onFailure` once until writing works again, and dropped: a log must not stop what it tells of.
 */
export function openLogFile(
  path: string,
  options: { readonly clock: Clock; readonly onFailure: (error: unknown) => void },
): LogFile {
  const { clock, onFailure } = options;
  let pending: string[] = [];
  let writing: Promise<void> | undefined;
  let cancelGathering: (() => void) | undefined;
  let failing = false;
  const write = async () => {
    while (pending.length > 0) {
      const text = pending.join("");
      pending = [];
      try {
        await rotate(path);
        await appendFile(path, text, { mode: 0o600 });
        failing = false;
      } catch (error) {
        if (!failing) onFailure(error);
        failing = true;
      }
    }
    writing = undefined;
  };
  const writeNow = () => {
    cancelGathering?.();
    cancelGathering = undefined;
    if (pending.length > 0) writing ??= write();
  };
  const log = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    pending.push(`${formatLogLine(clock, level, message, fields)}\n`);
    if (level !== "info") writeNow();
    else cancelGathering ??= clock.after(GATHER_MS, writeNow);
  };
  return {
    debug: () => undefined,
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    flush: async () => {
      writeNow();
      await writing;
    },
  };
}

async function rotate(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    // The first line of a new log: there is nothing to put aside.
    () => 0,
  );
  if (size > MAX_BYTES) await rename(path, `${path}.1`);
}
