import * as openpgp from "openpgp";
import type { SignedPayload } from "../commit.js";
import { GitError } from "../error.js";

/**
 * Checks a detached, armoured OpenPGP signature against armoured public keys; gives the id of the key that
 * made it. Signatures by keys that are expired or revoked at `now`, and by SHA-1 or MD5, do not count.
 * Throws `GitError` `invalid-signature`.
 */
export async function verifyOpenPgp(
  signed: SignedPayload,
  trusted: readonly string[],
  now: number,
): Promise<string> {
  const verificationKeys = (await Promise.all(trusted.map(readKeys))).flat();
  if (verificationKeys.length === 0) throw invalid("none of the given public keys can be read");
  try {
    const signature = await openpgp.readSignature({ armoredSignature: signed.signature });
    const message = await openpgp.createMessage({ binary: new Uint8Array(signed.payload) });
    const result = await openpgp.verify({ message, signature, verificationKeys, date: new Date(now) });
    for (const { verified, keyID } of result.signatures) {
      const good = await verified.catch(() => false);
      if (good) return keyID.toHex().toUpperCase();
    }
  } catch (error) {
    throw new GitError("invalid-signature", "the signature is malformed", { cause: error });
  }
  throw invalid("unable to verify the signature with any of the given public keys");
}

async function readKeys(armoredKeys: string): Promise<openpgp.Key[]> {
  try {
    return await openpgp.readKeys({ armoredKeys });
  } catch {
    // One unreadable key must not keep the others from being tried.
    return [];
  }
}

function invalid(message: string): GitError {
  return new GitError("invalid-signature", message);
}
