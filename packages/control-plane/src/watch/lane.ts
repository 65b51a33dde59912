import type { EventSource, EventStream } from "./event-stream.js";
import type { WatchedEvent } from "./watched-event.js";

/** A reader that is this many events behind is too slow: its stream ends, and it watches again. */
const MAX_BEHIND = 20_000;
/** Events that everybody has read are dropped once there are this many. */
const TRIM_FROM = 128;

/**
 * One sequence of events that many watches of the same objects read at their own pace. An event is kept
 * once however many read it, and only readers that wait for more are woken.
 */
export class Lane {
  #events: WatchedEvent[] = [];
  /** How many events were dropped from the front. */
  #dropped = 0;
  readonly #readers = new Set<LaneReader>();
  readonly #waiting = new Set<LaneReader>();
  #slice:
    | { readonly from: number; readonly to: number; readonly events: readonly WatchedEvent[] }
    | undefined;

  get empty(): boolean {
    return this.#readers.size === 0;
  }

  /** Everybody who reads it. */
  get streams(): readonly EventStream[] {
    return [...this.#readers].map(({ stream }) => stream);
  }

  append(event: WatchedEvent): void {
    this.#events.push(event);
    if (this.#events.length > MAX_BEHIND) this.#drop(MAX_BEHIND / 2);
    if (this.#waiting.size === 0) return;
    const readers = [...this.#waiting];
    this.#waiting.clear();
    for (const reader of readers) reader.stream.notify();
  }

  /** Adds a reader of what comes from now on, except changes up to revision `after`. */
  join(stream: EventStream, after: number): LaneReader {
    const reader = new LaneReader(this, stream, this.#dropped + this.#events.length, after);
    this.#readers.add(reader);
    this.#waiting.add(reader);
    return reader;
  }

  leave(reader: LaneReader): void {
    this.#readers.delete(reader);
    this.#waiting.delete(reader);
  }

  /** Events from position `from`; undefined when some of them were dropped. The reader waits from then on. */
  read(reader: LaneReader, from: number): readonly WatchedEvent[] | undefined {
    if (from < this.#dropped) return undefined;
    this.#waiting.add(reader);
    const to = this.#dropped + this.#events.length;
    if (from === to) return NONE;
    if (this.#slice?.from !== from || this.#slice.to !== to) {
      this.#slice = { from, to, events: this.#events.slice(from - this.#dropped) };
    }
    const { events } = this.#slice;
    if (this.#events.length > TRIM_FROM) this.#trim(reader, to);
    return events;
  }

  #trim(current: LaneReader, reached: number): void {
    let slowest = reached;
    for (const reader of this.#readers) {
      if (reader !== current) slowest = Math.min(slowest, reader.position);
    }
    if (slowest > this.#dropped + TRIM_FROM / 2) this.#drop(slowest - this.#dropped);
  }

  #drop(count: number): void {
    this.#events = this.#events.slice(count);
    this.#dropped += count;
    this.#slice = undefined;
  }
}

const NONE: readonly WatchedEvent[] = [];

/** One watch's place in a lane. */
export class LaneReader implements EventSource {
  readonly stream: EventStream;
  readonly #lane: Lane;
  readonly #after: number;
  #position: number;

  constructor(lane: Lane, stream: EventStream, position: number, after: number) {
    this.#lane = lane;
    this.stream = stream;
    this.#position = position;
    this.#after = after;
  }

  get position(): number {
    return this.#position;
  }

  pull(): readonly WatchedEvent[] | undefined {
    const events = this.#lane.read(this, this.#position);
    if (events === undefined) return undefined;
    this.#position += events.length;
    const [first] = events;
    if (first === undefined || first.revision > this.#after) return events;
    return events.filter((event) => event.revision > this.#after);
  }
}
