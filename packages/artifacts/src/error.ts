/** Why an artifact could not be written, found, fetched or unpacked. */
export type ArtifactErrorCode =
  /** Nothing is stored under that path or URL. */
  | "not-found"
  /** The bytes do not have the digest that was promised. */
  | "digest-mismatch"
  /** A bound on bytes, entries or depth was crossed. */
  | "too-large"
  /** A path leaves the tree that it belongs to. */
  | "unsafe-path"
  /** The bytes are no gzip'd tarball. */
  | "corrupt"
  /** The server did not answer, or answered with an error. */
  | "unreachable"
  /** The disk holding the storage is full. */
  | "disk-full"
  /** Any other failure of the file system. */
  | "io";

/** The one error of this package; `message` says what was attempted and carries no credentials. */
export class ArtifactError extends Error {
  override readonly name = "ArtifactError";
  readonly code: ArtifactErrorCode;

  constructor(code: ArtifactErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whether `error` is an `ArtifactError`, of one of `codes` where any are given. */
  static is(error: unknown, ...codes: ArtifactErrorCode[]): error is ArtifactError {
    return error instanceof ArtifactError && (codes.length === 0 || codes.includes(error.code));
  }

  /**
   * Turns a failure of the file system into an `ArtifactError` that says what was `attempted`; whatever
   * else was thrown passes through unchanged.
   */
  static from(error: unknown, attempted: string): Error {
    const code = errnoOf(error);
    const text = error instanceof Error ? error.message : String(error);
    if (code === undefined || error instanceof ArtifactError) {
      return error instanceof Error ? error : new Error(`${attempted}: ${text}`);
    }
    if (code === "ENOENT") return new ArtifactError("not-found", `${attempted}: ${text}`, { cause: error });
    if (code === "ENOSPC" || code === "EDQUOT") {
      return new ArtifactError("disk-full", `${attempted}: no space left on device`, { cause: error });
    }
    return new ArtifactError("io", `${attempted}: ${text}`, { cause: error });
  }
}

/** The `code` of a Node.js system error (`ENOENT`), or `undefined`. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
