import { decryptValue } from "./cipher/cipher.js";
import { decryptTree } from "./cipher/decrypt-tree.js";
import { SopsError } from "./errors.js";
import { codecOf, decodeText, type SopsFormat } from "./formats/formats.js";
import { openDataKey } from "./keys/data-key.js";
import type { KeyRing } from "./keys/key-ring.js";
import type { Metadata } from "./metadata/metadata.js";
import { splitMetadata } from "./metadata/split-metadata.js";

/** Flux reads files up to this size. */
export const MAX_BYTES = 5 * 1024 * 1024;

export interface DecryptOptions {
  readonly format: SopsFormat;
  /** What the plaintext is written as; the format of the file where left out. */
  readonly outputFormat?: SopsFormat;
  readonly keys: KeyRing;
  /**
   * How much of the MAC must hold. `whole` (the default): it is that of exactly these values. `seal`: it
   * was made with the file's key; values that are not encrypted may have been changed since, as happens to
   * manifests on their way through a build.
   */
  readonly mac?: "whole" | "seal";
  /** Bytes that are read at most; default 5 MiB. */
  readonly maxBytes?: number;
}

/**
 * Decrypts a file of SOPS: values, each bound to its path, and the comments that are encrypted. Members
 * keep their order.
 *
 * @returns the plaintext as SOPS prints it
 * @throws {SopsError} with the code that says why; never with a value of the file
 */
export async function decrypt(file: Uint8Array, options: DecryptOptions): Promise<Uint8Array> {
  const { format, outputFormat = format, maxBytes = MAX_BYTES } = options;
  if (file.length > maxBytes) {
    throw new SopsError(
      "too-large",
      `cannot decrypt file with size (${file.length} bytes) exceeding limit (${maxBytes})`,
    );
  }
  const codec = codecOf(format);
  const encrypted = splitMetadata(codec.load(decodeText(file)), codec.layout);
  const key = await openDataKey(encrypted.metadata, options.keys);
  const { tree, mac } = decryptTree(encrypted.tree, key, encrypted.metadata);
  checkMac(encrypted.metadata, key, options.mac === "seal" ? undefined : mac);
  return codecOf(outputFormat).print(tree);
}

function checkMac(metadata: Metadata, key: Uint8Array, computed: string | undefined): void {
  const mac = openMac(metadata, key);
  if (mac === "" || (computed !== undefined && mac !== computed)) {
    throw new SopsError(
      "mac-mismatch",
      mac === "" ? "the file has no MAC" : "the MAC of the file is not that of its values",
    );
  }
}

function openMac(metadata: Metadata, key: Uint8Array): string {
  try {
    const value = decryptValue(metadata.mac, key, metadata.lastModified);
    return value.type === "str" ? value.value : "";
  } catch (cause) {
    if (!(cause instanceof SopsError)) throw cause;
    throw new SopsError("mac-mismatch", "the MAC of the file does not authenticate", { cause });
  }
}
