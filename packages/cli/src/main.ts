import { CommanderError } from "commander";
import { CommandError, exitCode } from "./exit-code.js";
import { processIo } from "./io.js";
import { createProgram } from "./program.js";

const stop = new AbortController();
let signals = 0;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    signals += 1;
    // Who asks twice does not want to wait for a clean end.
    if (signals > 1) process.exit(exitCode.failure);
    stop.abort();
  });
}
// A reader that closes the pipe (`capstan events | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCode.ok);
  throw error;
});

const io = processIo(stop.signal);
try {
  await createProgram(io).parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, in one line where a person can act on it, and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (error instanceof CommandError) {
    io.progress.failure(error.message);
    return error.code;
  }
  if (stop.signal.aborted) return 130;
  io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCode.failure;
}
