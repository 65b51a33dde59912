import type { X509Certificate } from "node:crypto";
import type { OciClient } from "../client.js";
import { OciError } from "../error.js";
import type { Descriptor } from "../manifest.js";
import { parseOciUrl } from "../reference.js";
import { parseObject, readBounded } from "../session.js";
import { type Envelope, openEnvelope, readCertificate, unverified } from "./envelope.js";
import { includesSubject, subjectOfCertificate } from "./subject.js";
import { type Check, type TrustPolicy, trustPolicyFor } from "./trust-policy.js";

/** Whose signatures count, in Notary's terms. */
export interface NotationTrust {
  /** The text of `trustpolicy.json`. */
  readonly policy: string;
  /** Certificates, PEM; every trust store that the policy names holds them all. */
  readonly certificates: readonly string[];
  /** Epoch ms. */
  readonly now: number;
}

const ARTIFACT_TYPE = "application/vnd.cncf.notary.signature";
const PAYLOAD_TYPE = "application/vnd.cncf.notary.payload.v1+json";
const MAX_ENVELOPE = 10 * 1024 * 1024;
const MAX_ATTEMPTS = 3;

/**
 * Checks that a manifest is signed as a Notary trust policy asks. `ignored` where the policy does not insist.
 * Time stamps by authorities and revocation lists are not asked for: a policy that enforces them is not met by a
 * signature that needs them. Throws `OciError` `unverified`, or `invalid-credentials` for a policy that is none.
 */
export async function verifyNotation(
  client: OciClient,
  digest: string,
  trust: NotationTrust,
  signal?: AbortSignal,
): Promise<"verified" | "ignored"> {
  const { registry, repository } = parseOciUrl(client.url);
  const policy = trustPolicyFor(trust.policy, `${registry}/${repository}`);
  if (policy.level === "skip") return "ignored";
  const trusted = trust.certificates.flatMap(readBundle);
  const signatures = (await client.referrers(digest, signal)).filter(
    ({ artifactType }) => artifactType === ARTIFACT_TYPE,
  );
  const reasons: string[] = [];
  for (const { digest: of } of signatures.slice(0, MAX_ATTEMPTS)) {
    try {
      const envelope = await fetchEnvelope(client, of, signal);
      await checkTarget(client, digest, envelope, signal);
      return checkPolicy(envelope, policy, trusted, trust.now);
    } catch (error) {
      // One signature that does not fit must not keep the others from being looked at.
      if (!OciError.is(error, "unverified", "invalid-response", "too-large", "digest-mismatch")) throw error;
      reasons.push(error.message);
    }
  }
  const [first = `no signature is associated with "${registry}/${repository}@${digest}"`] = reasons;
  throw unverified(first);
}

async function fetchEnvelope(
  client: OciClient,
  of: string,
  signal: AbortSignal | undefined,
): Promise<Envelope> {
  const [layer] = (await client.manifest(of, signal)).layers;
  if (layer === undefined) throw unverified("the signature manifest holds no signature");
  return openEnvelope(
    layer.mediaType,
    await readBounded(client.blob(layer, signal), MAX_ENVELOPE, "the signature"),
  );
}

/** A signature is over the description of a manifest: type, digest, size. */
async function checkTarget(
  client: OciClient,
  digest: string,
  { contentType, payload }: Envelope,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (contentType !== PAYLOAD_TYPE)
    throw unverified(`payload content type ${JSON.stringify(contentType)} not supported`);
  const target = parseObject(payload)?.["targetArtifact"] as Partial<Descriptor> | null | undefined;
  if (target?.digest !== digest) throw unverified("content descriptor mismatch");
  const { bytes, mediaType } = await client.rawManifest(digest, signal);
  if (target.size !== bytes.length || target.mediaType !== mediaType)
    throw unverified("content descriptor mismatch");
}

