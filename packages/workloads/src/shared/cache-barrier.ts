import type { Informer } from "@capstan/controller";
import type { Clock, KubeObject } from "@capstan/kube";

/** How long a run waits for the cache to show what it wrote. */
const timeoutMs = 5_000;

/**
 * Lets a run wait until the cache shows the objects that it created, so that the next run of the same key
 * counts them. Without this a controller would create them twice.
 */
export class CacheBarrier<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, () => void>();

  constructor(informer: Informer<T>, clock: Clock) {
    this.#informer = informer;
    this.#clock = clock;
    informer.subscribe(({ object }) => {
      const { uid } = object.metadata;
      if (uid !== undefined) this.#waiting.get(uid)?.();
    });
  }

  /** Resolves when every object was seen, or after a while without. */
  async seen(objects: readonly T[]): Promise<void> {
    await Promise.all(objects.map((object) => this.#one(object)));
  }

  #one(object: T): Promise<void> {
    const { uid } = object.metadata;
    if (uid === undefined || this.#informer.get(object.metadata)?.metadata.uid === uid)
      return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        cancel();
        this.#waiting.delete(uid);
        resolve();
      };
      const cancel = this.#clock.after(timeoutMs, finish);
      this.#waiting.set(uid, finish);
    });
  }
}
