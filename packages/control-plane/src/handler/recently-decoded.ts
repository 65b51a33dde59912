import type { KubeObject } from "@capstan/kube";

/**
 * Objects by the identity of their bytes, the ones used last. Two generations stand in for an order of
 * use: once the younger one is full, what only the older one holds is forgotten. Bounded on purpose: a
 * decoded object takes several times the memory of its bytes, and history keeps many bytes alive.
 */
export class RecentlyDecoded {
  readonly #maxBytes: number;
  #young = new Map<Uint8Array, KubeObject>();
  #old = new Map<Uint8Array, KubeObject>();
  #youngBytes = 0;

  /** Holds objects of at least `maxBytes` of encoded size, and at most twice that. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(bytes: Uint8Array): KubeObject | undefined {
    const young = this.#young.get(bytes);
    if (young !== undefined) return young;
    const old = this.#old.get(bytes);
    if (old !== undefined) this.set(bytes, old);
    return old;
  }

  set(bytes: Uint8Array, object: KubeObject): void {
    this.#young.set(bytes, object);
    this.#youngBytes += bytes.length;
    if (this.#youngBytes <= this.#maxBytes) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}