function checkPolicy(
  envelope: Envelope,
  policy: TrustPolicy,
  trusted: readonly X509Certificate[],
  now: number,
): "verified" | "ignored" {
  checkChain(envelope.certificates);
  const checks: readonly [Check, () => string | undefined][] = [
    ["authenticity", () => authenticity(envelope, policy, trusted)],
    ["expiry", () => expiry(envelope, now)],
    ["authenticTimestamp", () => authenticTimestamp(envelope, policy, now)],
    ["revocation", () => revocation(envelope.certificates)],
  ];
  let result: "verified" | "ignored" = "verified";
  for (const [check, run] of checks) {
    const action = policy.actions[check];
    const problem = action === "skip" ? undefined : run();
    if (problem === undefined) continue;
    if (action === "enforce") throw unverified(problem);
    if (check === "authenticity") result = "ignored";
  }
  return result;
}

const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";

/** Each certificate is issued by the next, the last by itself. */
function checkChain(certificates: readonly X509Certificate[]): void {
  certificates.forEach((certificate, index) => {
    const issuer = certificates[index + 1] ?? certificate;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      throw unverified("the certificates of the signature are no chain");
    }
    if (index > 0 && !certificate.ca) throw unverified("a certificate of the chain may not issue others");
  });
  const [leaf] = certificates;
  // Node names purposes by their numbers under `keyUsage`.
  const purposes = leaf?.keyUsage as readonly string[] | undefined;
  if (purposes !== undefined && purposes.length > 0 && !purposes.includes(CODE_SIGNING)) {
    throw unverified("the signing certificate is not meant for signing code");
  }
}

function authenticity(
  { certificates, scheme }: Envelope,
  { trustStores, subjects }: TrustPolicy,
  trusted: readonly X509Certificate[],
): string | undefined {
  const kind = scheme === "notary.x509" ? "ca:" : "signingAuthority:";
  if (trusted.length === 0 || !trustStores.some((store) => store.startsWith(kind))) {
    return "no trusted certificates are found to verify authenticity";
  }
  const known = new Set(trusted.map(({ fingerprint256 }) => fingerprint256));
  if (!certificates.some(({ fingerprint256 }) => known.has(fingerprint256))) {
    return "signature is not produced by a trusted signer";
  }
  const [leaf] = certificates;
  const subject = subjectOfCertificate(leaf?.subject ?? "");
  if (subjects === undefined || subjects.some((wanted) => includesSubject(subject, wanted))) return undefined;
  return "signing certificate from the digital signature does not match the X.509 trusted identities";
}

function expiry({ expiry: until }: Envelope, now: number): string | undefined {
  return until !== undefined && now >= until
    ? `digital signature has expired on "${new Date(until).toUTCString()}"`
    : undefined;
}

function authenticTimestamp(envelope: Envelope, policy: TrustPolicy, now: number): string | undefined {
  const { certificates, scheme, signingTime } = envelope;
  // An authority vouches for the time; without one nothing but the present counts.
  const time = scheme === "notary.x509" ? now : signingTime;
  const outside = certificates.find(
    ({ validFrom, validTo }) => time < Date.parse(validFrom) || time > Date.parse(validTo),
  );
  const wantsStamp =
    scheme === "notary.x509" &&
    policy.trustStores.some((store) => store.startsWith("tsa:")) &&
    (policy.verifyTimestamp === "always" || outside !== undefined);
  if (wantsStamp) return "time stamps by authorities cannot be verified here";
  if (outside === undefined) return undefined;
  return `the certificate "${outside.subject.replaceAll("\n", ", ")}" is not valid at ${new Date(time).toUTCString()}`;
}

/** The extension of certificates that says where lists of revoked ones are, as it is encoded. */
const REVOCATION_LISTS = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x1f]);

/** Who revokes cannot be asked: certificates that say where to ask count as unknown. */
function revocation(certificates: readonly X509Certificate[]): string | undefined {
  const revocable = certificates
    .slice(0, Math.max(1, certificates.length - 1))
    .find(({ infoAccess, raw }) => infoAccess?.includes("OCSP") === true || raw.includes(REVOCATION_LISTS));
  return revocable === undefined
    ? undefined
    : `signing certificate with subject "${revocable.subject.replaceAll("\n", ", ")}" revocation status is unknown`;
}

function readBundle(text: string): X509Certificate[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  return (found ?? [text]).map((pem) => {
    try {
      return readCertificate(pem);
    } catch (error) {
      throw new OciError("invalid-credentials", "a trusted certificate cannot be read", { cause: error });
    }
  });
}
