/** What the process tells the shell. Documented in `docs/cli.md`; the numbers are part of the interface. */
export const exitCode = {
  ok: 0,
  /** Something failed: the message on standard error says what. */
  failure: 1,
  /** What was compared differs (`diff`): the same number, as tools that compare have it. */
  differs: 1,
  /** The command line was wrong; or a comparison could not be made. */
  usage: 2,
  /** The command worked, and what it looked at is not ready, or fails (`status`, `test`). */
  notReady: 3,
  /** No Capstan is running on that data directory, or the API cannot be reached. */
  unreachable: 4,
  /** Another process holds the data directory, or the port. */
  inUse: 5,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** A failure that a person can act on: printed without a stack, ends the process with `code`. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exitCode.failure, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
