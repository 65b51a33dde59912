import type { Random } from "@capstan/kube";
import { randomUid } from "../handler/object-name.js";

const UID_BYTES = 16;
/** How many ids are made of randomness that was asked for at once: asking costs more than what it gives. */
const BATCH = 256;

/** Makes the ids by which requests are told apart: random UUIDs. */
export class AuditIds {
  readonly #random: Random;
  #bytes: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    return randomUid({ float: () => this.#random.float(), bytes: (length) => this.#take(length) });
  }

  #take(length: number): Uint8Array {
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = this.#random.bytes(UID_BYTES * BATCH);
      this.#used = 0;
    }
    this.#used += length;
    return this.#bytes.subarray(this.#used - length, this.#used);
  }
}
