import { type GitCheckout, GitError, type SignedPayload, verifySignature } from "@capstan/git";
import type { GitRepositoryObject } from "../api/git-repository.js";
import { type FailureReasons, SourceFailed } from "../failure.js";
import type { Verified } from "./apply.js";
import { type TrustedKeys, verificationMode } from "./state.js";

/**
 * Checks the signatures that `spec.verify` asks for; `undefined` where it asks for none. Throws
 * `SourceFailed` about SourceVerified.
 *
 * @param now milliseconds since the epoch, for keys that expire
 */
export async function verifyCheckout(
  object: GitRepositoryObject,
  checkout: GitCheckout,
  trusted: TrustedKeys | undefined,
  now: number,
): Promise<Verified | undefined> {
  const mode = verificationMode(object.spec);
  if (mode === undefined || trusted === undefined) return undefined;
  const messages: string[] = [];
  if (mode === "Tag" || mode === "TagAndHEAD") {
    const { tag } = checkout;
    if (tag === undefined) {
      throw unverified(
        "InvalidGitObject",
        "cannot verify tag object's signature if a tag reference is not specified",
      );
    }
    const subject = `tag '${tag.name}@sha1:${tag.oid}'`;
    messages.push(await verifyOne(subject, tag.signed, trusted, now, "InvalidTagSignature"));
  }
  if (mode === "HEAD" || mode === "TagAndHEAD") {
    const subject = `commit 'sha1:${checkout.commit.oid}'`;
    messages.push(await verifyOne(subject, checkout.commit.signed, trusted, now, "InvalidCommitSignature"));
  }
  return { mode, message: messages.join(", ") };
}

async function verifyOne(
  subject: string,
  signed: SignedPayload | undefined,
  trusted: TrustedKeys,
  now: number,
  reason: FailureReasons["SourceVerified"],
): Promise<string> {
  if (signed === undefined) {
    throw unverified(
      reason,
      `signature verification of ${subject} failed: unable to verify: object is not signed`,
    );
  }
  try {
    const { signer } = await verifySignature(signed, trusted, now);
    return `verified signature of ${subject} with key '${signer}'`;
  } catch (error) {
    if (!GitError.is(error, "invalid-signature")) throw error;
    throw unverified(reason, `signature verification of ${subject} failed: ${error.message}`);
  }
}

function unverified(reason: FailureReasons["SourceVerified"], message: string): SourceFailed {
  return new SourceFailed({ condition: "SourceVerified", reason, message, next: "retry" });
}
