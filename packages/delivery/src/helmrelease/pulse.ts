/** Tells whoever waits for an owner's objects that something about one of them changed. */
export class Pulse {
  readonly #listeners = new Map<string, Set<() => void>>();

  beat(owner: string): void {
    for (const listener of this.#listeners.get(owner) ?? []) listener();
  }

  /** Calls `listener` at every change until the returned function is called. */
  listen(owner: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(owner) ?? new Set();
    this.#listeners.set(owner, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(owner);
    };
  }
}
