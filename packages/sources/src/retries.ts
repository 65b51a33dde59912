import { backoffDelay, DEFAULT_BACKOFF, formatKey } from "@capstan/controller";
import type { ObjectKey, Random } from "@capstan/kube";

/** Counts failures in a row per object, for exponential pauses between attempts. */
export class Retries {
  readonly #failures = new Map<string, number>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The pause after one more failure, in milliseconds. */
  failed(key: ObjectKey): number {
    const name = formatKey(key);
    const failures = (this.#failures.get(name) ?? 0) + 1;
    this.#failures.set(name, failures);
    return backoffDelay(failures, DEFAULT_BACKOFF, this.#random);
  }

  succeeded(key: ObjectKey): void {
    this.#failures.delete(formatKey(key));
  }
}
