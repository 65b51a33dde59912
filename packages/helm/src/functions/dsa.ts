import type { KeyObject } from "node:crypto";
import { pem } from "./x509.js";

interface Element {
  readonly tag: number;
  /** The element with its head. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** The elements of a DER sequence's content (X.690). */
function elements(der: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length; ) {
    const short = der[at + 1] ?? 0;
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
    const size = lengthBytes === 0 ? short : der.readUIntBE(at + 2, lengthBytes);
    const start = at + 2 + lengthBytes;
    found.push({
      tag: der[at] ?? 0,
      whole: der.subarray(at, start + size),
      content: der.subarray(start, start + size),
    });
    at = start + size;
  }
  return found;
}

function inside(element: Element | undefined): Element[] {
  return element === undefined ? [] : elements(element.content);
}

function sequence(parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(4);
  head.writeUInt8(0x30, 0);
  head.writeUInt8(0x82, 1);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** A DSA key as OpenSSL's traditional format has it: version, p, q, g, y, x. */
export function dsaKeyPem(pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): string {
  const [, algorithm, secret] = inside(elements(pair.privateKey.export({ type: "pkcs8", format: "der" }))[0]);
  const [, bits] = inside(elements(pair.publicKey.export({ type: "spki", format: "der" }))[0]);
  const parameters = inside(inside(algorithm)[1]).map(({ whole }) => whole);
  // A bit string starts with the number of bits that do not count.
  const open = bits?.content.subarray(1) ?? Buffer.alloc(0);
  const version = Buffer.from([2, 1, 0]);
  return pem("DSA PRIVATE KEY", sequence([version, ...parameters, open, secret?.content ?? Buffer.alloc(0)]));
}
