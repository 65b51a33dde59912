import type { Clock, KubeObject } from "@capstan/kube";
import { prepareChanges } from "../handler/conversions.js";
import { asApiError, versionTooLarge } from "../handler/errors.js";
import type { ObjectCodec } from "../handler/object-codec.js";
import type { ServedKind } from "../registry/kind.js";
import type { Change, Store } from "../store/store.js";
import type { EventStream } from "./event-stream.js";
import { Lane } from "./lane.js";
import { KindChange, plainEvent } from "./watched-event.js";

/** How long a request waits for a revision that the server has not reached. */
const CATCH_UP_MS = 3_000;

/** Which changes of a kind a subscription wants. */
export interface Interest {
  /** Keys start with this. */
  readonly keyPrefix: string;
  /** Exactly this key, where a name is pinned. */
  readonly key: string | undefined;
  readonly matches: ((object: KubeObject) => boolean) | undefined;
}

interface Subscription extends Interest {
  readonly stream: EventStream;
  /** Changes up to here are in what the watcher already has. */
  readonly after: number;
}

/** The watches of one kind in one version: each change is decoded and encoded once for all. */
class Channel {
  readonly kind: ServedKind;
  /** Watches without a selector, by the keys they are about. */
  readonly #lanes = new Map<string, { readonly interest: Interest; readonly lane: Lane }>();
  readonly #selective = new Set<Subscription>();
  /** Settles when the changes that wait for their conversion were delivered. */
  #converting: Promise<void> = Promise.resolve();

  constructor(kind: ServedKind) {
    this.kind = kind;
  }

  get empty(): boolean {
    return this.#lanes.size === 0 && this.#selective.size === 0;
  }

  /** Adds a watch; the returned function takes it away again. */
  add(subscription: Subscription): () => void {
    if (subscription.matches !== undefined) {
      this.#selective.add(subscription);
      return () => this.#selective.delete(subscription);
    }
    const { stream, after, ...interest } = subscription;
    const id = interest.key ?? interest.keyPrefix;
    let entry = this.#lanes.get(id);
    if (entry === undefined) {
      entry = { interest, lane: new Lane() };
      this.#lanes.set(id, entry);
    }
    const { lane } = entry;
    const reader = lane.join(stream, after);
    stream.attach(reader);
    return () => {
      lane.leave(reader);
      if (lane.empty) this.#lanes.delete(id);
    };
  }

