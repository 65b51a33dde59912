import type { KubeObject, OwnerReference, Transport } from "@capstan/kube";
import { type ObjectStorage, objectKey, type StoredObject } from "../handler/object-storage.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type { Change, Entry } from "../store/store.js";
import { pathOf, sendUnless } from "./api-calls.js";
import { OwnerIndex } from "./owner-index.js";
import type { PartOptions } from "./part.js";
import { WorkQueue } from "./work-queue.js";

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";
/** Objects without this in their bytes own no references, and need not be parsed. */
const OWNED = Buffer.from('"ownerReferences"');
const TERMINATING = Buffer.from('"deletionTimestamp"');
/** Startup reads this many objects at a time, then lets requests through. */
const SCAN = 500;

type OwnerState = "solid" | "dangling" | "waiting" | "unknown";

/** Deletes what its owners left behind, and carries out foreground and orphaning deletions. */
export class GarbageCollector {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #index = new OwnerIndex();
  readonly #queue: WorkQueue;
  /** Dependents whose owner's kind nobody serves; looked at again when kinds change. */
  readonly #unresolved = new Set<string>();
  readonly #release: (() => void)[];
  #scanning: Promise<void> | undefined;
  #closed = false;

  constructor(parts: PartOptions) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (key) => this.#process(key),
      onFailure: (key, error) => parts.onFailure("garbage collector", key, error),
    });
    this.#release = [
      this.#objects.store.subscribe((changes) => this.#observe(changes)),
      this.#registry.onChange(() => this.#retryUnresolved()),
    ];
  }

  /** Begins to read what was stored before, a little at a time, while requests are served. */
  start(): void {
    this.#scanning = this.#scanAll();
  }

  async #scanAll(): Promise<void> {
    const seen = new Set<string>();
    for (const { storage } of this.#registry.all()) {
      if (seen.has(storage.prefix)) continue;
      seen.add(storage.prefix);
      if (this.#closed) return;
      await this.#scan(`${storage.prefix}/`, `${storage.prefix}0`);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#scanning;
    for (const release of this.#release) release();
    await this.#queue.close();
  }

  async #scan(start: string, end: string): Promise<void> {
    for (let from = start; !this.#closed; ) {
      const { entries, more } = this.#objects.range({ start: from, end, limit: SCAN });
      for (const entry of entries) {
        // A write may have come in between: what it says is newer than this page.
        const latest = this.#objects.store.get(entry.key);
        if (latest !== undefined) this.#take(latest, undefined);
      }
      const last = entries.at(-1);
      if (!more || last === undefined) return;
      from = `${last.key}\u0000`;
      await new Promise((resume) => setImmediate(resume));
    }
  }

  #observe(changes: readonly Change[]): void {
    for (const { key, revision, value, previous } of changes) {
      if (value === undefined) this.#gone(key, previous);
      else this.#take({ key, revision, value }, previous);
    }
  }

  #take(entry: Entry, previous: Entry | undefined): void {
    const owned = contains(entry.value, OWNED);
    const wasOwned = previous !== undefined && contains(previous.value, OWNED);
    if (!owned && !wasOwned && !contains(entry.value, TERMINATING)) return;
    const object = this.#objects.codec.decode(entry.value);
    if (owned || wasOwned) this.#index.update(entry.key, object);
    if (owned || needsFinalizing(object)) this.#queue.add(entry.key);
    if (wasOwned) this.#tellFormerOwners(object, this.#objects.codec.decode(previous.value));
  }

  /** Owners that wait for their dependents look again when one lets go of them, or no longer blocks them. */
  #tellFormerOwners(object: KubeObject, former: KubeObject): void {
    const blocks = (reference: OwnerReference) => reference.blockOwnerDeletion === true;
    const now = new Set(object.metadata.ownerReferences?.filter(blocks).map(({ uid }) => uid));
    for (const reference of former.metadata.ownerReferences ?? []) {
      if (now.has(reference.uid)) continue;
      const owner = this.#ownerKey(reference, object.metadata.namespace);
      if (owner !== undefined) this.#queue.add(owner);
    }
  }

  #gone(key: string, previous: Entry | undefined): void {
    this.#unresolved.delete(key);
    if (previous === undefined) return;
    const object = this.#objects.codec.decode(previous.value);
    this.#index.update(key, undefined);
    for (const dependent of this.#index.dependentsOf(object.metadata.uid)) this.#queue.add(dependent);
    for (const reference of object.metadata.ownerReferences ?? []) {
      const owner = this.#ownerKey(reference, object.metadata.namespace);
      if (owner !== undefined) this.#queue.add(owner);
    }
  }

  #retryUnresolved(): void {
    for (const key of this.#unresolved) this.#queue.add(key);
    this.#unresolved.clear();
  }

  async #process(key: string): Promise<undefined> {
    const kind = this.#registry.kindOfKey(key);
    const entry = this.#objects.store.get(key);
    if (kind === undefined || entry === undefined) return;
    const stored = this.#objects.wrap(kind, entry);
    const { metadata } = stored.object;
    if (metadata.deletionTimestamp !== undefined) {
      if (metadata.finalizers?.includes(ORPHAN)) return this.#orphanDependents(stored);
      if (metadata.finalizers?.includes(FOREGROUND)) return this.#waitForDependents(stored);
      return;
    }
    await this.#judge(stored);
  }

  async #judge(stored: StoredObject): Promise<void> {
    const { object, entry } = stored;
    const references = object.metadata.ownerReferences ?? [];
    if (references.length === 0) return;
    const states = references.map((reference) => this.#ownerState(reference, object));
    if (states.includes("unknown")) {
      this.#unresolved.add(entry.key);
      return;
    }
    if (states.includes("solid")) {
      const kept = references.filter((_reference, index) => states[index] === "solid");
      if (kept.length < references.length) await this.#setOwners(stored, kept);
      return;
    }
    const dependents = this.#index.dependentsOf(object.metadata.uid);
    const foreground = states.includes("waiting") && dependents.length > 0;
    // A dependent that waits for its own dependents may be waiting for this one: the circle is opened here.
    if (foreground && dependents.some((key) => this.#isWaiting(key))) {
      await this.#setOwners(
        stored,
        references.map((reference) => ({ ...reference, blockOwnerDeletion: false })),
      );
      const opened = this.#stored(entry.key);
      if (opened !== undefined) await this.#delete(opened, "Foreground");
      return;
    }
    await this.#delete(stored, foreground ? "Foreground" : undefined);
  }

  #isWaiting(key: string): boolean {
    const { deletionTimestamp, finalizers } = this.#stored(key)?.object.metadata ?? {};
    return deletionTimestamp !== undefined && finalizers?.includes(FOREGROUND) === true;
  }

  #ownerState(reference: OwnerReference, dependent: KubeObject): OwnerState {
    const kind = this.#registry.findKind(reference.apiVersion, reference.kind);
    if (kind === undefined) return "unknown";
    const { namespace } = dependent.metadata;
    // A cluster-wide object cannot be owned from within a namespace; it is never collected.
    if (kind.namespaced && namespace === undefined) return "solid";
    const owner = this.#objects.latest(kind, namespace, reference.name)?.object;
    if (owner === undefined || owner.metadata.uid !== reference.uid) return "dangling";
    const waiting =
      owner.metadata.deletionTimestamp !== undefined && owner.metadata.finalizers?.includes(FOREGROUND);
    return waiting === true ? "waiting" : "solid";
  }

  #ownerKey(reference: OwnerReference, namespace: string | undefined): string | undefined {
    const kind = this.#registry.findKind(reference.apiVersion, reference.kind);
    return kind === undefined ? undefined : objectKey(kind, namespace, reference.name);
  }

  async #waitForDependents(owner: StoredObject): Promise<undefined> {
    const { uid } = owner.object.metadata;
    let blocked = false;
    for (const key of this.#index.dependentsOf(uid)) {
      const dependent = this.#stored(key);
      if (dependent === undefined) continue;
      const reference = dependent.object.metadata.ownerReferences?.find((other) => other.uid === uid);
      if (reference?.blockOwnerDeletion === true) blocked = true;
      // One that is on its way out goes on by itself: two that wake each other would never rest.
      if (dependent.object.metadata.deletionTimestamp === undefined) this.#queue.add(key);
    }
    if (!blocked) await this.#removeFinalizer(owner, FOREGROUND);
    return undefined;
  }

  async #orphanDependents(owner: StoredObject): Promise<undefined> {
    const { uid } = owner.object.metadata;
    for (const key of this.#index.dependentsOf(uid)) {
      const dependent = this.#stored(key);
      if (dependent === undefined) continue;
      const references = dependent.object.metadata.ownerReferences ?? [];
      await this.#setOwners(
        dependent,
        references.filter((reference) => reference.uid !== uid),
      );
    }
    await this.#removeFinalizer(owner, ORPHAN);
    return undefined;
  }

  #stored(key: string): StoredObject | undefined {
    const kind = this.#registry.kindOfKey(key);
    const entry = this.#objects.store.get(key);
    return kind === undefined || entry === undefined ? undefined : this.#objects.wrap(kind, entry);
  }

  async #setOwners({ kind, object }: StoredObject, owners: readonly OwnerReference[]): Promise<void> {
    await this.#patch(kind, object, { ownerReferences: owners.length === 0 ? null : owners });
  }

  async #removeFinalizer({ kind, object }: StoredObject, finalizer: string): Promise<void> {
    const finalizers = (object.metadata.finalizers ?? []).filter((other) => other !== finalizer);
    await this.#patch(kind, object, { finalizers: finalizers.length === 0 ? null : finalizers });
  }

  async #patch(kind: ServedKind, object: KubeObject, change: Record<string, unknown>): Promise<void> {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    await sendUnless(
      this.#transport,
      {
        method: "PATCH",
        path: pathOf(kind, namespace, name),
        contentType: "application/merge-patch+json",
        body: { metadata: { ...change, uid, resourceVersion } },
      },
      "NotFound",
    );
  }

  async #delete({ kind, object }: StoredObject, policy: "Foreground" | undefined): Promise<void> {
    const { namespace, name, uid, resourceVersion, finalizers } = object.metadata;
    const propagationPolicy =
      policy ??
      (finalizers?.includes(ORPHAN)
        ? "Orphan"
        : finalizers?.includes(FOREGROUND)
          ? "Foreground"
          : "Background");
    await sendUnless(
      this.#transport,
      {
        method: "DELETE",
        path: pathOf(kind, namespace, name),
        body: { propagationPolicy, preconditions: { uid, resourceVersion } },
      },
      "NotFound",
    );
  }
}

function needsFinalizing(object: KubeObject): boolean {
  const { deletionTimestamp, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || finalizers === undefined) return false;
  return finalizers.includes(ORPHAN) || finalizers.includes(FOREGROUND);
}

function contains(bytes: Uint8Array, part: Buffer): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(part);
}
