import type { ServerResponse } from "node:http";
import type { Clock, TypeMeta } from "@capstan/kube";
import type { Accept } from "../handler/negotiation.js";
import { writeProtobufEvent } from "../protobuf/protobuf.js";
import type { EventStream } from "../watch/event-stream.js";
import type { WatchedEvent } from "../watch/watched-event.js";
import type { Response } from "./http-answer.js";

/** How many watches one flush serves per millisecond of waiting before the next one may start. */
const WATCHES_PER_MS = 50;
const MAX_WAIT_MS = 20;

/** One event as bytes. */
export type EventEncoder = (event: WatchedEvent) => Uint8Array;

export interface EventEncoding {
  readonly contentType: string;
  /** Absent: events go out as the JSON lines that all watchers share. */
  readonly encode: EventEncoder | undefined;
}

/** How a watch's events are written; `shape` makes the view that the client asked for, if any. */
export function eventEncoding(
  accept: Accept,
  shape: ((event: WatchedEvent) => unknown) | undefined,
): EventEncoding {
  if (accept.encoding === "protobuf") {
    const encode = (event: WatchedEvent) =>
      writeProtobufEvent(event.type, (shape?.(event) ?? event.object) as TypeMeta);
    return { contentType: "application/vnd.kubernetes.protobuf;stream=watch", encode };
  }
  if (shape === undefined) return { contentType: "application/json", encode: undefined };
  const encode = (event: WatchedEvent) =>
    Buffer.from(`${JSON.stringify({ type: event.type, object: shape(event) })}\n`);
  return { contentType: "application/json", encode };
}

interface Outlet {
  readonly stream: EventStream;
  readonly response: Response;
  readonly encode: EventEncoder | undefined;
}

/**
 * Writes watches to their connections. Few watches get each event at once; where many are busy, events
 * that fall within some milliseconds share a write, and equal batches share their bytes.
 */
export class WatchWriter {
  readonly #clock: Clock;
  readonly #dirty = new Set<Outlet>();
  #scheduled = false;
  #lastFlush = 0;
  #lastSize = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Streams events until the stream ends or the client goes away. Headers leave at once. */
  serve(stream: EventStream, response: Response, encoding: EventEncoding): void {
    const { contentType, encode } = encoding;
    response.writeHead(200, { "content-type": contentType, "cache-control": "no-cache, private" });
    (response as ServerResponse).flushHeaders();
    const outlet: Outlet = { stream, response, encode };
    response.on("close", () => stream.end());
    response.on("drain", () => this.#mark(outlet));
    stream.consume(() => this.#mark(outlet));
  }

  #mark(outlet: Outlet): void {
    this.#dirty.add(outlet);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const pause = Math.min(MAX_WAIT_MS, this.#lastSize / WATCHES_PER_MS);
    const wait = this.#lastFlush + pause - this.#clock.now();
    if (wait < 1) setImmediate(() => this.#flush());
    else this.#clock.after(wait, () => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    this.#lastFlush = this.#clock.now();
    this.#lastSize = this.#dirty.size;
    const outlets = [...this.#dirty];
    this.#dirty.clear();
    const shared = new Map<
      WatchedEvent,
      { readonly events: readonly WatchedEvent[]; readonly bytes: Uint8Array }
    >();
    for (const outlet of outlets) this.#write(outlet, shared);
  }

  #write(
    { stream, response, encode }: Outlet,
    shared: Map<WatchedEvent, { readonly events: readonly WatchedEvent[]; readonly bytes: Uint8Array }>,
  ): void {
    // A full socket asks again with "drain"; until then events wait in the stream, which is bounded.
    if (response.writableNeedDrain && !stream.ended) return;
    const events = stream.take();
    const [first] = events;
    if (first !== undefined) {
      let bytes: Uint8Array;
      const known = encode === undefined ? shared.get(first) : undefined;
      if (known !== undefined && sameEvents(known.events, events)) bytes = known.bytes;
      else {
        bytes = join(events, encode);
        if (encode === undefined) shared.set(first, { events, bytes });
      }
      (response as ServerResponse).write(bytes);
    }
    if (stream.ended) (response as ServerResponse).end();
  }
}

function join(events: readonly WatchedEvent[], encode: EventEncoder | undefined): Uint8Array {
  const [first] = events;
  if (events.length === 1 && first !== undefined) return encode === undefined ? first.line : encode(first);
  return Buffer.concat(events.map((event) => (encode === undefined ? event.line : encode(event))));
}

function sameEvents(a: readonly WatchedEvent[], b: readonly WatchedEvent[]): boolean {
  return a.length === b.length && a.every((event, index) => event === b[index]);
}
