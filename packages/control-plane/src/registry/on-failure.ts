/** Told of an error that nobody expected: which part met it, at what, and the error itself. */
export type OnFailure = (part: string, subject: string, error: unknown) => void;

/** Prints a failure, for who has no log. */
export function printFailure(part: string, subject: string, error: unknown): void {
  console.error(`control plane: ${part}: ${subject}:`, error);
}
