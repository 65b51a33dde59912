/** Words by which an answer, or a failed handshake, is known to be about who one is. */
const WORDS = [
  /\b401\b/,
  /unauthorized/i,
  /authentication required/i,
  /\btls\b/i,
  /certificate/i,
  /wants credentials/,
];

/** Whether an error, or what caused it, says that the other side does not know or is not known. */
export function isAuthenticationFailure(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    const { message } = cause;
    if (WORDS.some((word) => word.test(message))) return true;
  }
  return false;
}
