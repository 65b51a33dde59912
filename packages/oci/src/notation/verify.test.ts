import { constants, createPrivateKey, type KeyObject, sign, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { pushArtifact } from "../artifact.js";
import { OciClient } from "../client.js";
import { testRegistry } from "../testing/registry.js";
import { COSE_TYPE, JWS_TYPE } from "./envelope.js";
import { verifyNotation } from "./verify.js";

const HOUR = 3_600_000;
const NOW = Date.now();
const SCHEME = "io.cncf.notary.signingScheme";
const SIGNING_TIME = "io.cncf.notary.signingTime";
const EXPIRY = "io.cncf.notary.expiry";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

interface Signer {
  readonly chain: readonly Buffer[];
  readonly key: KeyObject;
  readonly rootPem: string;
  readonly rsa: boolean;
}

/** An authority with a signer below it. */
async function signer(
  options: { rsa?: boolean; from?: number; until?: number; eku?: string; ocsp?: boolean } = {},
): Promise<Signer> {
  const { from = NOW - HOUR, until = NOW + HOUR, eku = "1.3.6.1.5.5.7.3.3" } = options;
  const algorithm = options.rsa === true ? RSA : EC;
  const pair = () =>
    webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
  const [ca, leaf] = [await pair(), await pair()];
  const validity = { notBefore: new Date(from), notAfter: new Date(until) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=root, O=Example, ST=WA, C=US",
    keys: ca,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  const access = new x509.AuthorityInfoAccessExtension({ ocsp: "http://ocsp.example" });
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: "02",
    subject: "CN=signer, O=Example, ST=WA, C=US",
    issuer: root.subject,
    publicKey: leaf.publicKey,
    signingKey: ca.privateKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.ExtendedKeyUsageExtension([eku]), ...(options.ocsp === true ? [access] : [])],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", leaf.privateKey));
  return {
    chain: [Buffer.from(certificate.rawData), Buffer.from(root.rawData)],
    key: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }),
    rootPem: root.toString("pem"),
    rsa: options.rsa === true,
  };
}

function rawSignature({ key, rsa }: Signer, signed: Buffer): Buffer {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return sign("sha256", signed, rsa ? { key, ...pss } : { key, dsaEncoding: "ieee-p1363" });
}

type Headers = Record<string, unknown>;

function jws(own: Signer, payload: string, changes: Headers = {}): Buffer {
  const protectedHeaders = {
    alg: own.rsa ? "PS256" : "ES256",
    cty: "application/vnd.cncf.notary.payload.v1+json",
    crit: [SCHEME],
    [SCHEME]: "notary.x509",
    [SIGNING_TIME]: new Date(NOW).toISOString(),
    ...changes,
  };
  const encode = (text: string) => Buffer.from(text).toString("base64url");
  const [head, body] = [encode(JSON.stringify(protectedHeaders)), encode(payload)];
  const signature = rawSignature(own, Buffer.from(`${head}.${body}`)).toString("base64url");
  const header = { x5c: own.chain.map((der) => der.toString("base64")) };
  return Buffer.from(JSON.stringify({ payload: body, protected: head, header, signature }));
}

/** As much of CBOR's encoder as the other format needs. */
function cbor(value: unknown): Buffer {
  const head = (major: number, length: number) => {
    const kind = major << 5;
    if (length < 24) return Buffer.from([kind | length]);
    if (length < 0x100) return Buffer.from([kind | 24, length]);
    if (length < 0x10000) return Buffer.from([kind | 25, length >> 8, length & 0xff]);
    const long = Buffer.from([kind | 26, 0, 0, 0, 0]);
    long.writeUInt32BE(length, 1);
    return long;
  };
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
  const { tag, of } = value as { tag: number; of: unknown };
  return Buffer.concat([head(6, tag), cbor(of)]);
}

function cose(own: Signer, payload: string): Buffer {
  const protectedHeaders = cbor(
    new Map<unknown, unknown>([
      [1, own.rsa ? -37 : -7],
      [2, [SCHEME]],
      [3, "application/vnd.cncf.notary.payload.v1+json"],
      [SCHEME, "notary.x509"],
      [SIGNING_TIME, { tag: 1, of: Math.floor(NOW / 1000) }],
    ]),
  );
  const body = Buffer.from(payload);
  const signature = rawSignature(own, cbor(["Signature1", protectedHeaders, Buffer.alloc(0), body]));
  return cbor({ tag: 18, of: [protectedHeaders, new Map([[33, own.chain]]), body, signature] });
}

