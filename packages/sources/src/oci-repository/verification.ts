import type { RunContext } from "@capstan/controller";
import {
  type CosignTrust,
  type NotationTrust,
  type OciClient,
  OciError,
  type SignerIdentity,
  verifyCosign,
  verifyNotation,
} from "@capstan/oci";
import { RE2JS } from "re2js";
import type { OCIRepositoryObject } from "../api/oci-repository.js";
import { SourceFailed } from "../failure.js";
import { readSecret, type SecretData } from "../secrets.js";
import type { PublicRoot } from "./trusted-root.js";

type Verify = NonNullable<OCIRepositoryObject["spec"]["verify"]>;

/** What is signed, and who has to have signed it. */
export interface SignedSubject {
  readonly verify: Verify;
  readonly namespace: string | undefined;
  /** As people know it, for messages. */
  readonly url: string;
}

/**
 * Checks the signatures that `spec.verify` asks for; `ignored` where a trust policy does not insist. Throws
 * `SourceFailed` VerificationError.
 */
export async function verifySignature(
  client: OciClient,
  digest: string,
  subject: SignedSubject,
  context: RunContext,
  publicRoot: PublicRoot,
  signal: AbortSignal,
): Promise<"verified" | "ignored"> {
  const { verify, url } = subject;
  const provider = verify.provider ?? "cosign";
  const keyless = provider === "cosign" && verify.secretRef === undefined;
  const failed = (message: string, cause?: unknown) =>
    unverified(keyless ? "cosign keyless" : provider, message, cause);
  try {
    if (provider === "notation") {
      return await verifyNotation(client, digest, await notationTrust(subject, context, failed), signal);
    }
    await verifyCosign(client, digest, await cosignTrust(subject, context, publicRoot, failed), signal);
    return "verified";
  } catch (error) {
    if (!OciError.is(error)) throw error;
    if (provider === "notation") throw failed(error.message, error);
    throw failed(`no matching signatures were found for '${url}': ${error.message}`, error);
  }
}

type Failed = (message: string, cause?: unknown) => SourceFailed;

async function readTrust(
  name: string,
  namespace: string | undefined,
  context: RunContext,
  failed: Failed,
): Promise<SecretData> {
  const data = await readSecret(context.reader, namespace, name, context.signal);
  if (data !== undefined) return data;
  throw failed(`failed to get secret '${namespace}/${name}': secrets "${name}" not found`);
}

async function notationTrust(
  { verify, namespace }: SignedSubject,
  context: RunContext,
  failed: Failed,
): Promise<NotationTrust> {
  const name = verify.secretRef?.name;
  if (name === undefined) throw failed("verification secret cannot be empty");
  const data = await readTrust(name, namespace, context, failed);
  const policy = data.get("trustpolicy.json");
  if (policy === undefined) throw failed(`'trustpolicy.json' not found in secret '${namespace}/${name}'`);
  const certificates = [...data].filter(([key]) => /\.(crt|pem)$/.test(key)).map(([, value]) => value);
  if (certificates.length === 0) throw failed(`no certificates found in secret '${namespace}/${name}'`);
  return { policy, certificates, now: context.now };
}

async function cosignTrust(
  { verify, namespace }: SignedSubject,
  context: RunContext,
  publicRoot: PublicRoot,
  failed: Failed,
): Promise<CosignTrust> {
  const secret = (name: string) => readTrust(name, namespace, context, failed);
  if (verify.secretRef !== undefined) {
    const data = await secret(verify.secretRef.name);
    return { keys: [...data].filter(([key]) => key.endsWith(".pub")).map(([, value]) => value) };
  }
  const rootSecret = verify.trustedRootSecretRef?.name;
  const trustedRoot =
    rootSecret === undefined ? await publicRoot.get() : (await secret(rootSecret)).get("trusted_root.json");
  if (trustedRoot === undefined) {
    throw failed(`'trusted_root.json' not found in secret '${namespace}/${rootSecret}'`);
  }
  return { trustedRoot, accepts: identityMatcher(verify.matchOIDCIdentity ?? [], failed) };
}

/** Any identity where none is named; else one whose issuer and subject both match. */
function identityMatcher(
  identities: readonly { readonly issuer: string; readonly subject: string }[],
  failed: Failed,
): (identity: SignerIdentity) => boolean {
  const compile = (text: string) => {
    try {
      return RE2JS.compile(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw failed(`malformed expression '${text}' in matchOIDCIdentity: ${reason}`, error);
    }
  };
  const matchers = identities.map(({ issuer, subject }) => ({
    issuer: compile(issuer),
    subject: compile(subject),
  }));
  return (identity) =>
    matchers.length === 0 ||
    matchers.some(
      ({ issuer, subject }) =>
        issuer.matcher(identity.issuer).find() && subject.matcher(identity.subject).find(),
    );
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
