import type { Clock, KubeObject, Transport } from "@capstan/kube";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { pathOf, sendUnless } from "./api-calls.js";

/** As long as Kubernetes keeps events unless told otherwise. */
const LIFETIME_MS = 3_600_000;
const SWEEP_MS = 60_000;
/** Deleted per sweep at most, so that a flood of events does not become a flood of deletions. */
const BATCH = 2_000;

/** Deletes events an hour after they were last written. */
export class EventExpiry {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #sweeping: Promise<void> | undefined;
  #closed = false;

  constructor(parts: {
    readonly objects: ObjectStorage;
    readonly registry: KindRegistry;
    readonly transport: Transport;
    readonly clock: Clock;
  }) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
  }

  start(): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.after(SWEEP_MS, () => {
      this.#sweeping = this.sweep().finally(() => this.start());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#sweeping;
  }

  /** Deletes what has expired by now. */
  async sweep(): Promise<void> {
    const kind = this.#registry.find("", "v1", "events");
    if (kind === undefined) return;
    const before = this.#clock.now() - LIFETIME_MS;
    const { entries } = this.#objects.range(keyRange(kind));
    const expired = entries
      .map((entry) => this.#objects.wrap(kind, entry).object)
      .filter((event) => lastSeen(event) < before)
      .slice(0, BATCH);
    await Promise.all(expired.map((event) => this.#delete(kind, event)));
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
