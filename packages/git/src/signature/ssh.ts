import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { SignedPayload } from "../commit.js";
import { GitError } from "../error.js";

/** What an SSH signature says (OpenSSH's PROTOCOL.sshsig). */
interface SshSignature {
  readonly publicKey: Buffer;
  readonly namespace: string;
  readonly reserved: Buffer;
  readonly hash: string;
  readonly format: string;
  readonly signature: Buffer;
  /** What follows the signature in the same blob: flags and counter of a security key. */
  readonly rest: Buffer;
}

const MAGIC = "SSHSIG";
const NAMESPACE = "git";
const CURVES: Readonly<Record<string, { curve: string; hash: string; size: number }>> = {
  "ecdsa-sha2-nistp256": { curve: "P-256", hash: "sha256", size: 32 },
  "ecdsa-sha2-nistp384": { curve: "P-384", hash: "sha384", size: 48 },
  "ecdsa-sha2-nistp521": { curve: "P-521", hash: "sha512", size: 66 },
};

/**
 * Checks an SSH signature made for git by one of `trusted` (lines of public keys, as in `.pub` files or
 * authorized_keys); gives the signer's fingerprint. Throws `GitError` `invalid-signature`.
 */
export function verifySsh(signed: SignedPayload, trusted: readonly string[]): string {
  const signature = parseSshSignature(signed.signature);
  const known = trusted.flatMap(publicKeys).some((key) => key.equals(signature.publicKey));
  if (!known) throw invalid("unable to verify the signature with any of the given public keys");
  if (signature.namespace !== NAMESPACE)
    throw invalid(`the signature is for ${signature.namespace}, not for git`);
  const message = Buffer.concat([
    Buffer.from(MAGIC),
    field(Buffer.from(signature.namespace)),
    field(signature.reserved),
    field(Buffer.from(signature.hash)),
    field(createHash(signature.hash).update(signed.payload).digest()),
  ]);
  if (!isValid(signature, message)) throw invalid("the signature does not match the content");
  return `SHA256:${createHash("sha256").update(signature.publicKey).digest("base64").replace(/=+$/, "")}`;
}

function publicKeys(text: string): Buffer[] {
  return text.split("\n").flatMap((line) => {
    const match = /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+=*)/.exec(
      line.replace(/^\s*#.*/, ""),
    );
    return match?.[2] === undefined ? [] : [Buffer.from(match[2], "base64")];
  });
}

function parseSshSignature(armoured: string): SshSignature {
  const body = /-----BEGIN SSH SIGNATURE-----([\s\S]*?)-----END SSH SIGNATURE-----/.exec(armoured)?.[1];
  const bytes = Buffer.from((body ?? "").replace(/\s+/g, ""), "base64");
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) throw invalid("the signature is malformed");
  const reader = new Reader(bytes.subarray(MAGIC.length));
  if (reader.uint32() !== 1) throw invalid("the signature has an unknown version");
  const publicKey = reader.string();
  const namespace = reader.string().toString("utf8");
  const reserved = reader.string();
  const hash = reader.string().toString("utf8");
  if (hash !== "sha256" && hash !== "sha512") throw invalid(`the signature uses the unknown hash ${hash}`);
  const blob = new Reader(reader.string());
  const format = blob.string().toString("utf8");
  return { publicKey, namespace, reserved, hash, format, signature: blob.string(), rest: blob.rest() };
}

function isValid(signature: SshSignature, message: Buffer): boolean {
  const key = new Reader(signature.publicKey);
  const type = key.string().toString("utf8");
  try {
    switch (type) {
      case "ssh-ed25519":
        return type === signature.format && verify(null, message, ed25519(key.string()), signature.signature);
      case "ssh-rsa": {
        const hash = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" }[signature.format];
        return (
          hash !== undefined && verify(hash, message, rsa(key.string(), key.string()), signature.signature)
        );
      }
      case "sk-ssh-ed25519@openssh.com": {
        const publicKey = ed25519(key.string());
        return (
          type === signature.format && verifySecurityKey(null, publicKey, key.string(), signature, message)
        );
      }
      case "sk-ecdsa-sha2-nistp256@openssh.com": {
        key.string();
        const publicKey = ecdsa("P-256", 32, key.string());
        return (
          type === signature.format &&
          verifySecurityKey("sha256", publicKey, key.string(), signature, message)
        );
      }
      default: {
        const curve = CURVES[type];
        if (curve === undefined || type !== signature.format) return false;
        key.string();
        const publicKey = ecdsa(curve.curve, curve.size, key.string());
        const der = { key: publicKey, dsaEncoding: "ieee-p1363" as const };
        return verify(curve.hash, message, der, rawEcdsa(signature.signature, curve.size));
      }
    }
  } catch (error) {
    if (error instanceof GitError) throw error;
    throw new GitError("invalid-signature", "the signature cannot be checked", { cause: error });
  }
}

/** FIDO keys sign the application's hash, flags and counter beside the message's hash. */
function verifySecurityKey(
  hash: string | null,
  key: KeyObject,
  application: Buffer,
  signature: SshSignature,
  message: Buffer,
): boolean {
  const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
  if (signature.rest.byteLength < 5) return false;
  const signed = Buffer.concat([digest(application), signature.rest.subarray(0, 5), digest(message)]);
  if (hash === null) return verify(null, signed, key, signature.signature);
  return verify(hash, signed, { key, dsaEncoding: "ieee-p1363" }, rawEcdsa(signature.signature, 32));
}

function ed25519(point: Buffer): KeyObject {
  return createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") },
    format: "jwk",
  });
}

function rsa(exponent: Buffer, modulus: Buffer): KeyObject {
  const number = (bytes: Buffer) =>
    bytes.subarray(bytes.findIndex((byte) => byte !== 0)).toString("base64url");
  if (modulus.byteLength < 256) throw invalid("the RSA key is shorter than 2048 bits");
  return createPublicKey({ key: { kty: "RSA", e: number(exponent), n: number(modulus) }, format: "jwk" });
}

function ecdsa(curve: string, size: number, point: Buffer): KeyObject {
  if (point[0] !== 4 || point.byteLength !== 1 + 2 * size) throw invalid("the public key is malformed");
  const x = point.subarray(1, 1 + size).toString("base64url");
  const y = point.subarray(1 + size).toString("base64url");
  return createPublicKey({ key: { kty: "EC", crv: curve, x, y }, format: "jwk" });
}

/** Two SSH integers as the fixed-width pair that node:crypto takes. */
function rawEcdsa(signature: Buffer, size: number): Buffer {
  const reader = new Reader(signature);
  return Buffer.concat(
    [reader.string(), reader.string()].map((integer) => {
      const bytes = integer[0] === 0 ? integer.subarray(1) : integer;
      if (bytes.byteLength > size) throw invalid("the signature is malformed");
      return Buffer.concat([Buffer.alloc(size - bytes.byteLength), bytes]);
    }),
  );
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.byteLength);
  return Buffer.concat([length, bytes]);
}

class Reader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint32(): number {
    if (this.#position + 4 > this.#bytes.byteLength) throw invalid("the signature is cut off");
    const value = this.#bytes.readUInt32BE(this.#position);
    this.#position += 4;
    return value;
  }

  string(): Buffer {
    const length = this.uint32();
    if (this.#position + length > this.#bytes.byteLength) throw invalid("the signature is cut off");
    const value = this.#bytes.subarray(this.#position, this.#position + length);
    this.#position += length;
    return value;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#position);
  }
}

function invalid(message: string): GitError {
  return new GitError("invalid-signature", message);
}
