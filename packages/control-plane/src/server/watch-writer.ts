import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock, TypeMeta } from "@capstan/kube";
import type { Accept } from "../handler/negotiation.js";
import { writeProtobufEvent } from "../protobuf/protobuf.js";
import type { EventStream } from "../watch/event-stream.js";
import type { WatchedEvent } from "../watch/watched-event.js";
import type { Response } from "./http-answer.js";
import { Pace } from "./pace.js";

/** Connections written to before other work gets its turn. */
const SLICE = 25;

/** One event as bytes. */
type EventEncoder = (event: WatchedEvent) => Uint8Array;

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
 * Writes watches to their connections, in the order in which they have something to write. While there is
 * little to do each event leaves at once; where writing takes its time, connections wait for their turn,
 * events that come meanwhile share a write, and equal batches share their bytes. Turns are spread over time,
 * so that clients read what they got while others are written to.
 */
export class WatchWriter {
  readonly #clock: Clock;
  readonly #dirty = new Set<Outlet>();
  readonly #pace = new Pace();
  #busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #elapsed(): number {
    return this.#clock.elapsed?.() ?? this.#clock.now();
  }

  /** Streams events until the stream ends or the client goes away. Headers leave at once. */
  serve(stream: EventStream, response: Response, encoding: EventEncoding): void {
    const { contentType, encode } = encoding;
    response.writeHead(200, { "content-type": contentType, "cache-control": "no-cache, private" });
    (response as ServerResponse).flushHeaders();
    const outlet: Outlet = { stream, response, encode };
    response.on("close", () => stream.end());
    const drained = () => this.#mark(outlet);
    const socket = directSocket(response);
    (socket ?? response).on("drain", drained);
    stream.onEnd(() => socket?.off("drain", drained));
    stream.consume(() => this.#mark(outlet));
  }

  #mark(outlet: Outlet): void {
    this.#dirty.add(outlet);
    if (!this.#busy) this.#next();
  }

  #next(): void {
    this.#busy = true;
    const wait = this.#pace.wait(this.#elapsed());
    if (wait < 1) setImmediate(() => this.#slice());
    else this.#clock.after(wait, () => this.#slice());
  }

  #slice(): void {
    const began = this.#elapsed();
    const waiting = Math.ceil(this.#dirty.size / SLICE);
    const shared = new Map<WatchedEvent, Batch>();
    let left = SLICE;
    for (const outlet of this.#dirty) {
      if (left-- === 0) break;
      this.#dirty.delete(outlet);
      this.#write(outlet, shared);
    }
    this.#pace.worked(began, this.#elapsed(), waiting);
    if (this.#dirty.size > 0) this.#next();
    else this.#busy = false;
  }

  #write({ stream, response, encode }: Outlet, shared: Map<WatchedEvent, Batch>): void {
    // A full socket asks again with "drain"; until then events wait in the stream, which is bounded.
    if (isFull(response) && !stream.ended) return;
    const events = stream.take();
    const [first] = events;
    if (first !== undefined) {
      let batch = encode === undefined ? shared.get(first) : undefined;
      if (batch === undefined || !sameEvents(batch.events, events)) {
        batch = new Batch(events, encode);
        if (encode === undefined) shared.set(first, batch);
      }
      send(response, batch);
    }
    if (stream.ended) (response as ServerResponse).end();
  }
}

/** Some events as bytes, made once for all the connections they go to. */
class Batch {
  readonly events: readonly WatchedEvent[];
  readonly bytes: Uint8Array;
  #chunk: Uint8Array | undefined;

  constructor(events: readonly WatchedEvent[], encode: EventEncoder | undefined) {
    this.events = events;
    this.bytes = join(events, encode);
  }

  /** The bytes as one chunk of HTTP/1.1's chunked coding. */
  get chunk(): Uint8Array {
    this.#chunk ??= Buffer.concat([
      Buffer.from(`${this.bytes.length.toString(16)}\r\n`),
      this.bytes,
      Buffer.from("\r\n"),
    ]);
    return this.#chunk;
  }
}

/**
 * Writes a batch. On HTTP/1.1 the ready chunk goes straight to the connection, past the response, which
 * would cut it into three writes; only `end` follows it there.
 */
function send(response: Response, batch: Batch): void {
  const socket = directSocket(response);
  if (socket === undefined) (response as ServerResponse).write(batch.bytes);
  else socket.write(batch.chunk);
}

function isFull(response: Response): boolean {
  return directSocket(response)?.writableNeedDrain ?? response.writableNeedDrain;
}

/** The connection of an HTTP/1.1 response whose turn it is and whose body is chunked. */
function directSocket(response: Response): Socket | undefined {
  if (!("chunkedEncoding" in response) || !response.chunkedEncoding) return undefined;
  return response.socket ?? undefined;
}

function join(events: readonly WatchedEvent[], encode: EventEncoder | undefined): Uint8Array {
  const [first] = events;
  if (events.length === 1 && first !== undefined) return encode === undefined ? first.line : encode(first);
  return Buffer.concat(events.map((event) => (encode === undefined ? event.line : encode(event))));
}

function sameEvents(a: readonly WatchedEvent[], b: readonly WatchedEvent[]): boolean {
  return a.length === b.length && a.every((event, index) => event === b[index]);
}
