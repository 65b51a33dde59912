import type { KubeObject } from "@capstan/kube";
import { keyOf } from "./object-key.js";

/** Values under which an index finds an object. */
export type IndexFunction<T extends KubeObject> = (object: T) => readonly string[];

interface Index<T extends KubeObject> {
  readonly values: IndexFunction<T>;
  readonly buckets: Map<string, Set<string>>;
}

/** Objects of one kind by `namespace/name`, with secondary indexes kept in step. */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** Adds an index over what is there and what comes; adding a name again changes nothing. */
  addIndex(name: string, values: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { values, buckets: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) insert(index, key, object);
  }

  hasIndex(name: string): boolean {
    return this.#indexes.has(name);
  }

  /** Objects that an index holds under a value; an index that does not exist is a programming error. */
  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`there is no index "${name}"`);
    const found: T[] = [];
    for (const key of index.buckets.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  set(object: T): void {
    const key = keyOf(object);
    this.#unindex(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) insert(index, key, object);
  }

  delete(key: string): void {
    this.#unindex(key);
    this.#objects.delete(key);
  }

  #unindex(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    for (const index of this.#indexes.values()) {
      for (const value of index.values(object)) {
        const bucket = index.buckets.get(value);
        bucket?.delete(key);
        if (bucket?.size === 0) index.buckets.delete(value);
      }
    }
  }
}

function insert<T extends KubeObject>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    const bucket = index.buckets.get(value);
    if (bucket === undefined) index.buckets.set(value, new Set([key]));
    else bucket.add(key);
  }
}
