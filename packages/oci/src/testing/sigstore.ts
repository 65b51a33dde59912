import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { initializeCA, initializeTLog, initializeTSA } from "@sigstore/mock";
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from "@sigstore/protobuf-specs";
import { pushArtifact } from "../artifact.js";
import { OciClient } from "../client.js";
import { testRegistry } from "./registry.js";

export const ISSUER = "https://token.actions.githubusercontent.com";
export const SUBJECT = "https://github.com/ada/app/.github/workflows/release.yml@refs/tags/v1";
export const keys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const derOf = (pair: ReturnType<typeof keys>) => pair.publicKey.export({ format: "der", type: "spki" });

/** The first element of a DER sequence, with its header. */
function firstElement(der: Buffer): Buffer {
  const header = (at: number) => (der[at + 1]! < 0x80 ? 2 : 2 + (der[at + 1]! & 0x7f));
  const at = header(0);
  const size = der[at + 1]! < 0x80 ? der[at + 1]! : der.readUIntBE(at + 2, der[at + 1]! & 0x7f);
  return der.subarray(at, at + header(at) + size);
}

/** A log of certificates that answers as RFC 6962 says. */
function certificateLog() {
  const pair = keys();
  const publicKey = derOf(pair);
  const logID = createHash("sha256").update(publicKey).digest();
  const number = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUIntBE(value, Math.max(0, bytes - 6), Math.min(bytes, 6));
    return buffer;
  };
  const log = async (certificate: ArrayBuffer, issuerID: ArrayBuffer): Promise<ArrayBuffer> => {
    const tbs = firstElement(Buffer.from(certificate));
    const time = number(Date.now(), 8);
    const signed = [
      number(0, 2),
      time,
      number(1, 2),
      Buffer.from(issuerID),
      number(tbs.length, 3),
      tbs,
      number(0, 2),
    ];
    const signature = sign("sha256", Buffer.concat(signed), pair.privateKey);
    const head = [number(0, 1), logID, time, number(0, 2), number(4, 1), number(3, 1)];
    const timestamp = Buffer.concat([...head, number(signature.length, 2), signature]);
    return new Uint8Array(Buffer.concat([number(timestamp.length, 2), timestamp])).buffer;
  };
  return { publicKey, logID, log };
}

/** A Sigstore of our own: authority, certificate log, signature log, authority for time stamps. */
export async function sigstore({ unlogged = false } = {}) {
  const logKeys = keys();
  const ctlog = certificateLog();
  const ca = await initializeCA(keys(), unlogged ? undefined : ctlog);
  // A whole second within the ten minutes of every certificate: of fractions the verifier knows only three digits.
  const stampedAt = new Date((Math.floor(Date.now() / 1000) + 60) * 1000);
  const tsa = await initializeTSA(generateKeyPairSync("ec", { namedCurve: "P-384" }), stampedAt);
  const tlog = await initializeTLog("https://rekor.example", logKeys);
  const log = (publicKey: Buffer, baseUrl: string, keyId: Buffer) => ({
    baseUrl,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: {
      rawBytes: publicKey,
      keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      validFor: { start: new Date(0), end: undefined },
    },
    logId: { keyId },
    checkpointKeyId: undefined,
    operator: "test",
  });
  const logId = createHash("sha256").update(tlog.publicKey).digest();
  const root = TrustedRoot.toJSON({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [log(tlog.publicKey, "https://rekor.example", logId)],
    ctlogs: [log(ctlog.publicKey, "https://ct.example", ctlog.logID)],
    certificateAuthorities: [
      {
        subject: { commonName: "sigstore", organization: "sigstore.mock" },
        uri: "https://fulcio.example",
        certChain: { certificates: [{ rawBytes: ca.rootCertificate }] },
        validFor: { start: new Date(0), end: undefined },
        operator: "test",
      },
    ],
    timestampAuthorities: [
      {
        subject: { commonName: "tsa", organization: "sigstore.mock" },
        uri: "https://tsa.example",
        certChain: { certificates: [{ rawBytes: tsa.intCertificate }, { rawBytes: tsa.rootCertificate }] },
        validFor: { start: new Date(0), end: undefined },
        operator: "test",
      },
    ],
  });
  const identity = async (subject = SUBJECT) => {
    const pair = keys();
    const certificate = await ca.issueCertificate({
      publicKey: derOf(pair),
      subjectAltName: subject,
      extensions: [{ oid: "1.3.6.1.4.1.57264.1.1", value: ISSUER, legacy: true }],
    });
    return { pair, certificate };
  };
  const stamp = (signature: string) =>
    tsa.timestamp({
      artifactHash: createHash("sha256").update(Buffer.from(signature, "base64")).digest(),
      hashAlgorithmOID: "2.16.840.1.101.3.4.2.1",
      policyOID: "1.3.6.1.4.1.57264.2",
      nonce: 1,
      certReq: false,
    });
  return { trustedRoot: JSON.stringify(root), identity, tlog, logKeys, stamp };
}

/** What a log answers with, as far as it is used here. */
interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logIndex: number;
  readonly logID: string;
  readonly verification?: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
      readonly checkpoint: string;
    };
  };
}

