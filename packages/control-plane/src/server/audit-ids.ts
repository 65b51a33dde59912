import type { Random } from "@capstan/kube";
import { randomUid } from "../handler/object-name.js";

const UID_BYTES = 16;
/** How many ids are made of randomness that was asked for at once: asking costs more than what it gives. */
const BATCH = 256;

/** Makes the ids by which requests are told apart: random UUIDs. */
export class AuditIds {
  readonly #source: Random;
  /** The same randomness, handed out of batches. */
  readonly #batched: Random;
  #bytes: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(random: Random) {
    this.#source = random;
    this.#batched = { float: () => random.float(), bytes: (length) => this.#take(length) };
  }

  next(): string {
    return randomUid(this.#batched);
  }

  #take(length: number): Uint8Array {
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = this.#source.bytes(UID_BYTES * BATCH);
      this.#used = 0;
    }
    this.#used += length;
    return this.#bytes.subarray(this.#used - length, this.#used);
  }
}
