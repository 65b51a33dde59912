import type { SignedPayload } from "../commit.js";
import { GitError } from "../error.js";
import { verifySsh } from "./ssh.js";

/** Public keys that are trusted to sign: authorized_keys lines and armoured OpenPGP blocks. */
export interface SigningKeys {
  readonly ssh: readonly string[];
  readonly openpgp: readonly string[];
}

/**
 * Checks the signature of a commit or tag against trusted keys and names the key that made it: a
 * fingerprint (`SHA256:…`) for SSH, a key id for OpenPGP. Throws `GitError` `invalid-signature`.
 *
 * @param now milliseconds since the epoch, for OpenPGP keys that expire
 */
export async function verifySignature(
  signed: SignedPayload,
  keys: SigningKeys,
  now: number,
): Promise<{ readonly signer: string }> {
  const { signature } = signed;
  if (signature.includes("-----BEGIN SSH SIGNATURE-----")) return { signer: verifySsh(signed, keys.ssh) };
  if (/-----BEGIN PGP (SIGNATURE|MESSAGE)-----/.test(signature)) {
    const { verifyOpenPgp } = await import("./openpgp.js");
    return { signer: await verifyOpenPgp(signed, keys.openpgp, now) };
  }
  throw new GitError("invalid-signature", "the signature is of an unknown type");
}
