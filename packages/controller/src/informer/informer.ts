import type { KubeObject, ObjectKey, TypeMeta } from "@capstan/kube";
import { formatKey, isAtLeast, keyOf } from "./object-key.js";
import { type IndexFunction, ObjectStore } from "./object-store.js";

/** What became of one object, as a cache saw it. */
export type InformerEvent<T extends KubeObject = KubeObject> =
  | { readonly type: "added"; readonly object: T; readonly initial: boolean }
  | { readonly type: "updated"; readonly object: T; readonly previous: T }
  | { readonly type: "deleted"; readonly object: T };

export type InformerHandler<T extends KubeObject = KubeObject> = (event: InformerEvent<T>) => void;

/** A cache of one kind that follows the API by watch. Objects are shared: never change them. */
export interface Informer<T extends KubeObject = KubeObject> {
  readonly type: TypeMeta;
  /** Whether the cache holds all that was there when it started. */
  readonly synced: boolean;
  readonly size: number;
  /** Resolves once synced; rejects with the signal's reason. */
  waitForSync(signal?: AbortSignal): Promise<void>;
  get(key: { readonly namespace?: string | undefined; readonly name: string }): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  byIndex(index: string, value: string): readonly T[];
  /** Objects with an owner reference to this uid. */
  byOwner(uid: string): readonly T[];
  addIndex(name: string, values: IndexFunction<T>): void;
  /** Calls `handler` with every object there is and every change from then on; returns the way out. */
  subscribe(handler: InformerHandler<T>): () => void;
  /**
   * Takes in an object that a write returned, so that the cache is never behind its own writer. Older
   * ones than what is there are ignored, and the watch event that follows is no news.
   */
  observe(object: T): void;
}

const NAMESPACE_INDEX = "namespace";
const OWNER_INDEX = "owner";

/** The cache behind an informer: the reflector feeds it, subscribers hear of what changed. */
export class InformerCache<T extends KubeObject> implements Informer<T> {
  readonly type: TypeMeta;
  readonly #store = new ObjectStore<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #transform: (object: T) => T;
  readonly #onFailure: (error: unknown) => void;
  #syncWaiters: (() => void)[] = [];
  #synced = false;

  constructor(type: TypeMeta, transform: (object: T) => T, onFailure: (error: unknown) => void) {
    this.type = type;
    this.#transform = transform;
    this.#onFailure = onFailure;
  }

  get synced(): boolean {
    return this.#synced;
  }

  get size(): number {
    return this.#store.size;
  }

  waitForSync(signal?: AbortSignal): Promise<void> {
    if (this.#synced) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason);
      if (signal?.aborted === true) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      this.#syncWaiters.push(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
    });
  }

  get(key: ObjectKey | { readonly namespace?: string | undefined; readonly name: string }): T | undefined {
    return this.#store.get(formatKey(key));
  }

  list(namespace?: string): readonly T[] {
    if (namespace === undefined) return [...this.#store.values()];
    this.#store.addIndex(NAMESPACE_INDEX, namespaceOf);
    return this.#store.byIndex(NAMESPACE_INDEX, namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value);
  }

  byOwner(uid: string): readonly T[] {
    this.#store.addIndex(OWNER_INDEX, ownerUids);
    return this.#store.byIndex(OWNER_INDEX, uid);
  }

  addIndex(name: string, values: IndexFunction<T>): void {
    this.#store.addIndex(name, values);
  }

  subscribe(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#store.values()) this.#tell(handler, { type: "added", object, initial: true });
    return () => {
      this.#handlers.delete(handler);
    };
  }

  observe(object: T): void {
    const current = this.#store.get(keyOf(object));
    // An object that the watch has not shown yet comes by watch: it may have been deleted since.
    if (current !== undefined && current.metadata.uid === object.metadata.uid) this.upsert(object);
  }

  /** Takes in an added or changed object unless the cache holds a newer version of it. */
  upsert(received: T): void {
    const current = this.#store.get(keyOf(received));
    const version = current?.metadata.resourceVersion;
    if (current !== undefined && isAtLeast(version, received.metadata.resourceVersion)) return;
    const object = this.#transform(received);
    this.#store.set(object);
    if (current === undefined) this.#emit({ type: "added", object, initial: !this.#synced });
    else if (current.metadata.uid !== object.metadata.uid) {
      this.#emit({ type: "deleted", object: current });
      this.#emit({ type: "added", object, initial: false });
    } else this.#emit({ type: "updated", object, previous: current });
  }

  /** Takes out a deleted object; `deleted` is its last state with the version of the deletion. */
  remove(deleted: T): void {
    const key = keyOf(deleted);
    const current = this.#store.get(key);
    if (current === undefined) return;
    const version = current.metadata.resourceVersion;
    const known = deleted.metadata.resourceVersion;
    if (version !== known && isAtLeast(version, known)) return;
    this.#store.delete(key);
    this.#emit({ type: "deleted", object: this.#transform(deleted) });
  }

  /** Makes the cache equal to a complete listing, telling subscribers the difference. */
  replace(objects: Iterable<T>): void {
    const gone = new Set(this.#store.keys());
    for (const object of objects) {
      gone.delete(keyOf(object));
      this.upsert(object);
    }
    for (const key of gone) {
      const object = this.#store.get(key);
      this.#store.delete(key);
      if (object !== undefined) this.#emit({ type: "deleted", object });
    }
    if (this.#synced) return;
    this.#synced = true;
    for (const waiter of this.#syncWaiters) waiter();
    this.#syncWaiters = [];
  }

  /** Empties the cache because its kind is no longer served; the sync state stays. */
  clear(): void {
    for (const object of [...this.#store.values()]) {
      this.#store.delete(keyOf(object));
      this.#emit({ type: "deleted", object });
    }
  }

  #emit(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) this.#tell(handler, event);
  }

  /** One subscriber that throws must not keep the news from the others. */
  #tell(handler: InformerHandler<T>, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

function namespaceOf(object: KubeObject): readonly string[] {
  return [object.metadata.namespace ?? ""];
}

function ownerUids(object: KubeObject): readonly string[] {
  return object.metadata.ownerReferences?.map((owner) => owner.uid) ?? [];
}
