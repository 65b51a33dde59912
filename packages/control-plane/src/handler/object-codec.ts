import type { KubeObject } from "@capstan/kube";
import { RecentlyDecoded } from "./recently-decoded.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Encoded size of the decoded objects that are kept. */
const KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Stored bytes ↔ objects. Bytes are the JSON that clients are served, with `kind` and `apiVersion` in
 * front. Objects are remembered for a while by the identity of their bytes, so that a write, its watchers
 * and soon after its readers share one object.
 */
export class ObjectCodec {
  readonly #decoded = new RecentlyDecoded(KEPT_BYTES);
  readonly #seal: (object: KubeObject) => KubeObject;

  /** `seal` sees every object that leaves the codec; tests freeze there. */
  constructor(seal: (object: KubeObject) => KubeObject = (object) => object) {
    this.#seal = seal;
  }

  encode(object: KubeObject): Uint8Array {
    const { kind, apiVersion, metadata } = object;
    const [first, second, third] = Object.keys(object);
    const ordered =
      first === "kind" && second === "apiVersion" && third === "metadata"
        ? object
        : { ...{ kind, apiVersion, metadata }, ...object };
    const bytes = encoder.encode(JSON.stringify(ordered));
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
