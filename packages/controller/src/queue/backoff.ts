import type { Random } from "@capstan/kube";

/** How long to wait after the n-th failure in a row. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Up to this share of the delay is added at random, so that what failed together retries apart. */
  readonly jitter: number;
}

/** The defaults of Flux: 750 ms doubling up to 15 minutes. */
export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 750, maxMs: 15 * 60_000, jitter: 0.1 };

/** Delay before attempt `failures + 1`; `failures` counts from 1. */
export function backoffDelay(failures: number, options: BackoffOptions, random: Random): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 52);
  const delay = Math.min(options.baseMs * 2 ** exponent, options.maxMs);
  return Math.round(delay * (1 + options.jitter * random.float()));
}

/** `interval` moved by up to `share` in either direction, as Flux spreads its intervals. */
export function jittered(intervalMs: number, share: number, random: Random): number {
  return Math.round(intervalMs * (1 + share * (2 * random.float() - 1)));
}
