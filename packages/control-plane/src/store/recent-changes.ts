import type { Change } from "./store.js";

/** The newest changes, kept in memory for watchers that were away for a moment only. */
export class RecentChanges {
  readonly #maxBytes: number;
  #changes: Change[] = [];
  #start = 0;
  #bytes = 0;
  #since: number;

  /** Holds every change after revision `since`, as far as `maxBytes` reach. */
  constructor(since: number, maxBytes: number) {
    this.#since = since;
    this.#maxBytes = maxBytes;
  }

  push(change: Change): void {
    this.#changes.push(change);
    this.#bytes += sizeOf(change);
    while (this.#bytes > this.#maxBytes && this.#start < this.#changes.length) {
      const dropped = this.#changes[this.#start++] as Change;
      this.#bytes -= sizeOf(dropped);
      this.#since = dropped.revision;
    }
    if (this.#start > 1_024 && this.#start * 2 > this.#changes.length) {
      this.#changes = this.#changes.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Changes after `revision`, or undefined where they are not all held any more. */
  after(revision: number): readonly Change[] | undefined {
    if (revision < this.#since) return undefined;
    let low = this.#start;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle] as Change).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#changes.slice(low);
  }
}

function sizeOf(change: Change): number {
  return 200 + (change.value?.length ?? 0) + (change.previous?.value.length ?? 0);
}