/** A bundle as JSON, as far as tests change it. */
export interface TestBundle {
  readonly mediaType: string;
  readonly verificationMaterial: {
    readonly certificate: { rawBytes: string };
    tlogEntries: {
      logIndex: string;
      integratedTime: string;
      inclusionPromise?: { signedEntryTimestamp: string };
      inclusionProof?: {
        logIndex: string;
        rootHash: string;
        treeSize: string;
        hashes: string[];
        checkpoint: { envelope: string };
      };
      readonly logId: { readonly keyId: string };
      readonly kindVersion: { readonly kind: string; readonly version: string };
      canonicalizedBody: string;
    }[];
    timestampVerificationData?: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  readonly dsseEnvelope: { readonly signatures: readonly { readonly sig: string }[] } & Record<
    string,
    unknown
  >;
}

export type Sigstore = Awaited<ReturnType<typeof sigstore>>;

const pemOf = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replace(/(.{64})/g, "$1\n")}\n-----END CERTIFICATE-----\n`;

export async function artifact() {
  const registry = await testRegistry();
  const client = new OciClient({ url: `oci://${registry.host}/team/app`, insecure: true, push: true });
  const digest = await pushArtifact(client, { tag: "v1", layer: Buffer.from("content") });
  return { registry, client, digest };
}

/** Signs in the form of older versions of cosign. */
export async function signBeside(
  client: OciClient,
  digest: string,
  { identity, tlog }: Sigstore,
  about = digest,
  change: (annotations: Record<string, string>) => unknown = () => undefined,
) {
  const { pair, certificate } = await identity();
  const payload = Buffer.from(JSON.stringify({ critical: { image: { "docker-manifest-digest": about } } }));
  const signature = sign("sha256", payload, pair.privateKey).toString("base64");
  const [entry] = Object.values<LogEntry>(
    await tlog.log({
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: "sha256", value: createHash("sha256").update(payload).digest("hex") } },
        signature: {
          content: signature,
          publicKey: { content: Buffer.from(pemOf(certificate)).toString("base64") },
        },
      },
    }),
  );
  const { body, integratedTime, logIndex, logID, verification } = entry!;
  const bundle = {
    SignedEntryTimestamp: verification?.signedEntryTimestamp,
    Payload: { body, integratedTime, logIndex, logID },
  };
  const layer = await client.pushBlob("application/vnd.dev.cosign.simplesigning.v1+json", payload);
  const annotations: Record<string, string> = {
    "dev.cosignproject.cosign/signature": signature,
    "dev.sigstore.cosign/certificate": pemOf(certificate),
    "dev.sigstore.cosign/bundle": JSON.stringify(bundle),
  };
  await change(annotations);
  await client.pushManifest(`${digest.replace(":", "-")}.sig`, {
    config: layer,
    layers: [{ ...layer, annotations }],
  });
}

/** Signs in the form of cosign 3: a bundle that refers to the manifest. */
export async function signByReference(
  client: OciClient,
  digest: string,
  { identity, tlog }: Sigstore,
  about = digest,
  change: (bundle: TestBundle) => unknown = () => undefined,
) {
  const { pair, certificate } = await identity();
  const payloadType = "application/vnd.in-toto+json";
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: about.slice("sha256:".length) } }],
    predicateType: "https://sigstore.dev/cosign/sign/v1",
    predicate: {},
  };
  const payload = Buffer.from(JSON.stringify(statement));
  const encoded = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} ${payload}`);
  const signature = sign("sha256", encoded, pair.privateKey).toString("base64");
  const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  const envelope = { payload: payload.toString("base64"), payloadType, signatures: [{ sig: signature }] };
  const [entry] = Object.values<LogEntry>(
    await tlog.log({
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        envelopeHash: { algorithm: "sha256", value: hash(Buffer.from(JSON.stringify(envelope))) },
        payloadHash: { algorithm: "sha256", value: hash(payload) },
        signatures: [{ signature, verifier: Buffer.from(pemOf(certificate)).toString("base64") }],
      },
    }),
  );
  const proof = entry!.verification!.inclusionProof!;
  const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
  const bundle: TestBundle = {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      certificate: { rawBytes: certificate.toString("base64") },
      tlogEntries: [
        {
          logIndex: String(entry!.logIndex),
          logId: { keyId: base64(entry!.logID) },
          kindVersion: { kind: "dsse", version: "0.0.1" },
          integratedTime: String(entry!.integratedTime),
          inclusionPromise: { signedEntryTimestamp: entry!.verification!.signedEntryTimestamp },
          inclusionProof: {
            logIndex: String(proof.logIndex),
            rootHash: base64(proof.rootHash),
            treeSize: String(proof.treeSize),
            hashes: [],
            checkpoint: { envelope: proof.checkpoint },
          },
          canonicalizedBody: entry!.body,
        },
      ],
    },
    dsseEnvelope: envelope,
  };
  await change(bundle);
  await refer(client, digest, Buffer.from(JSON.stringify(bundle)));
}

export async function refer(client: OciClient, digest: string, bundle: Buffer) {
  const type = "application/vnd.dev.sigstore.bundle.v0.3+json";
  const layer = await client.pushBlob(type, bundle);
  const of = await client.pushManifest("bundle", { artifactType: type, config: layer, layers: [layer] });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  await client.pushManifest(digest.replace(":", "-"), {
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ mediaType, digest: of, size: 1, artifactType: type }],
  });
}
