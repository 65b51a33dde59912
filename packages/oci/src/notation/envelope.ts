import { constants, type KeyObject, verify, X509Certificate } from "node:crypto";
import { OciError } from "../error.js";
import { parseObject } from "../session.js";
import { CborTag, type CborValue, decodeCbor, encodeCborArray } from "./cbor.js";

export const JWS_TYPE = "application/jose+json";
export const COSE_TYPE = "application/cose";

/** A signature of Notary's, its integrity checked with the key of its own leaf certificate. */
export interface Envelope {
  /** The signer's certificate first, the root last. */
  readonly certificates: readonly X509Certificate[];
  readonly contentType: string;
  readonly payload: Buffer;
  readonly scheme: "notary.x509" | "notary.x509.signingAuthority";
  /** Epoch ms; who says so depends on the scheme. */
  readonly signingTime: number;
  readonly expiry: number | undefined;
}

const PREFIX = "io.cncf.notary.";
const KNOWN_CRITICAL = ["signingScheme", "authenticSigningTime", "expiry"].map((name) => `${PREFIX}${name}`);
const MAX_CERTIFICATES = 20;

/** Reads an envelope, and checks that its own certificate's key made it. Throws `OciError` `unverified`. */
export function openEnvelope(mediaType: string, bytes: Buffer): Envelope {
  if (mediaType === JWS_TYPE) return openJws(bytes);
  if (mediaType === COSE_TYPE) return openCose(bytes);
  throw unverified(`signature envelope of type '${mediaType}' is not supported`);
}

/** Protected headers by name, whatever the format. */
interface Headers {
  readonly algorithm: string;
  readonly contentType: unknown;
  readonly critical: unknown;
  readonly get: (name: string) => unknown;
  /** Epoch ms of a time header. */
  readonly time: (name: string) => number | undefined;
}

function openJws(bytes: Buffer): Envelope {
  const value = parseObject(bytes);
  const { payload, protected: encoded, signature, header } = value ?? {};
  if (typeof payload !== "string" || typeof encoded !== "string" || typeof signature !== "string") {
    throw unverified("the signature envelope is malformed");
  }
  const fields = parseObject(Buffer.from(encoded, "base64url"));
  if (fields === undefined) throw unverified("the signature envelope is malformed");
  const chain = (header as { x5c?: unknown } | null | undefined)?.x5c;
  const ders = (Array.isArray(chain) ? chain : []).map((der) => Buffer.from(String(der), "base64"));
  const headers: Headers = {
    algorithm: String(fields["alg"]),
    contentType: fields["cty"],
    critical: fields["crit"],
    get: (name) => fields[name],
    time: (name) => {
      const text = fields[name];
      return typeof text === "string" ? Date.parse(text) : undefined;
    },
  };
  const signed = Buffer.from(`${encoded}.${payload}`);
  return finish(
    headers,
    ders,
    signed,
    Buffer.from(signature, "base64url"),
    Buffer.from(payload, "base64url"),
  );
}

const COSE_ALGORITHMS = new Map([
  [-37, "PS256"],
  [-38, "PS384"],
  [-39, "PS512"],
  [-7, "ES256"],
  [-35, "ES384"],
  [-36, "ES512"],
]);
const [ALGORITHM, CRITICAL, CONTENT_TYPE, CERTIFICATES] = [1, 2, 3, 33];
const SIGN1_TAG = 18;
const EPOCH_TAG = 1;

function openCose(bytes: Buffer): Envelope {
  const decoded = decodeCbor(bytes);
  const parts = decoded instanceof CborTag && decoded.tag === SIGN1_TAG ? decoded.value : undefined;
  const [encoded, open, payload, signature] = Array.isArray(parts) ? (parts as readonly CborValue[]) : [];
  const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
  if (!isBytes(encoded) || !(open instanceof Map) || !isBytes(payload) || !isBytes(signature)) {
    throw unverified("the signature envelope is malformed");
  }
  const fields = decodeCbor(encoded);
  if (!(fields instanceof Map)) throw unverified("the signature envelope is malformed");
  const chain: unknown = open.get(CERTIFICATES);
  const headers: Headers = {
    algorithm: COSE_ALGORITHMS.get(Number(fields.get(ALGORITHM))) ?? "",
    contentType: fields.get(CONTENT_TYPE),
    critical: fields.get(CRITICAL),
    get: (name) => fields.get(name),
    time: (name) => {
      const value: unknown = fields.get(name);
      return value instanceof CborTag && value.tag === EPOCH_TAG && typeof value.value === "number"
        ? value.value * 1000
        : undefined;
    },
  };
  const ders = (Array.isArray(chain) ? chain : isBytes(chain) ? [chain] : []).filter(isBytes);
  const signed = encodeCborArray(["Signature1", encoded, new Uint8Array(0), payload]);
  return finish(headers, ders, signed, Buffer.from(signature), Buffer.from(payload));
}

