import type { RunContext } from "@capstan/controller";
import { type OciClient, OciError, verifyCosign } from "@capstan/oci";
import type { OCIRepositoryObject } from "../api/oci-repository.js";
import { SourceFailed } from "../failure.js";
import { readSecret } from "../secrets.js";

/** Checks the signatures that `spec.verify` asks for; says which. Throws `SourceFailed` VerificationError. */
export async function verifyManifest(
  client: OciClient,
  digest: string,
  object: OCIRepositoryObject,
  context: RunContext,
  signal: AbortSignal,
): Promise<string> {
  const { verify, url } = object.spec;
  const provider = verify?.provider ?? "cosign";
  const secret = verify?.secretRef?.name;
  if (provider !== "cosign" || secret === undefined) {
    const kind = provider === "cosign" ? "cosign keyless" : provider;
    throw unverified(kind, "this way of signing is not available in this installation");
  }
  const { namespace } = object.metadata;
  const data = await readSecret(context.reader, namespace, secret, signal);
  if (data === undefined) throw unverified("cosign", `secrets "${secret}" not found`);
  const keys = [...data].filter(([key]) => key.endsWith(".pub")).map(([, value]) => value);
  try {
    await verifyCosign(client, digest, keys, signal);
  } catch (error) {
    if (!OciError.is(error)) throw error;
    throw unverified("cosign", `no matching signatures were found for '${url}': ${error.message}`, error);
  }
  return `verified signature of revision ${digest}`;
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
