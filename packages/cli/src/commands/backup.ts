import { formatTime } from "@capstan/kube";
import { dataDirectory, readState } from "../data-directory.js";
import { CommandError, exitCode } from "../exit-code.js";
import { backUp, restore } from "../home/backup.js";
import type { Io } from "../io.js";
import { version } from "../version.js";

/** `capstan backup FILE`: the data directory as one file, whether a Capstan runs on it or not. */
export async function backupCommand(
  file: string,
  options: { readonly dataDir?: string },
  io: Io,
): Promise<void> {
  const directory = dataDirectory(options.dataDir, io.environment);
  io.progress.waiting(`backing up ${directory.root}`);
  const createdAt = formatTime(io.clock.now());
  const { revision, objects } = await backUp(directory, file, { version, createdAt });
  io.progress.success(`wrote ${file}: ${objects} objects at revision ${revision}; it holds keys and Secrets`);
}

/** `capstan restore FILE`: a data directory out of a backup. */
export async function restoreCommand(
  file: string,
  options: { readonly dataDir?: string },
  io: Io,
): Promise<void> {
  const directory = dataDirectory(options.dataDir, io.environment);
  if ((await readState(directory)) !== undefined) {
    throw new CommandError(`a Capstan runs on ${directory.root}; stop it with capstan down`, exitCode.inUse);
  }
  io.progress.waiting(`restoring ${file}`);
  const { revision, objects, createdAt } = await restore(file, directory);
  io.progress.success(
    `restored ${directory.root}: ${objects} objects at revision ${revision}, backed up ${createdAt}`,
  );
}
