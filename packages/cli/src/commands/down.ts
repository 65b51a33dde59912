import { dataDirectory, isAlive, readState } from "../data-directory.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { delay } from "../runtime.js";

const TIMEOUT_MS = 60_000;

/** `capstan down`: tells the Capstan of a data directory to end, and waits until it has. */
export async function down(options: { readonly dataDir?: string }, io: Io): Promise<void> {
  const directory = dataDirectory(options.dataDir, io.environment);
  const state = await readState(directory);
  if (state === undefined) {
    io.progress.success(`no Capstan runs on ${directory.root}`);
    return;
  }
  process.kill(state.pid, "SIGTERM");
  io.progress.waiting(`waiting for process ${state.pid} to end`);
  const deadline = io.clock.now() + TIMEOUT_MS;
  while (isAlive(state.pid)) {
    io.signal.throwIfAborted();
    if (io.clock.now() > deadline) {
      throw new CommandError(
        `process ${state.pid} has not ended within ${TIMEOUT_MS / 1000} seconds`,
        exitCode.failure,
      );
    }
    await delay(25, io.signal);
  }
  io.progress.success("stopped; the data stays in the directory");
}
