/** Limits a rate over all items: `perSecond` on average, `burst` at once. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #updated: number | undefined;

  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes a token that may lie in the future; returns how long to wait for it, in ms. */
  reserve(now: number): number {
    const elapsed = this.#updated === undefined ? 0 : Math.max(0, now - this.#updated);
    this.#updated = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed * this.#perMs) - 1;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs);
  }

  /** Takes a token if one is there now. */
  tryTake(now: number): boolean {
    if (this.reserve(now) === 0) return true;
    this.#tokens += 1;
    return false;
  }
}