async function artifact() {
  const registry = await testRegistry();
  const client = new OciClient({ url: `oci://${registry.host}/team/app`, insecure: true, push: true });
  const digest = await pushArtifact(client, { tag: "v1", layer: Buffer.from("content") });
  const { bytes, mediaType } = await client.rawManifest(digest);
  const payload = JSON.stringify({ targetArtifact: { mediaType, digest, size: bytes.length } });
  const attach = async (type: string, envelope: Buffer) => {
    const layer = await client.pushBlob(type, envelope);
    const artifactType = "application/vnd.cncf.notary.signature";
    const of = await client.pushManifest("signature", { artifactType, config: layer, layers: [layer] });
    await client.pushManifest(digest.replace(":", "-"), {
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [{ mediaType, digest: of, size: 1, artifactType }],
    });
  };
  return { client, digest, payload, attach, repository: `${registry.host}/team/app` };
}

const policyOf = (statement: object = {}) =>
  JSON.stringify({
    version: "1.0",
    trustPolicies: [
      {
        name: "all",
        registryScopes: ["*"],
        signatureVerification: { level: "strict" },
        trustStores: ["ca:mine"],
        trustedIdentities: ["*"],
        ...statement,
      },
    ],
  });

let own: Signer;
beforeAll(async () => {
  own = await signer();
});

const verify = (
  { client, digest }: Awaited<ReturnType<typeof artifact>>,
  statement: object = {},
  certificates = [own.rootPem],
) => verifyNotation(client, digest, { policy: policyOf(statement), certificates, now: NOW });

