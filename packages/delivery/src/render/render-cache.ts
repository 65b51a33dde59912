import type { Rendered } from "./desired-object.js";

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Renders by what they were made of; the least recently used go first when they grow too large. */
export class RenderCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, { readonly rendered: Rendered; readonly bytes: number }>();
  #bytes = 0;

  constructor(maxBytes: number = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Rendered | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.rendered;
  }

  set(key: string, rendered: Rendered): void {
    this.#remove(key);
    const bytes = rendered.objects.reduce((sum, object) => sum + object.json.length + 500, 0);
    this.#entries.set(key, { rendered, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