  /** Delivers a change once it was converted, behind those before it. */
  deliverConverted(change: Change, codec: ObjectCodec): void {
    this.#converting = this.#converting.then(async () => {
      try {
        await prepareChanges(this.kind, [change], codec);
        this.deliver(change, codec);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** Ends every watch with what went wrong: whoever watches again sees the state afresh. */
  #fail(error: unknown): void {
    const event = plainEvent("ERROR", asApiError(error).status);
    const streams = [...this.#selective].map(({ stream }) => stream);
    for (const { lane } of this.#lanes.values()) streams.push(...lane.streams);
    for (const stream of streams) {
      stream.push(event);
      stream.end();
    }
  }

  deliver(change: Change, codec: ObjectCodec): void {
    let shared: KindChange | undefined;
    for (const { interest, lane } of this.#lanes.values()) {
      if (!isFor(interest, change.key)) continue;
      shared ??= new KindChange(change, this.kind, codec);
      const event = shared.event(undefined);
      if (event !== undefined) lane.append(event);
    }
    for (const subscription of this.#selective) {
      if (change.revision <= subscription.after || !isFor(subscription, change.key)) continue;
      shared ??= new KindChange(change, this.kind, codec);
      const event = shared.event(subscription.matches);
      if (event !== undefined) subscription.stream.push(event);
    }
  }
}

function isFor(interest: Interest, key: string): boolean {
  return interest.key === undefined ? key.startsWith(interest.keyPrefix) : key === interest.key;
}

/** Follows the store's change feed once and hands each change to the watches that it concerns. */
export class WatchHub {
  readonly #store: Store;
  readonly #codec: ObjectCodec;
  readonly #clock: Clock;
  readonly #channels = new Map<string, Channel[]>();
  readonly #waiting = new Set<() => void>();
  readonly #streams = new Set<EventStream>();
  readonly #unsubscribe: () => void;

  constructor(store: Store, codec: ObjectCodec, clock: Clock) {
    this.#store = store;
    this.#codec = codec;
    this.#clock = clock;
    this.#unsubscribe = store.subscribe((changes) => this.#deliver(changes));
  }

  /** The newest revision that watchers have been told of. */
  get revision(): number {
    return this.#store.revision;
  }

  get watchers(): number {
    return this.#streams.size;
  }

  /** Streams that the hub ends when it closes. */
  adopt(stream: EventStream): void {
    this.#streams.add(stream);
    stream.onEnd(() => this.#streams.delete(stream));
  }

  /**
   * Feeds `stream` with the changes after `after`: those that have been first, then each as it comes.
   * Throws `StoreError` `compacted` when they are forgotten.
   */
  subscribe(kind: ServedKind, interest: Interest, after: number, stream: EventStream): void {
    if (after < this.revision) {
      for (const change of this.#store.changes(after)) {
        if (!isFor(interest, change.key)) continue;
        const event = new KindChange(change, kind, this.#codec).event(interest.matches);
        if (event !== undefined) stream.push(event);
      }
    }
    const subscription: Subscription = { ...interest, stream, after: Math.max(after, this.revision) };
    const channel = this.#channel(kind);
    const remove = channel.add(subscription);
    stream.onEnd(() => {
      remove();
      this.#dropEmpty(channel);
    });
  }

  /** Resolves once the server has reached `revision`; throws 504 when it does not within three seconds. */
  async reached(revision: number, signal: AbortSignal | undefined): Promise<void> {
    if (revision <= this.revision) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        cancel();
        this.#waiting.delete(check);
        signal?.removeEventListener("abort", settle);
        resolve();
      };
      const check = () => {
        if (this.revision >= revision) settle();
      };
      const cancel = this.#clock.after(CATCH_UP_MS, settle);
      this.#waiting.add(check);
      signal?.addEventListener("abort", settle);
    });
    if (revision > this.revision) throw versionTooLarge(revision, this.revision);
  }

  /** Ends every watch; consumers still get what is queued for them. */
  close(): void {
    this.#unsubscribe();
    for (const stream of [...this.#streams]) stream.end();
  }

  #deliver(changes: readonly Change[]): void {
    for (const change of changes) {
      for (const channel of this.#channelsFor(change.key)) {
        if (channel.kind.storage.remote === undefined) channel.deliver(change, this.#codec);
        else channel.deliverConverted(change, this.#codec);
      }
    }
    for (const check of [...this.#waiting]) check();
  }

  /** Store prefixes have one or more segments, so every leading part of the key may be one. */
  #channelsFor(key: string): readonly Channel[] {
    for (let slash = key.indexOf("/"); slash >= 0; slash = key.indexOf("/", slash + 1)) {
      const channels = this.#channels.get(key.slice(0, slash));
      if (channels !== undefined) return channels;
    }
    return [];
  }

  #channel(kind: ServedKind): Channel {
    const channels = this.#channels.get(kind.storage.prefix) ?? [];
    let channel = channels.find((candidate) => candidate.kind === kind);
    if (channel === undefined) {
      channel = new Channel(kind);
      this.#channels.set(kind.storage.prefix, [...channels, channel]);
    }
    return channel;
  }

  #dropEmpty(channel: Channel): void {
    if (!channel.empty) return;
    const prefix = channel.kind.storage.prefix;
    const rest = (this.#channels.get(prefix) ?? []).filter((other) => other !== channel);
    if (rest.length > 0) this.#channels.set(prefix, rest);
    else this.#channels.delete(prefix);
  }
}
