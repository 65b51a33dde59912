import type { KubeObject } from "@capstan/kube";
import type { ObjectCodec } from "../handler/object-codec.js";
import { StoredObject } from "../handler/object-storage.js";
import type { ServedKind } from "../registry/kind.js";
import type { Change, Entry } from "../store/store.js";

export type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/** One event of a watch; watchers of the same kind share it, and with it its encoded line. */
export class WatchedEvent {
  readonly type: EventType;
  /** 0 for events that do not stand for a change (initial state, bookmarks, errors). */
  readonly revision: number;
  readonly #read: () => { readonly object: unknown; readonly json: Uint8Array };
  #value: { readonly object: unknown; readonly json: Uint8Array } | undefined;
  #line: Uint8Array | undefined;

  constructor(
    type: EventType,
    revision: number,
    read: () => { readonly object: unknown; readonly json: Uint8Array },
  ) {
    this.type = type;
    this.revision = revision;
    this.#read = read;
  }

  get object(): unknown {
    this.#value ??= this.#read();
    return this.#value.object;
  }

  /** The event as a JSON line. */
  get line(): Uint8Array {
    this.#value ??= this.#read();
    this.#line ??= Buffer.concat([HEADS[this.type], this.#value.json, TAIL]);
    return this.#line;
  }
}

const HEADS: Readonly<Record<EventType, Uint8Array>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
  ERROR: Buffer.from('{"type":"ERROR","object":'),
};
const TAIL = Buffer.from("}\n");

/** An event that carries plain data. */
export function plainEvent(type: "BOOKMARK" | "ERROR", object: unknown): WatchedEvent {
  return new WatchedEvent(type, 0, () => ({ object, json: Buffer.from(JSON.stringify(object)) }));
}

export function storedEvent(type: EventType, revision: number, stored: StoredObject): WatchedEvent {
  return new WatchedEvent(type, revision, () => ({
    get object() {
      return stored.object;
    },
    get json() {
      return stored.json;
    },
  }));
}

/** One change as watchers of one kind see it: both states, and each kind of event made once. */
export class KindChange {
  readonly change: Change;
  readonly #kind: ServedKind;
  readonly #codec: ObjectCodec;
  readonly #events = new Map<EventType, WatchedEvent>();
  #next: StoredObject | undefined;
  #previous: StoredObject | undefined;

  constructor(change: Change, kind: ServedKind, codec: ObjectCodec) {
    this.change = change;
    this.#kind = kind;
    this.#codec = codec;
  }

  get next(): StoredObject | undefined {
    const { key, revision, value } = this.change;
    if (value === undefined) return undefined;
    this.#next ??= new StoredObject(this.#kind, { key, revision, value }, this.#codec);
    return this.#next;
  }

  get previous(): StoredObject | undefined {
    const entry = this.change.previous;
    if (entry === undefined) return undefined;
    this.#previous ??= new StoredObject(this.#kind, entry, this.#codec);
    return this.#previous;
  }

  /**
   * What a watcher is told: by the state before and after, so that leaving a selector is a deletion.
   * A DELETED event shows the object as it last matched, with the revision at which it went.
   */
  event(matches: ((object: KubeObject) => boolean) | undefined): WatchedEvent | undefined {
    const before = this.#inside(this.previous, matches);
    const after = this.#inside(this.next, matches);
    if (!before && !after) return undefined;
    const type = before ? (after ? "MODIFIED" : "DELETED") : "ADDED";
    let event = this.#events.get(type);
    if (event === undefined) {
      event = this.#make(type);
      this.#events.set(type, event);
    }
    return event;
  }

  #inside(stored: StoredObject | undefined, matches: ((object: KubeObject) => boolean) | undefined): boolean {
    return stored !== undefined && (matches === undefined || matches(stored.object));
  }

  #make(type: EventType): WatchedEvent {
    const { revision } = this.change;
    const stored = type === "DELETED" ? this.#deleted() : this.next;
    if (stored === undefined) throw new Error(`change ${revision} has no object for ${type}`);
    return storedEvent(type, revision, stored);
  }

  #deleted(): StoredObject | undefined {
    const { previous, change } = this;
    if (previous === undefined) return undefined;
    const converted = this.#kind.storage.remote !== undefined;
    const object = converted ? previous.object : this.#codec.decode(previous.entry.value);
    const last = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(change.revision) },
    };
    const entry: Entry = { key: change.key, revision: change.revision, value: this.#codec.encode(last) };
    return new StoredObject(this.#kind, entry, this.#codec);
  }
}
