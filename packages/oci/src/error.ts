/** Why a registry could not give, or take, what was asked. */
export type OciErrorCode =
  /** The address, tag or digest is malformed. */
  | "invalid-reference"
  /** Credentials or certificates that cannot be used. */
  | "invalid-credentials"
  /** The registry does not accept the credentials, or wants some. */
  | "auth-failed"
  /** The repository, tag, manifest or blob is not there. */
  | "not-found"
  /** The registry did not answer, or answered with an error. */
  | "unreachable"
  /** The bytes do not have the digest that was asked for. */
  | "digest-mismatch"
  | "too-large"
  /** The answer is not what the specification says. */
  | "invalid-response"
  /** No trusted key signed it. */
  | "unverified";

/** The one error of this package; `message` carries no credentials. */
export class OciError extends Error {
  override readonly name = "OciError";
  readonly code: OciErrorCode;

  constructor(code: OciErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whether `error` is an `OciError`, of one of `codes` where any are given. */
  static is(error: unknown, ...codes: OciErrorCode[]): error is OciError {
    return error instanceof OciError && (codes.length === 0 || codes.includes(error.code));
  }
}
