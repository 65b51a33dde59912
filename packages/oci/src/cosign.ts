import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { OciClient } from "./client.js";
import { OciError } from "./error.js";
import { parseObject, readBounded } from "./session.js";

const PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE = "dev.cosignproject.cosign/signature";
const MAX_PAYLOAD = 1024 * 1024;
const MAX_SIGNATURES = 100;

/**
 * Checks that one of `keys` (PEM) signed the manifest with `digest`, in the form that cosign stores beside
 * it under the tag `sha256-….sig`. Throws `OciError` `unverified`, or `invalid-credentials` where no key
 * can be read.
 */
export async function verifyCosign(
  client: OciClient,
  digest: string,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const trusted = keys.flatMap(readKey);
  if (trusted.length === 0) throw new OciError("invalid-credentials", "none of the public keys can be read");
  const layers = await signatureLayers(client, digest, signal);
  for (const layer of layers.slice(0, MAX_SIGNATURES)) {
    const signature = layer.annotations?.[SIGNATURE];
    if (layer.mediaType !== PAYLOAD_TYPE || signature === undefined) continue;
    const payload = await readBounded(client.blob(layer, signal), MAX_PAYLOAD, "the signed payload");
    if (signedDigest(payload) !== digest) continue;
    const bytes = Buffer.from(signature, "base64");
    if (trusted.some((key) => isSignedBy(key, payload, bytes))) return;
  }
  throw new OciError("unverified", "no matching signatures were found");
}

async function signatureLayers(client: OciClient, digest: string, signal: AbortSignal | undefined) {
  try {
    const tag = `${digest.replace(":", "-")}.sig`;
    return (await client.manifest(await client.resolve(tag, signal), signal)).layers;
  } catch (error) {
    if (OciError.is(error, "not-found")) return [];
    throw error;
  }
}

function readKey(pem: string): KeyObject[] {
  try {
    return [createPublicKey(pem)];
  } catch {
    // One unreadable key must not keep the others from being tried.
    return [];
  }
}

function isSignedBy(key: KeyObject, payload: Buffer, signature: Buffer): boolean {
  const algorithm = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  try {
    return verify(algorithm, payload, key, signature);
  } catch {
    // A key of a type that cannot sign is no match.
    return false;
  }
}

function signedDigest(payload: Buffer): unknown {
  const critical = parseObject(payload)?.["critical"] as
    | { image?: Record<string, unknown> }
    | null
    | undefined;
  return critical?.image?.["docker-manifest-digest"];
}