describe("verifyNotation", () => {
  it.each([
    [JWS_TYPE, jws, false],
    [COSE_TYPE, cose, false],
    [JWS_TYPE, jws, true],
    [COSE_TYPE, cose, true],
  ])("takes %s by somebody below a trusted certificate, and nothing else", async (type, make, rsa) => {
    const signed = await artifact();
    await expect(verify(signed)).rejects.toThrow("no signature is associated with");
    const by = rsa ? await signer({ rsa }) : own;
    await signed.attach(type, make(by, signed.payload));
    expect(await verify(signed, {}, [by.rootPem])).toBe("verified");
    await expect(verify(signed, {}, [(await signer()).rootPem])).rejects.toThrow(
      "not produced by a trusted signer",
    );
    await expect(verify(signed, {}, ["nonsense"])).rejects.toMatchObject({ code: "invalid-credentials" });
  });

  it.each([
    ["its subject", { trustedIdentities: ["x509.subject: C=US, ST=WA, O=Example"] }],
    ["its repository", { registryScopes: "own" }],
  ])("takes one that the policy names by %s", async (_name, statement) => {
    const signed = await artifact();
    await signed.attach(JWS_TYPE, jws(own, signed.payload));
    const scoped = "registryScopes" in statement ? { registryScopes: [signed.repository] } : statement;
    expect(await verify(signed, scoped)).toBe("verified");
  });

  it.each<[string, object, string]>([
    [
      "another subject",
      { trustedIdentities: ["x509.subject: C=US, ST=WA, O=Other"] },
      "does not match the X.509 trusted identities",
    ],
    ["another repository", { registryScopes: ["example.com/other"] }, "no applicable trust policy statement"],
    ["another kind of store", { trustStores: ["signingAuthority:x"] }, "no trusted certificates"],
    ["time stamps", { trustStores: ["ca:x", "tsa:x"] }, "time stamps by authorities cannot be verified"],
  ])("refuses one where the policy asks for %s", async (_name, statement, text) => {
    const signed = await artifact();
    await signed.attach(JWS_TYPE, jws(own, signed.payload));
    await expect(verify(signed, statement)).rejects.toThrow(text);
  });

  it("is as strict as the policy's level", async () => {
    const signed = await artifact();
    const late = await signer({ from: NOW - 3 * HOUR, until: NOW - HOUR, ocsp: true });
    const expired = { crit: [SCHEME, EXPIRY], [EXPIRY]: new Date(NOW - HOUR).toISOString() };
    await signed.attach(JWS_TYPE, jws(late, signed.payload, expired));
    const level = (name: string, override: object = {}) =>
      verify(signed, { signatureVerification: { level: name, override } }, [late.rootPem]);
    await expect(level("strict")).rejects.toThrow("digital signature has expired");
    await expect(level("strict", { expiry: "log" })).rejects.toThrow("is not valid at");
    await expect(level("strict", { expiry: "log", authenticTimestamp: "log" })).rejects.toThrow(
      "revocation status is unknown",
    );
    expect(await level("strict", { expiry: "log", authenticTimestamp: "log", revocation: "skip" })).toBe(
      "verified",
    );
    expect(await level("permissive")).toBe("verified");
    const stranger = [own.rootPem];
    expect(await verify(signed, { signatureVerification: { level: "audit" } }, stranger)).toBe("ignored");
    expect(await verify(signed, { signatureVerification: { level: "skip" } }, stranger)).toBe("ignored");
  });

  it.each<[string, (payload: string) => Promise<Buffer>, string]>([
    [
      "about something else",
      async () => jws(own, JSON.stringify({ targetArtifact: { digest: "sha256:0" } })),
      "content descriptor mismatch",
    ],
    [
      "with another size",
      async (payload) => jws(own, payload.replace(/"size":\d+/, '"size":1')),
      "content descriptor mismatch",
    ],
    ["of another type", async (payload) => jws(own, payload, { cty: "text/plain" }), "not supported"],
    ["by another algorithm", async (payload) => jws(own, payload, { alg: "ES384" }), "signature is invalid"],
    ["without an algorithm", async (payload) => jws(own, payload, { alg: "none" }), "signature is invalid"],
    [
      "with another payload",
      async (payload) =>
        Buffer.from(
          JSON.stringify({
            ...JSON.parse(jws(own, "{}").toString()),
            payload: Buffer.from(payload).toString("base64url"),
          }),
        ),
      "signature is invalid",
    ],
    [
      "that wants a plugin",
      async (payload) => jws(own, payload, { crit: [SCHEME, "io.cncf.notary.verificationPlugin"] }),
      "needs what is not known here",
    ],
    [
      "whose scheme is not critical",
      async (payload) => jws(own, payload, { crit: [] }),
      "not marked as critical",
    ],
    [
      "by a server's certificate",
      async (payload) => jws(await signer({ eku: "1.3.6.1.5.5.7.3.1" }), payload),
      "not meant for signing code",
    ],
    [
      "with a chain that is none",
      async (payload) => jws({ ...own, chain: [own.chain[0]!, (await signer()).chain[1]!] }, payload),
      "are no chain",
    ],
    [
      "without certificates",
      async (payload) => jws({ ...own, chain: [] }, payload),
      "certificate chain is not present",
    ],
    ["that is none", async () => Buffer.from("{}"), "malformed"],
  ])("refuses one %s", async (_name, make, text) => {
    const signed = await artifact();
    await signed.attach(JWS_TYPE, await make(signed.payload));
    await expect(verify(signed)).rejects.toThrow(text);
  });

  it.each(["", "00", "d28443a10126a0", `${"81".repeat(40)}00`, "9f00ff", "5b7fffffffffffffff", "bf"])(
    "refuses %s for CBOR",
    async (hex) => {
      const signed = await artifact();
      await signed.attach(COSE_TYPE, Buffer.from(hex, "hex"));
      await expect(verify(signed)).rejects.toMatchObject({ code: "unverified" });
    },
  );

  it.each<[object | string, string]>([
    ["{", "no JSON object"],
    [{ version: "2.0" }, "unsupported version"],
    [{ version: "1.0", trustPolicies: [] }, "zero trust policy statements"],
    [{ name: "" }, "missing a name"],
    [{ registryScopes: [] }, "zero registry scopes"],
    [{ registryScopes: ["*", "a/b"] }, "wildcard beside other scopes"],
    [{ registryScopes: ["a"] }, "no repository"],
    [{ signatureVerification: { level: "lax" } }, "invalid verification level"],
    [{ signatureVerification: { level: "strict", override: { integrity: "log" } } }, 'overrides "integrity"'],
    [{ signatureVerification: { level: "strict", override: { expiry: "skip" } } }, 'has the action "skip"'],
    [{ signatureVerification: { level: "skip", override: { expiry: "log" } } }, "customizes"],
    [{ trustStores: [] }, "missing trust stores"],
    [{ trustStores: ["x"] }, "malformed trust store"],
    [{ trustedIdentities: ["*", "x509.subject: C=US"] }, "wildcard trusted identity"],
    [{ trustedIdentities: ["x509.subject: C=US"] }, "the attribute ST is missing"],
    [{ trustedIdentities: ["x509.subject: C=US, C=DE"] }, "given twice"],
  ])("refuses the policy %j", async (change, text) => {
    const { client, digest } = await artifact();
    const whole =
      typeof change === "string" ? change : "version" in change ? JSON.stringify(change) : policyOf(change);
    const checking = verifyNotation(client, digest, { policy: whole, certificates: [own.rootPem], now: NOW });
    await expect(checking).rejects.toMatchObject({
      code: "invalid-credentials",
      message: expect.stringContaining(text),
    });
  });
});
