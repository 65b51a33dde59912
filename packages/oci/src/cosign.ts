import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { OciClient } from "./client.js";
import { OciError } from "./error.js";
import type { Descriptor } from "./manifest.js";
import { parseObject, readBounded } from "./session.js";
import { type BundleTrust, isBundleType, legacyBundle, verifyBundle } from "./sigstore.js";

const PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE = "dev.cosignproject.cosign/signature";
const MAX_PAYLOAD = 1024 * 1024;
const MAX_SIGNATURES = 100;

/** Who a keyless signature says that signed. */
export interface SignerIdentity {
  /** Address of the service that knew the signer. */
  readonly issuer: string;
  /** Mail address or URL. */
  readonly subject: string;
}

/** Whose signatures count. */
export type CosignTrust =
  /** Public keys, PEM. */
  | { readonly keys: readonly string[] }
  /** Short-lived certificates below a Sigstore root (`trusted_root.json`), of identities that are accepted. */
  | { readonly trustedRoot: string; readonly accepts: (identity: SignerIdentity) => boolean };

/**
 * Checks that somebody trusted signed the manifest with `digest`: in a Sigstore bundle that refers to it (cosign
 * 3), or else in the form that older ones store beside it under the tag `sha256-….sig`. Keyless signatures need
 * their entry of the transparency log with them. Throws `OciError` `unverified`, or `invalid-credentials` for
 * keys or roots that cannot be read.
 */
export async function verifyCosign(
  client: OciClient,
  digest: string,
  trust: CosignTrust,
  signal?: AbortSignal,
): Promise<void> {
  const trusted: BundleTrust = "keys" in trust ? { keys: readKeys(trust.keys) } : trust;
  const reasons: string[] = [];
  const attempt = async (check: () => Promise<boolean> | boolean): Promise<boolean> => {
    try {
      return await check();
    } catch (error) {
      // One signature that does not fit must not keep the others from being looked at.
      if (!OciError.is(error, "unverified", "invalid-response", "too-large", "digest-mismatch")) throw error;
      reasons.push(error.message);
      return false;
    }
  };
  const bundles = (await client.referrers(digest, signal)).filter(({ artifactType }) =>
    isBundleType(artifactType),
  );
  for (const { digest: of } of bundles.slice(0, MAX_SIGNATURES)) {
    if (await attempt(() => checkBundle(client, digest, of, trusted, signal))) return;
  }
  const layers = bundles.length > 0 ? [] : await signatureLayers(client, digest, signal);
  for (const layer of layers.slice(0, MAX_SIGNATURES)) {
    if (await attempt(() => checkLayer(client, digest, layer, trusted, signal))) return;
  }
  const [first] = reasons;
  throw new OciError(
    "unverified",
    `no matching signatures were found${first === undefined ? "" : `: ${first}`}`,
  );
}

async function checkBundle(
  client: OciClient,
  digest: string,
  of: string,
  trust: BundleTrust,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [layer] = (await client.manifest(of, signal)).layers;
  if (layer === undefined) return false;
  const text = await readBounded(client.blob(layer, signal), MAX_PAYLOAD, "the signature bundle");
  const signed = async () => (await client.rawManifest(digest, signal)).bytes;
  await verifyBundle(text, { digest, bytes: signed }, trust);
  return true;
}

async function checkLayer(
  client: OciClient,
  digest: string,
  layer: Descriptor,
  trust: BundleTrust,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const signature = layer.annotations?.[SIGNATURE];
  if (layer.mediaType !== PAYLOAD_TYPE || signature === undefined) return false;
  const payload = await readBounded(client.blob(layer, signal), MAX_PAYLOAD, "the signed payload");
  if (signedDigest(payload) !== digest) return false;
  if ("keys" in trust) {
    const bytes = Buffer.from(signature, "base64");
    return trust.keys.some((key) => isSignedBy(key, payload, bytes));
  }
  const bundle = legacyBundle(payload, signature, layer.annotations ?? {});
  await verifyBundle(bundle, { digest, bytes: async () => payload }, trust);
  return true;
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

function readKeys(texts: readonly string[]): readonly KeyObject[] {
  const keys = texts.flatMap(readKey);
  if (keys.length === 0) throw new OciError("invalid-credentials", "none of the public keys can be read");
  return keys;
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
