import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  type KeyObject,
  X509Certificate,
} from "node:crypto";

/** What a certificate is for. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly ips: readonly Uint8Array[];
  readonly dnsNames: readonly string[];
  readonly serial: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa: boolean;
  readonly publicKey: KeyObject;
}

/** Who signs: a parent's certificate, or nobody for a self-signed one. */
export interface Issuer {
  readonly certificate: string | undefined;
  readonly key: KeyObject;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const size = Buffer.from(
    body.length.toString(16).padStart(body.length > 0xffff ? 6 : body.length > 0xff ? 4 : 2, "0"),
    "hex",
  );
  return Buffer.concat([Buffer.of(tag, 0x80 | size.length), size, body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const octets = (...parts: readonly Uint8Array[]): Buffer => der(0x04, ...parts);
const yes = Buffer.of(1, 1, 0xff);

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Uint8Array.from(bytes));
}

function integer(bytes: Uint8Array): Buffer {
  const trimmed = Buffer.from(bytes.slice(bytes.findIndex((byte) => byte !== 0)));
  return der(0x02, (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed);
}

function time(millis: number): Buffer {
  const digits = new Date(millis).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : der(0x18, Buffer.from(`${digits}Z`));
}

function commonName(name: string): Buffer {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(name);
  return sequence(der(0x31, sequence(oid("2.5.4.3"), der(printable ? 0x13 : 0x0c, Buffer.from(name)))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [yes] : []), octets(value));
}

/** The hash of a public key by which certificates refer to it. */
function keyId(key: KeyObject): Buffer {
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
}

function extensions(request: CertificateRequest, issuer: Issuer): Buffer {
  const usage = request.isCa ? Buffer.of(3, 2, 2, 0xa4) : Buffer.of(3, 2, 5, 0xa0);
  const list = [
    extension("2.5.29.15", true, usage),
    extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"))),
    extension("2.5.29.19", true, request.isCa ? sequence(yes) : sequence()),
  ];
  if (request.isCa) list.push(extension("2.5.29.14", false, octets(keyId(request.publicKey))));
  else if (issuer.certificate !== undefined) {
    list.push(extension("2.5.29.35", false, sequence(der(0x80, keyId(createPublicKey(issuer.certificate))))));
  }
  const names = [
    ...request.dnsNames.map((name) => der(0x82, Buffer.from(name))),
    ...request.ips.map((ip) => der(0x87, ip)),
  ];
  if (names.length > 0) list.push(extension("2.5.29.17", false, sequence(...names)));
  return der(0xa3, sequence(...list));
}

/** The DER subject of a certificate in PEM. */
function subjectOf(certificate: string): Buffer {
  const name = /^CN=(.*)$/m.exec(new X509Certificate(certificate).subject)?.[1] ?? "";
  return commonName(name);
}

/** Makes a certificate as PEM. Throws an Error of node:crypto for a key or parent that cannot be used. */
export function makeCertificate(request: CertificateRequest, issuer: Issuer): string {
  const isEc = issuer.key.asymmetricKeyType === "ec";
  const algorithm = isEc
    ? sequence(oid("1.2.840.10045.4.3.2"))
    : sequence(oid("1.2.840.113549.1.1.11"), Buffer.of(5, 0));
  const subject = commonName(request.commonName);
  const body = sequence(
    der(0xa0, Buffer.of(2, 1, 2)),
    integer(request.serial),
    algorithm,
    issuer.certificate === undefined ? subject : subjectOf(issuer.certificate),
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    request.publicKey.export({ type: "spki", format: "der" }),
    extensions(request, issuer),
  );
  const signature = createSign("sha256").update(body).sign(issuer.key);
  return pem("CERTIFICATE", sequence(body, algorithm, der(0x03, Buffer.of(0), signature)));
}

/** DER as PEM. */
export function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Reads a private key in PEM. */
export function readKey(text: string): KeyObject {
  return createPrivateKey(text);
}
