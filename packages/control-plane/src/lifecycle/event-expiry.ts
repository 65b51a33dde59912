import type { Clock, KubeObject, Transport } from "@capstan/kube";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type { Change, Entry } from "../store/store.js";
import { pathOf, sendUnless } from "./api-calls.js";
import type { PartOptions } from "./part.js";

/** As long as Kubernetes keeps events unless told otherwise. */
const LIFETIME_MS = 3_600_000;
const SWEEP_MS = 60_000;
/** Deleted per sweep at most, so that a flood of events does not become a flood of deletions. */
const BATCH = 2_000;

/**
 * Deletes events an hour after they were last written. Each is read once after it was written, not with
 * every sweep: there are many of them, and hardly any has expired.
 */
export class EventExpiry {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  readonly #unsubscribe: () => void;
  /** When events were last seen, by key. */
  readonly #seen = new Map<string, number>();
  /** Keys of events written since the last sweep. */
  readonly #written = new Set<string>();
  #scanned = false;
  #cancel: (() => void) | undefined;
  #sweeping: Promise<void> | undefined;
  #closed = false;

  constructor(parts: PartOptions) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#onFailure = (error) => parts.onFailure("event expiry", "events", error);
    this.#unsubscribe = this.#objects.store.subscribe((changes) => this.#observe(changes));
  }

  start(): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.after(SWEEP_MS, () => {
      this.#sweeping = this.sweep()
        .catch((error: unknown) => this.#onFailure(error))
        .finally(() => this.start());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#unsubscribe();
    await this.#sweeping;
  }

  /** Deletes what has expired by now. */
  async sweep(): Promise<void> {
    const kind = this.#registry.find("", "v1", "events");
    if (kind === undefined) return;
    this.#readWritten(kind);
    const before = this.#clock.now() - LIFETIME_MS;
    const expired: KubeObject[] = [];
    for (const [key, seen] of this.#seen) {
      if (seen >= before) continue;
      const entry = this.#objects.store.get(key);
      if (entry !== undefined) expired.push(this.#objects.wrap(kind, entry).object);
      if (expired.length === BATCH) break;
    }
    await Promise.all(expired.map((event) => this.#delete(kind, event)));
  }

  #observe(changes: readonly Change[]): void {
    const kind = this.#registry.find("", "v1", "events");
    if (kind === undefined) return;
    const { start } = keyRange(kind);
    for (const { key, value } of changes) {
      if (!key.startsWith(start)) continue;
      if (value !== undefined) this.#written.add(key);
      else {
        this.#written.delete(key);
        this.#seen.delete(key);
      }
    }
  }

  /** Learns when events were last seen that were written since the last sweep; at first, all of them. */
  #readWritten(kind: ServedKind): void {
    if (!this.#scanned) {
      for (const entry of this.#objects.range(keyRange(kind)).entries) this.#note(kind, entry);
      this.#scanned = true;
    }
    for (const key of this.#written) {
      const entry = this.#objects.store.get(key);
      if (entry !== undefined) this.#note(kind, entry);
    }
    this.#written.clear();
  }

  #note(kind: ServedKind, entry: Entry): void {
    this.#seen.set(entry.key, lastSeen(this.#objects.wrap(kind, entry).object));
  }

  async #delete(kind: ServedKind, event: KubeObject): Promise<void> {
    const { namespace, name, resourceVersion } = event.metadata;
    const request = {
      method: "DELETE",
      path: pathOf(kind, namespace, name),
      body: { preconditions: { resourceVersion } },
    } as const;
    // One that was written meanwhile, or that the store has no room to delete, waits for the next sweep.
    await sendUnless(
      this.#transport,
      request,
      "NotFound",
      "Conflict",
      "InsufficientStorage",
      "ServiceUnavailable",
    );
  }
}

function lastSeen(event: KubeObject): number {
  const series = event["series"] as { lastObservedTime?: string } | undefined;
  const times = [
    event["lastTimestamp"],
    event["eventTime"],
    series?.lastObservedTime,
    event.metadata.creationTimestamp,
  ];
  return Math.max(0, ...times.map((time) => (typeof time === "string" ? Date.parse(time) || 0 : 0)));
}
