import { appendFile, rename, rm, stat } from "node:fs/promises";
import type { AuditEvent } from "./audited-handler.js";

export interface AuditFileOptions {
  /** A file that would grow past this is put aside as `<path>.1`, earlier ones as `.2`, and so on. */
  readonly maxBytes: number;
  /** How many files put aside are kept. */
  readonly maxBackups: number;
  /** Told of what could not be written; the request it belongs to goes on. */
  readonly onFailure: (error: unknown) => void;
}

/** Audit events as lines of JSON in a file that only its owner can read. */
export interface AuditFile {
  write(event: AuditEvent): void;
  /** Resolves when everything so far is in the file. */
  close(): Promise<void>;
}

/** Appends events in batches: a request never waits for the log. */
export function openAuditFile(path: string, options: AuditFileOptions): AuditFile {
  let pending: string[] = [];
  let writing: Promise<void> | undefined;
  let size: number | undefined;
  const writeAll = async () => {
    while (pending.length > 0) {
      const text = pending.join("");
      pending = [];
      try {
        size ??= await sizeOf(path);
        const bytes = Buffer.byteLength(text);
        if (size > 0 && size + bytes > options.maxBytes) {
          await putAside(path, options.maxBackups);
          size = 0;
        }
        await appendFile(path, text, { mode: 0o600 });
        size += bytes;
      } catch (error) {
        size = undefined;
        options.onFailure(error);
      }
    }
    writing = undefined;
  };
  return {
    write: (event) => {
      pending.push(`${JSON.stringify(event)}\n`);
      writing ??= writeAll();
    },
    close: async () => {
      await writing;
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

async function putAside(path: string, maxBackups: number): Promise<void> {
  if (maxBackups < 1) return rm(path, { force: true });
  for (let index = maxBackups - 1; index >= 1; index--) {
    try {
      await rename(`${path}.${index}`, `${path}.${index + 1}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  await rename(path, `${path}.1`);
}
