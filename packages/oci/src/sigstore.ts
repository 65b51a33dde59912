import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { BUNDLE_V01_MEDIA_TYPE, type Bundle, bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { OciError } from "./error.js";
import { parseObject } from "./session.js";

/** Whose signatures on a bundle count. */
export type BundleTrust =
  | { readonly keys: readonly KeyObject[] }
  | {
      readonly trustedRoot: string;
      readonly accepts: (identity: { readonly issuer: string; readonly subject: string }) => boolean;
    };

/** What a bundle has to be about. */
export interface Signed {
  readonly digest: string;
  /** The signed bytes themselves, where the signature is over them. */
  readonly bytes: () => Promise<Buffer>;
}

/** Whether a descriptor's type says that it leads to a Sigstore bundle. */
export function isBundleType(artifactType: string | undefined): boolean {
  return artifactType?.startsWith("application/vnd.dev.sigstore.bundle") === true;
}

/**
 * Checks a Sigstore bundle: that it is about `signed`, its signature, and for certificates their chain, the
 * transparency log and the signer's identity. Throws `OciError` `unverified`.
 */
export async function verifyBundle(text: Buffer | string, signed: Signed, trust: BundleTrust): Promise<void> {
  try {
    const bundle = readBundle(text);
    requirePlainNames(bundle);
    const isMessage = bundle.content.$case === "messageSignature";
    if (!isMessage && !isStatementAbout(bundle, signed.digest)) {
      throw unverified(`the signature is not about ${signed.digest}`);
    }
    const entity = toSignedEntity(bundle, isMessage ? await signed.bytes() : undefined);
    if ("keys" in trust) {
      if (trust.keys.some((key) => verifies(() => entity.signature.verifySignature(key)))) return;
      throw unverified("no trusted key made the signature");
    }
    const signer = new Verifier(toTrustMaterial(readRoot(trust.trustedRoot))).verify(entity);
    const { subjectAlternativeName: subject = "", extensions } = signer.identity ?? {};
    const issuer = extensions?.issuer ?? "";
    if (!trust.accepts({ issuer, subject })) {
      throw unverified(
        `none of the expected identities matched what was in the certificate, got subject [${subject}] with issuer ${issuer}`,
      );
    }
  } catch (error) {
    if (OciError.is(error)) throw error;
    // What is signed by strangers is full of surprises, which the library throws as they come.
    throw new OciError("unverified", textOf(error), { cause: error });
  }
}

function readBundle(text: Buffer | string): Bundle {
  const value = parseObject(Buffer.from(text));
  if (value === undefined) throw unverified("the signature bundle is no JSON");
  try {
    return bundleFromJSON(value);
  } catch (error) {
    // The reader of the format throws whatever its parts throw.
    throw new OciError("unverified", `the signature bundle is malformed: ${textOf(error)}`, { cause: error });
  }
}

/** Reads a `trusted_root.json`. Throws `OciError` `invalid-credentials`. */
function readRoot(text: string): TrustedRoot {
  const value = parseObject(Buffer.from(text));
  try {
    if (value === undefined) throw new Error("it is no JSON object");
    const root = TrustedRoot.fromJSON(value);
    if (root.tlogs.length === 0) throw new Error("no transparency log entries found in trusted root");
    return root;
  } catch (error) {
    throw new OciError("invalid-credentials", `unable to parse trusted root: ${textOf(error)}`, {
      cause: error,
    });
  }
}

/** Who signed a checkpoint, at the beginning of a line. */
const CHECKPOINT_SIGNER = /^\u2014 (\S+) /gm;
const PLAIN_NAME = /^[A-Za-z0-9._~:/@-]{1,255}$/;

/**
 * Refuses checkpoints whose signers have names that no log has: the library takes a name for a regular
 * expression, with which whoever made the bundle could keep it busy without end.
 */
function requirePlainNames({ verificationMaterial }: Bundle): void {
  for (const { inclusionProof } of verificationMaterial.tlogEntries) {
    for (const [, name = ""] of (inclusionProof?.checkpoint?.envelope ?? "").matchAll(CHECKPOINT_SIGNER)) {
      if (!PLAIN_NAME.test(name)) {
        throw unverified("the checkpoint of the log entry is signed under a name that is none");
      }
    }
  }
}

const STATEMENT_TYPE = "application/vnd.in-toto+json";

/** Whether the bundle carries an in-toto statement with the digest among its subjects. */
function isStatementAbout(bundle: Bundle, digest: string): boolean {
  if (bundle.content.$case !== "dsseEnvelope") return false;
  const { payload, payloadType } = bundle.content.dsseEnvelope;
  if (payloadType !== STATEMENT_TYPE) return false;
  const subjects = parseObject(payload)?.["subject"];
  const [algorithm = "", hex] = digest.split(":");
  if (!Array.isArray(subjects)) return false;
  return subjects.some((subject: unknown) => {
    const digests = (subject as { digest?: Record<string, unknown> } | null)?.digest ?? {};
    return Object.hasOwn(digests, algorithm) && digests[algorithm] === hex;
  });
}

const CERTIFICATE = "dev.sigstore.cosign/certificate";
const LOG_ENTRY = "dev.sigstore.cosign/bundle";
const TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";

/**
 * The bundle that a signature of the older form amounts to: its certificate, its log entry and the time that
 * an authority stamped it are annotations beside it. Throws `OciError` `unverified`.
 */
export function legacyBundle(
  payload: Buffer,
  signature: string,
  annotations: Readonly<Record<string, string>>,
): string {
  const certificate = annotations[CERTIFICATE];
  const entry = parseObject(Buffer.from(annotations[LOG_ENTRY] ?? ""));
  if (certificate === undefined) throw unverified("no certificate found on signature");
  if (entry === undefined) throw unverified("no entry of the transparency log is attached to the signature");
  const digest = createHash("sha256").update(payload).digest("base64");
  return JSON.stringify({
    mediaType: BUNDLE_V01_MEDIA_TYPE,
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: derOf(certificate).toString("base64") }] },
      tlogEntries: [logEntry(entry)],
      timestampVerificationData: { rfc3161Timestamps: timestamps(annotations[TIMESTAMP]) },
    },
    messageSignature: { messageDigest: { algorithm: "SHA2_256", digest }, signature },
  });
}

function derOf(pem: string): Buffer {
  try {
    return new X509Certificate(pem).raw;
  } catch (error) {
    throw new OciError("unverified", `the signature's certificate cannot be read: ${textOf(error)}`, {
      cause: error,
    });
  }
}

function logEntry(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const payload = (entry["Payload"] ?? {}) as Record<string, unknown>;
  const body = typeof payload["body"] === "string" ? payload["body"] : "";
  const { kind, apiVersion } = parseObject(Buffer.from(body, "base64")) ?? {};
  return {
    logIndex: String(payload["logIndex"] ?? 0),
    logId: { keyId: Buffer.from(String(payload["logID"] ?? ""), "hex").toString("base64") },
    kindVersion: { kind: String(kind), version: String(apiVersion) },
    integratedTime: String(payload["integratedTime"] ?? 0),
    inclusionPromise: { signedEntryTimestamp: entry["SignedEntryTimestamp"] },
    canonicalizedBody: body,
  };
}

function timestamps(annotation: string | undefined): readonly unknown[] {
  if (annotation === undefined) return [];
  return [{ signedTimestamp: parseObject(Buffer.from(annotation))?.["SignedRFC3161Timestamp"] }];
}

function verifies(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    // A key of a type that cannot sign is no match.
    return false;
  }
}

function unverified(message: string): OciError {
  return new OciError("unverified", message);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
