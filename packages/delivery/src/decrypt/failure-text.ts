import { SopsError, type SopsErrorCode } from "@capstan/sops";

/** What was being done when decryption failed, in the words that people search for. */
const STEPS: Readonly<Record<SopsErrorCode, string>> = {
  "not-encrypted": "failed to load encrypted data",
  malformed: "failed to load encrypted data",
  "too-large": "failed to load encrypted data",
  "key-material": "cannot get sops data key",
  "no-data-key": "cannot get sops data key",
  "wrong-value": "error decrypting sops tree",
  "mac-mismatch": "failed to verify sops data integrity",
  output: "failed to emit decrypted data",
};

/** Why decryption failed; rethrows what is no failure of decryption. */
export function failureText(error: unknown): string {
  if (!(error instanceof SopsError)) throw error;
  return `${STEPS[error.code]}: ${error.message}`;
}
