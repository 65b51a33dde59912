import type { Change } from "./store.js";

export type ChangeListener = (changes: readonly Change[]) => void;

/** Hands batches of changes to listeners in order, also when a listener causes the next batch. */
export class ChangeFeed {
  readonly #listeners = new Set<ChangeListener>();
  readonly #queue: (readonly Change[])[] = [];
  #delivering = false;

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(changes: readonly Change[]): void {
    this.#queue.push(changes);
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) {
        for (const listener of [...this.#listeners]) listener(batch);
      }
    } finally {
      this.#delivering = false;
    }
  }

  close(): void {
    this.#listeners.clear();
  }
}