function finish(
  headers: Headers,
  ders: readonly Uint8Array[],
  signed: Buffer,
  signature: Buffer,
  payload: Buffer,
): Envelope {
  if (ders.length === 0) throw unverified("certificate chain is not present");
  if (ders.length > MAX_CERTIFICATES) throw unverified("certificate chain is too long");
  const certificates = ders.map(readCertificate);
  const [leaf] = certificates;
  if (leaf === undefined || !isSigned(headers.algorithm, leaf.publicKey, signed, signature)) {
    throw unverified("signature is invalid");
  }
  const scheme = headers.get(`${PREFIX}signingScheme`);
  if (scheme !== "notary.x509" && scheme !== "notary.x509.signingAuthority") {
    throw unverified(`unsupported signing scheme '${String(scheme)}'`);
  }
  checkCritical(headers, scheme);
  const named = scheme === "notary.x509" ? "signingTime" : "authenticSigningTime";
  const signingTime = headers.time(`${PREFIX}${named}`);
  if (signingTime === undefined || Number.isNaN(signingTime)) throw unverified(`${named} is missing`);
  const expiry = headers.get(`${PREFIX}expiry`) === undefined ? undefined : headers.time(`${PREFIX}expiry`);
  if (headers.get(`${PREFIX}expiry`) !== undefined && !Number.isFinite(expiry))
    throw unverified("expiry is malformed");
  return { certificates, contentType: String(headers.contentType), payload, scheme, signingTime, expiry };
}

/** What a signature says must be understood has to be; a plugin that it wants would be such a thing. */
function checkCritical(headers: Headers, scheme: Envelope["scheme"]): void {
  const critical = Array.isArray(headers.critical) ? headers.critical : [];
  const required = KNOWN_CRITICAL.filter(
    (name) =>
      name.endsWith("signingScheme") ||
      (name.endsWith("authenticSigningTime") && scheme === "notary.x509.signingAuthority") ||
      (name.endsWith("expiry") && headers.get(name) !== undefined),
  );
  const missing = required.filter((name) => !critical.includes(name));
  if (missing.length > 0) {
    throw unverified(`these required headers are not marked as critical: [${missing.join(" ")}]`);
  }
  const unknown = critical.filter((name: unknown) => !KNOWN_CRITICAL.includes(String(name)));
  if (unknown.length > 0)
    throw unverified(`the signature needs what is not known here: [${unknown.join(" ")}]`);
}

/** The algorithm that a key must sign with: its size decides. */
function algorithmOf(key: KeyObject): string | undefined {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa") {
    return new Map([
      [2048, "PS256"],
      [3072, "PS384"],
      [4096, "PS512"],
    ]).get(modulusLength ?? 0);
  }
  if (key.asymmetricKeyType !== "ec") return undefined;
  return new Map([
    ["prime256v1", "ES256"],
    ["secp384r1", "ES384"],
    ["secp521r1", "ES512"],
  ]).get(namedCurve ?? "");
}

function isSigned(algorithm: string, key: KeyObject, signed: Buffer, signature: Buffer): boolean {
  if (algorithm === "" || algorithmOf(key) !== algorithm) return false;
  const hash = `sha${algorithm.slice(2)}`;
  const how = algorithm.startsWith("PS")
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { key, dsaEncoding: "ieee-p1363" as const };
  return verify(hash, signed, how, signature);
}

/** Reads a certificate, DER or PEM. Throws `OciError` `unverified`. */
export function readCertificate(bytes: Uint8Array | string): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch (error) {
    throw new OciError("unverified", "a certificate of the signature cannot be read", { cause: error });
  }
}

export function unverified(message: string): OciError {
  return new OciError("unverified", message);
}
