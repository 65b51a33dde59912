/**
 * Why a patch was refused. The API server answers `malformed` with 400, `too-large` with 413,
 * `not-applicable` with 422 and `internal` with 500.
 */
export type PatchErrorCode = "malformed" | "too-large" | "not-applicable" | "internal";

/** A patch that cannot be read, or that does not fit the document; worded as the Kubernetes API words it. */
export class PatchError extends Error {
  override readonly name = "PatchError";
  readonly code: PatchErrorCode;

  constructor(code: PatchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
