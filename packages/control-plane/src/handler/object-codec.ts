import type { KubeObject } from "@capstan/kube";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Stored bytes ↔ objects. Bytes are the JSON that clients are served, with `kind` and `apiVersion` in
 * front. Decoded objects are remembered by the identity of their bytes, so that a write, its watchers
 * and later readers share one object.
 */
export class ObjectCodec {
  readonly #decoded = new WeakMap<Uint8Array, KubeObject>();
  readonly #seal: (object: KubeObject) => KubeObject;

  /** `seal` sees every object that leaves the codec; tests freeze there. */
  constructor(seal: (object: KubeObject) => KubeObject = (object) => object) {
    this.#seal = seal;
  }

  encode(object: KubeObject): Uint8Array {
    const { kind, apiVersion, metadata, ...rest } = object;
    const bytes = encoder.encode(JSON.stringify({ kind, apiVersion, metadata, ...rest }));
    this.#decoded.set(bytes, this.#seal(object));
    return bytes;
  }

  decode(bytes: Uint8Array): KubeObject {
    const known = this.#decoded.get(bytes);
    if (known !== undefined) return known;
    const object = this.#seal(JSON.parse(decoder.decode(bytes)) as KubeObject);
    this.#decoded.set(bytes, object);
    return object;
  }
}
