import type { WatchedEvent } from "./watched-event.js";

/** A watcher that has this many events waiting is too slow: its stream ends, and it watches again. */
const MAX_QUEUED = 20_000;

/**
 * The events of one watch on their way to one consumer, who takes them in batches. Producers push;
 * whatever is queued when the stream ends is still delivered.
 */
export class EventStream {
  #queue: WatchedEvent[] = [];
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #onEnd: (() => void)[] = [];

  /** Whether nothing will be added any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Calls `wake` whenever something was queued or the stream ended; once right away if that is so already. */
  consume(wake: () => void): void {
    this.#wake = wake;
    if (this.#queue.length > 0 || this.#ended) wake();
  }

  /** Everything queued, oldest first. */
  take(): readonly WatchedEvent[] {
    const taken = this.#queue;
    if (taken.length > 0) this.#queue = [];
    return taken;
  }

  push(event: WatchedEvent): void {
    if (this.#ended) return;
    this.#queue.push(event);
    if (this.#queue.length > MAX_QUEUED) {
      this.#queue = [];
      this.end();
    } else if (this.#queue.length === 1) this.#wake?.();
  }

  pushAll(events: readonly WatchedEvent[]): void {
    if (this.#ended || events.length === 0) return;
    const idle = this.#queue.length === 0;
    this.#queue = idle ? [...events] : this.#queue.concat(events);
    if (idle) this.#wake?.();
  }

  /** Ends the stream for the consumer and releases what feeds it. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const release of this.#onEnd) release();
    this.#wake?.();
  }

  /** Runs `release` when the stream ends, at once if it has. */
  onEnd(release: () => void): void {
    if (this.#ended) release();
    else this.#onEnd.push(release);
  }
}

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
