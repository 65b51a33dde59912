import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";
import type { Random } from "@capstan/kube";
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, time, utf8 } from "./der.js";

/** A certificate with its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** `O` values: what Kubernetes takes as groups. */
  readonly organizations?: readonly string[];
  /** DNS names and addresses that the certificate serves. */
  readonly hosts?: readonly string[];
  readonly use: "authority" | "server" | "client";
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const DIGITAL_SIGNATURE = bits(Uint8Array.of(0x80), 7);
const SIGN_CERTIFICATES = bits(Uint8Array.of(0x06), 1);

/**
 * Makes a P-256 key and an X.509 v3 certificate (RFC 5280) for it, signed by `issuer`; without one the
 * certificate signs itself.
 */
export function issueCertificate(
  request: CertificateRequest,
  random: Random,
  issuer?: { readonly pair: KeyPair; readonly commonName: string },
): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.pair.key);
  const publicInfo = publicKey.export({ type: "spki", format: "der" });
  const serial = Uint8Array.from(random.bytes(16));
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(serial),
    ECDSA_WITH_SHA256,
    issuer === undefined ? subject(request) : subject({ commonName: issuer.commonName }),
    sequence(time(request.notBefore), time(request.notAfter)),
    subject(request),
    publicInfo,
    explicit(3, sequence(...extensions(request, publicInfo))),
  );
  const signature = sign("sha256", body, signer);
  const certificate = sequence(body, ECDSA_WITH_SHA256, bits(signature));
  return {
    certificate: pem("CERTIFICATE", certificate),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function subject(of: Pick<CertificateRequest, "commonName" | "organizations">): Uint8Array {
  const attribute = (type: string, value: string) => set(sequence(oid(type), utf8(value)));
  return sequence(
    ...(of.organizations ?? []).map((organization) => attribute("2.5.4.10", organization)),
    attribute("2.5.4.3", of.commonName),
  );
}

function extensions(request: CertificateRequest, publicInfo: Uint8Array): readonly Uint8Array[] {
  const authority = request.use === "authority";
  const keyId = createHash("sha1").update(publicInfo).digest();
  const found = [
    extension("2.5.29.15", true, authority ? SIGN_CERTIFICATES : DIGITAL_SIGNATURE),
    extension("2.5.29.19", true, authority ? sequence(boolean(true)) : sequence()),
    extension("2.5.29.14", false, octets(keyId)),
  ];
  if (!authority) {
    const purpose = request.use === "server" ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2";
    found.push(extension("2.5.29.37", false, sequence(oid(purpose))));
  }
  if (request.hosts !== undefined && request.hosts.length > 0) {
    found.push(extension("2.5.29.17", false, sequence(...request.hosts.map(alternativeName))));
  }
  return found;
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function alternativeName(host: string): Uint8Array {
  const version = isIP(host);
  return version === 0 ? implicit(2, Buffer.from(host)) : implicit(7, addressBytes(host, version));
}

function addressBytes(address: string, version: number): Uint8Array {
  if (version === 4) return Uint8Array.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groups = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return Uint8Array.from([...front, ...middle, ...back].flatMap((group) => [group >>> 8, group & 0xff]));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
