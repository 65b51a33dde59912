/** Why a run was told to stop, as the `reason` of its `AbortSignal`. */
export type AbortCause = "shutdown" | "superseded" | "timeout";

/** Thrown by whatever a run awaits when its signal aborts. */
export class RunAborted extends Error {
  override readonly name = "RunAborted";
  /** `shutdown`: write nothing; `superseded`: run again at once; `timeout`: a failed condition. */
  override readonly cause: AbortCause;

  constructor(cause: AbortCause) {
    super(MESSAGES[cause]);
    this.cause = cause;
  }
}

const MESSAGES: Readonly<Record<AbortCause, string>> = {
  shutdown: "the controller is shutting down",
  superseded: "a newer change superseded the run",
  timeout: "the run took longer than its timeout",
};

/** Why `signal` aborted, where it was a run's own. */
export function abortCause(signal: AbortSignal): AbortCause | undefined {
  return signal.aborted && signal.reason instanceof RunAborted ? signal.reason.cause : undefined;
}
