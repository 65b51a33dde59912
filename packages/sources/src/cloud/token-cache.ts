/** Something that stops being valid. */
export interface Expiring {
  /** Epoch ms. */
  readonly expires: number;
}

const MARGIN_MS = 5 * 60_000;
const KEPT = 100;

/** Keeps what clouds give out until shortly before it expires, an entry per who asks for what. */
export class TokenCache {
  readonly #kept = new Map<string, Expiring>();

  /** What is kept under `key`, or what `fetch` gives. */
  async get<T extends Expiring>(key: string, now: number, fetch: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    // Keys are made of what is asked for, so that one of another kind cannot be found.
    if (known !== undefined && known.expires - MARGIN_MS > now) return known as T;
    const fresh = await fetch();
    this.#kept.delete(key);
    this.#kept.set(key, fresh);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return fresh;
  }
}
