import type { KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { keyRange, type ObjectStorage } from "./object-storage.js";

/** Longer lists are read anew every time. */
const MAX_LENGTH = 64;
const MAX_LISTS = 4_096;

interface KeptList {
  readonly kind: ServedKind;
  readonly items: readonly KubeObject[];
}

/**
 * Lists that are asked for with every write and hardly ever change: policies, webhooks, quotas. A short
 * one is kept until the store tells of a change in it, so that it is as new as what watchers have seen.
 */
export class ShortLists {
  readonly #objects: ObjectStorage;
  /** By the start of their range of keys. */
  readonly #lists = new Map<string, KeptList>();

  constructor(objects: ObjectStorage) {
    this.#objects = objects;
    objects.store.subscribe((changes) => {
      if (this.#lists.size > 0) for (const { key } of changes) this.#drop(key);
    });
  }

  /** All objects of a kind, or those of one namespace, by key. */
  list(kind: ServedKind, namespace: string | undefined): readonly KubeObject[] {
    const range = keyRange(kind, namespace);
    const kept = this.#lists.get(range.start);
    if (kept?.kind === kind) return kept.items;
    const { entries } = this.#objects.range(range);
    const items = entries.map((entry) => this.#objects.wrap(kind, entry).object);
    if (items.length > MAX_LENGTH) return items;
    if (this.#lists.size >= MAX_LISTS) this.#lists.clear();
    this.#lists.set(range.start, { kind, items });
    return items;
  }

  /** A key ends in the object's name, or in its namespace and name: it is in at most two lists. */
  #drop(key: string): void {
    const name = key.lastIndexOf("/");
    this.#lists.delete(key.slice(0, name + 1));
    const namespace = key.lastIndexOf("/", name - 1);
    this.#lists.delete(key.slice(0, namespace + 1));
  }
}
