import { createHash, type Hash } from "node:crypto";
import { ArtifactError } from "./error.js";

/** Algorithms that a stored file's digest may use. */
export type DigestAlgorithm = "sha256" | "sha384" | "sha512" | "sha1";

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = {
  sha1: 40,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

/** A digest taken apart. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

/**
 * Reads `<algorithm>:<hex>`; throws `ArtifactError` `corrupt` for an unknown algorithm or a checksum of
 * the wrong length.
 */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(":");
  const algorithm = text.slice(0, colon);
  const hex = text.slice(colon + 1);
  if (!isAlgorithm(algorithm))
    throw new ArtifactError("corrupt", `unsupported digest algorithm in "${text}"`);
  if (hex.length !== HEX_LENGTH[algorithm] || !/^[0-9a-f]+$/.test(hex)) {
    throw new ArtifactError("corrupt", `malformed digest "${text}"`);
  }
  return { algorithm, hex };
}

/** The digest of `bytes` as `<algorithm>:<hex>`. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** A running digest: `update` takes bytes, `text` ends it as `<algorithm>:<hex>`. */
export class Digester {
  readonly #algorithm: DigestAlgorithm;
  readonly #hash: Hash;
  #bytes = 0;

  constructor(algorithm: DigestAlgorithm = "sha256") {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  update(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    this.#hash.update(chunk);
  }

  text(): string {
    return `${this.#algorithm}:${this.#hash.digest("hex")}`;
  }
}

function isAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(HEX_LENGTH, text);
}
