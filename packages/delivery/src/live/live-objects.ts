import type { InformerLease, InformerSet } from "@capstan/controller";
import { formatApiVersion, type KubeObject, type TypeMeta } from "@capstan/kube";
import { formatObjectId, idOf } from "../plan/object-id.js";
import type { LiveRecord } from "./live-record.js";

/** What changed about a live object that somebody follows. */
export interface LiveChange<R = LiveRecord> {
  /** Who follows it, as `namespace/name`. */
  readonly owner: string;
  /** Inventory id of the object. */
  readonly id: string;
  readonly record: R | undefined;
  readonly previous: R | undefined;
}

interface Followed {
  readonly lease: InformerLease;
  readonly owners: Set<string>;
  slow: boolean;
}

/** What is kept of live objects; caches of different names are not shared. */
export interface RecordKind<R extends KubeObject> {
  readonly name: string;
  readonly of: (object: KubeObject) => R;
}

export interface LiveObjectsOptions<R extends KubeObject = LiveRecord> {
  readonly informers: InformerSet;
  readonly records: RecordKind<R>;
  readonly onChange: (change: LiveChange<R>) => void;
  /** A kind that was not served when an owner asked for it is served now. */
  readonly onServed: (owner: string) => void;
}

/**
 * The live objects that are followed on one cluster: one watch per kind, held while anybody has
 * objects of that kind, and an index from object to owners.
 */
export class LiveObjects<R extends KubeObject = LiveRecord> {
  readonly #options: LiveObjectsOptions<R>;
  readonly #followed = new Map<string, Followed>();
  readonly #types = new Map<string, Map<string, TypeMeta>>();
  readonly #owners = new Map<string, Set<string>>();
  readonly #ids = new Map<string, ReadonlySet<string>>();

  constructor(options: LiveObjectsOptions<R>) {
    this.#options = options;
  }

  /** Number of kinds that are watched. */
  get kinds(): number {
    return this.#followed.size;
  }

  /** Follows exactly these kinds and objects for an owner from now on. */
  follow(owner: string, types: readonly TypeMeta[], ids: ReadonlySet<string>): void {
    const wanted = new Map(types.map((type) => [typeKey(type), type]));
    const before = this.#types.get(owner);
    this.#types.set(owner, wanted);
    for (const [key, type] of wanted) if (before?.has(key) !== true) this.#acquire(owner, key, type);
    for (const key of before?.keys() ?? []) if (!wanted.has(key)) this.#release(owner, key);
    this.#index(owner, ids);
  }

  /** Follows these kinds and objects for an owner beside those that it follows. */
  add(owner: string, types: readonly TypeMeta[], ids: Iterable<string>): void {
    const known = this.#types.get(owner)?.values() ?? [];
    this.follow(owner, [...known, ...types], new Set([...(this.#ids.get(owner) ?? []), ...ids]));
  }

  /** Resolves when the cache of a kind is complete; rejects with the signal's reason. */
  async synced(type: TypeMeta, signal: AbortSignal): Promise<void> {
    await this.#followed.get(typeKey(type))?.lease.informer.waitForSync(signal);
  }

  /** Whether somebody waited for the cache of a kind in vain: it may not be allowed to watch it. */
  isSlow(type: TypeMeta): boolean {
    return this.#followed.get(typeKey(type))?.slow === true;
  }

  /** Notes that the cache of a kind did not fill in time: nobody waits for it again. */
  markSlow(type: TypeMeta): void {
    const followed = this.#followed.get(typeKey(type));
    if (followed !== undefined) followed.slow = true;
  }

  /** The record of an object; `unknown` where its kind is not followed, or not completely yet. */
  record(
    type: TypeMeta,
    key: { readonly namespace: string; readonly name: string },
  ): R | "unknown" | undefined {
    const informer = this.#followed.get(typeKey(type))?.lease.informer;
    if (informer === undefined || !informer.synced) return "unknown";
    // The transform of these caches makes records of all that goes in.
    return informer.get({ namespace: key.namespace || undefined, name: key.name }) as R | undefined;
  }

  /** Takes in what an apply returned, and returns its record. */
  observe(object: KubeObject): R {
    const informer = this.#followed.get(typeKey(object))?.lease.informer;
    informer?.observe(object);
    return this.#options.records.of(object);
  }

  /** Whose object this is. */
  ownersOf(id: string): Iterable<string> {
    return this.#owners.get(id) ?? [];
  }

  /** Stops following anything for an owner. */
  forget(owner: string): void {
    for (const key of this.#types.get(owner)?.keys() ?? []) this.#release(owner, key);
    this.#types.delete(owner);
    this.#index(owner, new Set());
    this.#ids.delete(owner);
  }

  #acquire(owner: string, key: string, type: TypeMeta): void {
    let followed = this.#followed.get(key);
    if (followed === undefined) {
      const { informers, records } = this.#options;
      const lease = informers.acquire(type, {
        transform: { name: records.name, apply: records.of },
      });
      followed = { lease, owners: new Set(), slow: false };
      this.#followed.set(key, followed);
      lease.informer.subscribe((event) => {
        if (event.type === "added" && event.initial) return;
        const object = event.object as R;
        const previous =
          event.type === "updated" ? (event.previous as R) : event.type === "deleted" ? object : undefined;
        this.#tell(object, event.type === "deleted" ? undefined : object, previous);
      });
    }
    followed.owners.add(owner);
    this.#tellWhenServed(owner, key, followed);
  }

  /** A cache that is not there at once belongs to a kind that may not be served yet. */
  #tellWhenServed(owner: string, key: string, followed: Followed): void {
    const { informer } = followed.lease;
    if (informer.synced) return;
    void informer.waitForSync().then(() => {
      if (this.#followed.get(key) === followed && followed.owners.has(owner)) this.#options.onServed(owner);
    });
  }

  #release(owner: string, key: string): void {
    const followed = this.#followed.get(key);
    if (followed === undefined) return;
    followed.owners.delete(owner);
    if (followed.owners.size > 0) return;
    this.#followed.delete(key);
    followed.lease.release();
  }

  #tell(object: KubeObject, record: R | undefined, previous: R | undefined): void {
    const id = formatObjectId(idOf(object));
    for (const owner of this.#owners.get(id) ?? []) this.#options.onChange({ owner, id, record, previous });
  }

  #index(owner: string, ids: ReadonlySet<string>): void {
    const before = this.#ids.get(owner);
    this.#ids.set(owner, ids);
    for (const id of before ?? []) {
      if (ids.has(id)) continue;
      const owners = this.#owners.get(id);
      owners?.delete(owner);
      if (owners?.size === 0) this.#owners.delete(id);
    }
    for (const id of ids) {
      const owners = this.#owners.get(id);
      if (owners === undefined) this.#owners.set(id, new Set([owner]));
      else owners.add(owner);
    }
  }
}

function typeKey(type: TypeMeta): string {
  return `${type.apiVersion}/${type.kind}`;
}

/** The type of an inventory entry. */
export function typeOfEntry(
  id: { readonly group: string; readonly kind: string },
  version: string,
): TypeMeta {
  return { apiVersion: formatApiVersion(id.group, version), kind: id.kind };
}
