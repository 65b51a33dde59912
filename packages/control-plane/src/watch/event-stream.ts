import type { WatchedEvent } from "./watched-event.js";

/** A watcher that has this many events of its own waiting is too slow: its stream ends, and it watches again. */
const MAX_QUEUED = 20_000;

/** Where a stream gets the events that it shares with others. */
export interface EventSource {
  /** Events since the last pull; undefined when some were lost to a slow reader. */
  pull(): readonly WatchedEvent[] | undefined;
}

/**
 * The events of one watch on their way to one consumer, who takes them in batches: those of its own, and
 * those of a source. Whatever was there when the stream ended is still delivered.
 */
export class EventStream {
  #queue: readonly WatchedEvent[] = [];
  #source: EventSource | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #onEnd: (() => void)[] = [];

  /** Whether nothing will be added any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Calls `wake` whenever there is something to take or the stream ended; at once, the first time. */
  consume(wake: () => void): void {
    this.#wake = wake;
    wake();
  }

  /** Everything there is, oldest first. */
  take(): readonly WatchedEvent[] {
    this.#drainSource();
    const taken = this.#queue;
    if (taken.length > 0) this.#queue = NONE;
    return taken;
  }

  push(event: WatchedEvent): void {
    this.pushAll([event]);
  }

  /** Adds events behind whatever the source has by now. */
  pushAll(events: readonly WatchedEvent[]): void {
    if (this.#ended || events.length === 0) return;
    this.#drainSource();
    this.#add(events);
    this.#wake?.();
  }

  /** Takes shared events from `source` from now on. */
  attach(source: EventSource): void {
    this.#source = source;
  }

  /** Tells the consumer that the source has more. */
  notify(): void {
    this.#wake?.();
  }

  /** Ends the stream for the consumer and releases what feeds it. */
  end(): void {
    if (this.#ended) return;
    this.#drainSource();
    this.#ended = true;
    this.#source = undefined;
    for (const release of this.#onEnd) release();
    this.#wake?.();
  }

  /** Runs `release` when the stream ends, at once if it has. */
  onEnd(release: () => void): void {
    if (this.#ended) release();
    else this.#onEnd.push(release);
  }

  #drainSource(): void {
    const source = this.#source;
    if (source === undefined) return;
    const events = source.pull();
    if (events === undefined) {
      this.#source = undefined;
      this.#queue = NONE;
      this.end();
    } else if (events.length > 0) this.#add(events);
  }

  #add(events: readonly WatchedEvent[]): void {
    this.#queue = this.#queue.length === 0 ? events : this.#queue.concat(events);
    // The first batch of a watch is the whole state, however large; only what gathers behind it counts.
    if (this.#queue.length > MAX_QUEUED + events.length) {
      this.#queue = NONE;
      this.#source = undefined;
      this.end();
    }
  }
}

const NONE: readonly WatchedEvent[] = [];

/** A stream as an async iterable; leaving the loop ends the stream. */
export async function* iterate<T>(
  stream: EventStream,
  convert: (event: WatchedEvent) => T,
): AsyncGenerator<T, void, undefined> {
  let wake: (() => void) | undefined;
  stream.consume(() => wake?.());
  try {
    for (;;) {
      const events = stream.take();
      for (const event of events) yield convert(event);
      if (events.length > 0) continue;
      if (stream.ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stream.end();
  }
}
