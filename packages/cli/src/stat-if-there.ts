import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { CommandError } from "./exit-code.js";

/** What is at a path; undefined where nothing is. Throws `CommandError` where that cannot be told. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new CommandError(`${path} cannot be looked at: ${message}`, undefined, { cause: error });
  }
}
