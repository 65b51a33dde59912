/** Told of an error that nobody expected: which part met it, at what, and the error itself. */
export type OnFailure = (part: string, subject: string, error: unknown) => void;

/** Prints a failure, for who has no log; nothing of it but words, since errors may carry objects. */
export function printFailure(part: string, subject: string, error: unknown): void {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`control plane: ${part}: ${subject}: ${words}`);
}
