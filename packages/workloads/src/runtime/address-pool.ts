/** Hands out the addresses of a /16 network, each to one pod at a time. */
export class AddressPool {
  readonly #prefix: string;
  readonly #used = new Map<string, string>();
  #next = 2;

  /** `prefix` is the first two numbers of the addresses: `10.244`. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /**
   * An address for a pod: the one it had, where that is free.
   *
   * @throws {Error} where all 65,000 are taken
   */
  take(uid: string, wanted: string | undefined): string {
    if (wanted !== undefined && (this.#used.get(wanted) ?? uid) === uid) {
      this.#used.set(wanted, uid);
      return wanted;
    }
    for (let tried = 0; tried < 65_000; tried++) {
      const number = this.#next;
      this.#next = number >= 65_000 ? 2 : number + 1;
      const address = `${this.#prefix}.${number >> 8}.${number & 255}`;
      if ((number & 255) === 0 || (number & 255) === 255 || this.#used.has(address)) continue;
      this.#used.set(address, uid);
      return address;
    }
    throw new Error(`no address is free in ${this.#prefix}.0.0/16`);
  }

  release(address: string, uid: string): void {
    if (this.#used.get(address) === uid) this.#used.delete(address);
  }
}
