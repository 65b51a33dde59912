import { createHash } from "node:crypto";
import { blake3 } from "@noble/hashes/blake3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ArtifactError } from "./error.js";

/** Algorithms that a stored file's digest may use. */
export type DigestAlgorithm = "sha256" | "sha384" | "sha512" | "blake3" | "sha1";

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = {
  sha1: 40,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  blake3: 64,
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
  const hash = hashOf(algorithm);
  hash.update(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
  return `${algorithm}:${hash.hex()}`;
}

interface RunningHash {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Node has no BLAKE3. */
function hashOf(algorithm: DigestAlgorithm): RunningHash {
  if (algorithm === "blake3") {
    const hash = blake3.create();
    return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
  }
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}

/** A running digest: `update` takes bytes, `text` ends it as `<algorithm>:<hex>`. */
export class Digester {
  readonly #algorithm: DigestAlgorithm;
  readonly #hash: RunningHash;
  #bytes = 0;

  constructor(algorithm: DigestAlgorithm = "sha256") {
    this.#algorithm = algorithm;
    this.#hash = hashOf(algorithm);
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
    return `${this.#algorithm}:${this.#hash.hex()}`;
  }
}

function isAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(HEX_LENGTH, text);
}
