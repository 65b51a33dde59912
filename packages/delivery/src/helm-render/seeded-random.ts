import { createCipheriv } from "node:crypto";
import type { Random } from "@capstan/kube";

/** Random values that follow from a seed of 32 bytes, hexadecimal, and nothing else. */
export function seededRandom(seed: string): Random {
  const key = Buffer.alloc(32);
  key.write(seed, "hex");
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const bytes = (length: number) => new Uint8Array(stream.update(Buffer.alloc(length)));
  return { bytes, float: () => Buffer.from(bytes(6)).readUIntBE(0, 6) / 2 ** 48 };
}
