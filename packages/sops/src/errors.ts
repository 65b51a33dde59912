/**
 * What went wrong:
 *
 * - `not-encrypted`: the file carries no SOPS metadata
 * - `malformed`: the file, its metadata or an encrypted value is not what SOPS writes
 * - `too-large`: a bound on size, depth or number is exceeded
 * - `key-material`: a key that was handed in cannot be read
 * - `no-data-key`: none of the keys at hand opens the file
 * - `wrong-value`: a value does not authenticate: tampered with, or moved to another place
 * - `mac-mismatch`: the values authenticate, the file as a whole does not
 * - `output`: what was decrypted cannot be written in the format that was asked for
 */
export type SopsErrorCode =
  | "not-encrypted"
  | "malformed"
  | "too-large"
  | "key-material"
  | "no-data-key"
  | "wrong-value"
  | "mac-mismatch"
  | "output";

/** Why a file was not decrypted. Messages carry names of keys and fields, never a value. */
export class SopsError extends Error {
  override readonly name = "SopsError";
  readonly code: SopsErrorCode;

  constructor(code: SopsErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
