import type { RunContext } from "@capstan/controller";
import { type OciClient, OciError, verifyCosign } from "@capstan/oci";
import type { OCIRepositoryObject } from "../api/oci-repository.js";
import { SourceFailed } from "../failure.js";
import { readSecret } from "../secrets.js";

/** What is signed, and who has to have signed it. */
export interface SignedSubject {
  readonly verify: NonNullable<OCIRepositoryObject["spec"]["verify"]>;
  readonly namespace: string | undefined;
  /** As people know it, for messages. */
  readonly url: string;
}

/** Checks the signatures that `spec.verify` asks for. Throws `SourceFailed` VerificationError. */
export async function verifySignature(
  client: OciClient,
  digest: string,
  { verify, namespace, url }: SignedSubject,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const provider = verify.provider ?? "cosign";
  const secret = verify.secretRef?.name;
  if (provider !== "cosign" || secret === undefined) {
    const kind = provider === "cosign" ? "cosign keyless" : provider;
    throw unverified(kind, "this way of signing is not available in this installation");
  }
  const data = await readSecret(context.reader, namespace, secret, signal);
  if (data === undefined) throw unverified("cosign", `secrets "${secret}" not found`);
  const keys = [...data].filter(([key]) => key.endsWith(".pub")).map(([, value]) => value);
  try {
    await verifyCosign(client, digest, keys, signal);
  } catch (error) {
    if (!OciError.is(error)) throw error;
    throw unverified("cosign", `no matching signatures were found for '${url}': ${error.message}`, error);
  }
}

function unverified(provider: string, message: string, cause?: unknown): SourceFailed {
  return new SourceFailed(
    {
      condition: "SourceVerified",
      reason: "VerificationError",
      message: `failed to verify the signature using provider '${provider}': ${message}`,
      next: "retry",
    },
    { cause },
  );
}
