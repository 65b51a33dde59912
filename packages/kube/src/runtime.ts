/** Time as everything below the composition root sees it, so that tests can hold the clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds, with fractions, of a clock that is never set; absent where `now` has to do. */
  elapsed?(): number;
  /** Runs `callback` once after `ms`; the returned function cancels it. Does not keep the process up. */
  after(ms: number, callback: () => void): () => void;
}

/** Randomness as everything below the composition root sees it. */
export interface Random {
  /** A float in [0, 1). */
  float(): number;
  /** Cryptographically strong bytes. */
  bytes(length: number): Uint8Array;
}
