import { formatApiVersion, type KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { type Entry, type PendingWrite, type RangeResult, type Store, StoreError } from "../store/store.js";
import { conflict, insufficientStorage, internal, STALE_VERSION, unavailable } from "./errors.js";
import type { ObjectCodec } from "./object-codec.js";

/** One stored object as one served kind shows it; decoded only when somebody looks inside. */
export class StoredObject {
  readonly kind: ServedKind;
  readonly entry: Entry;
  readonly #codec: ObjectCodec;
  #object: KubeObject | undefined;

  constructor(kind: ServedKind, entry: Entry, codec: ObjectCodec) {
    this.kind = kind;
    this.entry = entry;
    this.#codec = codec;
  }

  get object(): KubeObject {
    this.#object ??= fromStorage(this.kind, this.#codec.decode(this.entry.value));
    return this.#object;
  }

  /** JSON of the object in the served version. */
  get json(): Uint8Array {
    if (storedAsServed(this.kind)) return this.entry.value;
    const { object } = this;
    return object === this.#codec.decode(this.entry.value) ? this.entry.value : this.#codec.encode(object);
  }
}

function storedAsServed(kind: ServedKind): boolean {
  return kind.storage.convert === undefined && kind.storage.apiVersion === servedVersion(kind);
}

/** `apiVersion` of a kind's objects as clients see them. */
export function servedVersion(kind: ServedKind): string {
  return formatApiVersion(kind.group, kind.version);
}

function fromStorage(kind: ServedKind, object: KubeObject): KubeObject {
  if (kind.storage.convert !== undefined) return kind.storage.convert.fromStorage(object);
  const apiVersion = servedVersion(kind);
  return object.apiVersion === apiVersion && object.kind === kind.kind
    ? object
    : { ...object, apiVersion, kind: kind.kind };
}

function toStorage(kind: ServedKind, object: KubeObject): KubeObject {
  if (kind.storage.convert !== undefined) return kind.storage.convert.toStorage(object);
  return object.apiVersion === kind.storage.apiVersion
    ? object
    : { ...object, apiVersion: kind.storage.apiVersion };
}

/** Store keys of one kind, as a half-open range; of one namespace where one is given. */
export function keyRange(kind: ServedKind, namespace?: string): { start: string; end: string } {
  const start = namespace === undefined ? `${kind.storage.prefix}/` : `${kind.storage.prefix}/${namespace}/`;
  return { start, end: `${start.slice(0, -1)}0` };
}

export function objectKey(kind: ServedKind, namespace: string | undefined, name: string): string {
  return kind.namespaced
    ? `${kind.storage.prefix}/${namespace ?? ""}/${name}`
    : `${kind.storage.prefix}/${name}`;
}

/** Objects in the store, by kind and name. Failures of the store become the API's errors. */
export class ObjectStorage {
  readonly store: Store;
  readonly codec: ObjectCodec;

  constructor(store: Store, codec: ObjectCodec) {
    this.store = store;
    this.codec = codec;
  }

  get(kind: ServedKind, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#wrap(
      kind,
      reading(() => this.store.get(objectKey(kind, namespace, name))),
    );
  }

  /** The object as the next write will find it, on disk or on its way there. */
  latest(kind: ServedKind, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#wrap(
      kind,
      reading(() => this.store.latest(objectKey(kind, namespace, name))),
    );
  }

  range(query: Parameters<Store["range"]>[0]): RangeResult {
    return this.store.range(query);
  }

  wrap(kind: ServedKind, entry: Entry): StoredObject {
    return new StoredObject(kind, entry, this.codec);
  }

  /**
   * Writes `object` over `previous` (nothing: a creation) with its resourceVersion filled in, and
   * resolves once it is durable. Throws 409 when the latest is not `previous` any more.
   */
  async put(kind: ServedKind, object: KubeObject, previous: StoredObject | undefined): Promise<StoredObject> {
    const { namespace, name } = object.metadata;
    const key = objectKey(kind, namespace, name);
    const { remote } = kind.storage;
    // Without anything to wait for, nothing comes between what the caller found out and the write.
    if (remote !== undefined) await remote.prepare([object], kind.storage.apiVersion);
    const storable = toStorage(kind, object);
    let value: Uint8Array | undefined;
    const write = this.#write(kind, name, key, previous?.entry.revision ?? 0, (revision) => {
      const metadata = { ...storable.metadata, resourceVersion: String(revision) };
      // In the order that it is encoded in, so that it is copied once.
      const front = { kind: storable.kind, apiVersion: storable.apiVersion, metadata };
      value = this.codec.encode({ ...front, ...storable, metadata });
      return value;
    });
    await durable(write.committed);
    if (value === undefined) throw internal("the write was not encoded");
    if (remote !== undefined) await remote.prepare([this.codec.decode(value)], servedVersion(kind));
    return this.wrap(kind, { key, revision: write.revision, value });
  }

  /** Removes `previous` and resolves, once that is durable, with the revision of the deletion. */
  async remove(kind: ServedKind, previous: StoredObject): Promise<number> {
    const { key, revision } = previous.entry;
    const write = this.#write(kind, previous.object.metadata.name, key, revision, () => undefined);
    await durable(write.committed);
    return write.revision;
  }

  /** Resolves when everything written so far is durable. */
  async settled(): Promise<void> {
    await durable(this.store.settled());
  }

  #write(
    kind: ServedKind,
    name: string,
    key: string,
    expected: number,
    encode: (revision: number) => Uint8Array | undefined,
  ): PendingWrite {
    try {
      return this.store.write(key, expected, encode);
    } catch (error) {
      if (StoreError.is(error, "conflict")) throw conflict(kind, name, STALE_VERSION);
      throw storeFailure(error);
    }
  }

  #wrap(kind: ServedKind, entry: Entry | undefined): StoredObject | undefined {
    return entry === undefined ? undefined : new StoredObject(kind, entry, this.codec);
  }
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw storeFailure(error);
  }
}

async function durable(committed: Promise<void>): Promise<void> {
  try {
    await committed;
  } catch (error) {
    throw storeFailure(error);
  }
}

function storeFailure(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  if (error.code === "full") return insufficientStorage(error.message);
  if (error.code === "closed") return unavailable("the API server is shutting down");
  return internal(error.message, error);
}
