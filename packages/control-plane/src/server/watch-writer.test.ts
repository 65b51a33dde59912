import { EventEmitter } from "node:events";
import type { Clock } from "@capstan/kube";
import { expect, test } from "vitest";
import { JSON_ACCEPT } from "../handler/negotiation.js";
import { EventStream } from "../watch/event-stream.js";
import { plainEvent } from "../watch/watched-event.js";
import type { Response } from "./http-answer.js";
import { eventEncoding, WatchWriter } from "./watch-writer.js";

/** A clock that stands still unless told otherwise, and keeps what waits for it. */
class HeldClock implements Clock {
  time = 0;
  readonly waiting: { readonly ms: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    this.waiting.push({ ms, callback });
    return () => undefined;
  }
}

class FakeResponse extends EventEmitter {
  readonly writableNeedDrain = false;
  readonly written: Uint8Array[] = [];
  readonly #onWrite: () => void;

  constructor(onWrite: () => void) {
    super();
    this.#onWrite = onWrite;
  }

  readonly writeHead = () => undefined;
  readonly flushHeaders = () => undefined;
  readonly end = () => undefined;

  write(bytes: Uint8Array): boolean {
    this.written.push(bytes);
    this.#onWrite();
    return true;
  }
}

const JSON_EVENTS = eventEncoding(JSON_ACCEPT, undefined);
const turn = () => new Promise((resume) => setImmediate(resume));

function watchers(clock: HeldClock, count: number, msPerWrite: number) {
  const writer = new WatchWriter(clock);
  const order: number[] = [];
  const made = Array.from({ length: count }, (_, index) => {
    const response = new FakeResponse(() => {
      order.push(index);
      clock.time += msPerWrite;
    });
    const stream = new EventStream();
    writer.serve(stream, response as unknown as Response, JSON_EVENTS);
    return { stream, response };
  });
  return { made, order };
}

test("connections take turns in the order in which they have something, with pauses for others", async () => {
  const clock = new HeldClock();
  const { made, order } = watchers(clock, 120, 0.125);
  for (let i = 0; i < 6; i++) await turn();
  const event = plainEvent("BOOKMARK", { metadata: { resourceVersion: "7" } });
  for (const { stream } of made) stream.push(event);
  await turn();
  expect(order).toEqual(Array.from({ length: 25 }, (_, index) => index));
  // 25 writes took 3.125 ms of the 6.6 ms that each of five slices has.
  expect(clock.waiting.map(({ ms }) => ms)).toEqual([expect.closeTo(3.475)]);
  // What comes for one that was written to waits behind those that were not.
  made[0]?.stream.push(event);
  while (clock.waiting.length > 0) {
    const { ms, callback } = clock.waiting.shift() as { ms: number; callback: () => void };
    clock.time += ms;
    callback();
  }
  expect(order.slice(25)).toEqual([...Array.from({ length: 95 }, (_, index) => index + 25), 0]);
});

test("events that come while a connection waits for its turn leave in one write, shared by all", async () => {
  const clock = new HeldClock();
  const { made } = watchers(clock, 60, 0.125);
  for (let i = 0; i < 6; i++) await turn();
  const events = ["7", "8"].map((resourceVersion) =>
    plainEvent("BOOKMARK", { metadata: { resourceVersion } }),
  );
  for (const event of events) for (const { stream } of made) stream.push(event);
  await turn();
  while (clock.waiting.length > 0) clock.waiting.shift()?.callback();
  const lines = events.map(({ line }) => Buffer.from(line).toString()).join("");
  for (const { response } of made) {
    expect(response.written.map((bytes) => Buffer.from(bytes).toString())).toEqual([lines]);
  }
  expect(made[1]?.response.written[0]).toBe(made[0]?.response.written[0]);
});
