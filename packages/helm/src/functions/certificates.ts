import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import type { Clock, Random } from "@capstan/kube";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { type GoInt, GoStruct, type GoValue } from "../value/go-value.js";
import { printValue } from "../value/print.js";
import { corruptBase64 } from "./base64.js";
import { dsaKeyPem } from "./dsa.js";
import { generateRsaKey } from "./rsa-key.js";
import { makeCertificate, readKey } from "./x509.js";

/** A certificate with its key, both PEM. */
class CertificateValue extends GoStruct {
  readonly typeName = "sprig.certificate";
  readonly cert: string;
  readonly key: string;

  constructor(cert: string, key: string) {
    super();
    this.cert = cert;
    this.key = key;
  }

  override field(name: string): GoValue | undefined {
    return name === "Cert" ? this.cert : name === "Key" ? this.key : undefined;
  }

  text(): string {
    return `{${this.cert} ${this.key}}`;
  }

  toPlain(): unknown {
    return { Cert: this.cert, Key: this.key };
  }
}

const day = 24 * 3600 * 1000;

function addresses(list: GoValue): Uint8Array[] {
  return (Array.isArray(list) ? list : []).map((item) => {
    if (typeof item !== "string")
      throw new FunctionError(`error parsing ip: ${printValue(item)} is not a string`);
    const kind = isIP(item);
    if (kind === 0) throw new FunctionError(`error parsing ip: ${item}`);
    return kind === 4 ? Uint8Array.from(item.split(".").map(Number)) : v6(item);
  });
}

function v6(text: string): Uint8Array {
  const host = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [head = "", tail] = host.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const words = [
    ...before,
    ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0),
    ...after,
  ];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

function dnsNames(list: GoValue): string[] {
  return (Array.isArray(list) ? list : []).map((item) => {
    if (typeof item !== "string")
      throw new FunctionError(`error processing alternate dns name: ${printValue(item)} is not a string`);
    return item;
  });
}

function newKey(): KeyObject {
  return generateRsaKey(2048);
}

function keyPem(key: KeyObject): string {
  const type = key.asymmetricKeyType === "ec" ? "sec1" : key.asymmetricKeyType === "rsa" ? "pkcs1" : "pkcs8";
  return String(key.export({ type, format: "pem" }));
}

function parsedKey(text: string): KeyObject {
  try {
    return readKey(text);
  } catch (error) {
    throw new FunctionError("error decoding private key: no PEM data found", { cause: error });
  }
}

/** Sprig's functions that make keys and certificates. */
export function certificateFunctions(
  clock: Clock,
  random: Random,
): Readonly<Record<string, TemplateFunction>> {
  const issue = (
    name: string,
    days: GoInt,
    key: KeyObject,
    options: { isCa?: boolean; ips?: GoValue; names?: GoValue; ca?: CertificateValue },
  ): CertificateValue => {
    const { ca } = options;
    const now = clock.now();
    const cert = makeCertificate(
      {
        commonName: name,
        ips: addresses(options.ips),
        dnsNames: dnsNames(options.names),
        serial: Uint8Array.from([1, ...random.bytes(15)]),
        notBefore: now,
        notAfter: now + Number(days.value) * day,
        isCa: options.isCa === true,
        publicKey: createPublicKey(key),
      },
      ca === undefined ? { certificate: undefined, key } : { certificate: ca.cert, key: parsedKey(ca.key) },
    );
    return new CertificateValue(cert, keyPem(key));
  };
  return {
    genPrivateKey: fn("string", (type: string) => privateKey(type)),
    genCA: fn("string int", (name: string, days: GoInt) => issue(name, days, newKey(), { isCa: true })),
    genCAWithKey: fn("string int string", (name: string, days: GoInt, key: string) =>
      issue(name, days, parsedKey(key), { isCa: true }),
    ),
    genSelfSignedCert: fn("string list list int", (name: string, ips: GoValue, names: GoValue, days: GoInt) =>
      issue(name, days, newKey(), { ips, names }),
    ),
    genSelfSignedCertWithKey: fn(
      "string list list int string",
      (name: string, ips: GoValue, names: GoValue, days: GoInt, key: string) =>
        issue(name, days, parsedKey(key), { ips, names }),
    ),
    genSignedCert: fn(
      "string list list int cert",
      (name: string, ips: GoValue, names: GoValue, days: GoInt, ca: CertificateValue) =>
        issue(name, days, newKey(), { ips, names, ca }),
    ),
    genSignedCertWithKey: fn(
      "string list list int cert string",
      (name: string, ips: GoValue, names: GoValue, days: GoInt, ca: CertificateValue, key: string) =>
        issue(name, days, parsedKey(key), { ips, names, ca }),
    ),
    buildCustomCert: fn("string string", (cert: string, key: string) => {
      const decode = (text: string, what: string): string => {
        if (corruptBase64(text) !== undefined) throw new FunctionError(`unable to decode base64 ${what}`);
        return Buffer.from(text, "base64").toString("utf8");
      };
      const [certText, keyText] = [decode(cert, "certificate"), decode(key, "private key")];
      if (!/-----BEGIN [^-]+-----[\s\S]+-----END [^-]+-----/.test(certText))
        throw new FunctionError("unable to decode certificate");
      return new CertificateValue(certText, keyText);
    }),
  };
}

function privateKey(type: string): string {
  switch (type) {
    case "":
    case "rsa":
      return keyPem(generateRsaKey(4096));
    case "ecdsa":
      return keyPem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    case "ed25519":
      return keyPem(generateKeyPairSync("ed25519").privateKey);
    case "dsa":
      return dsaKeyPem(generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 }));
    default:
      return `Unknown type ${type}`;
  }
}
