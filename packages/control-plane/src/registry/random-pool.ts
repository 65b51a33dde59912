import type { Random } from "@capstan/kube";

const POOL_BYTES = 4_096;

/** Hands out strong random bytes from a larger draw: the same bytes, without a system call for each few. */
export function pooledRandom(random: Random): Random {
  let pool = random.bytes(POOL_BYTES);
  let used = 0;
  return {
    float: () => random.float(),
    bytes: (length) => {
      if (length > POOL_BYTES / 4) return random.bytes(length);
      if (used + length > pool.length) {
        pool = random.bytes(POOL_BYTES);
        used = 0;
      }
      const bytes = pool.subarray(used, used + length);
      used += length;
      return bytes;
    },
  };
}
