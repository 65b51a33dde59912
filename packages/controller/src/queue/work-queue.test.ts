import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock, middle } from "../testing/fake-clock.js";
import { backoffDelay, jittered } from "./backoff.js";
import { ReadyList } from "./ready-list.js";
import { TimerHeap } from "./timer-heap.js";
import { TokenBucket } from "./token-bucket.js";
import { WorkQueue } from "./work-queue.js";

function queue(options: Partial<ConstructorParameters<typeof WorkQueue>[0]> = {}) {
  const clock = new FakeClock();
  return { clock, queue: new WorkQueue({ clock, random: middle, ...options }) };
}

function drain(from: WorkQueue): string[] {
  const taken: string[] = [];
  for (let next = from.take(); next !== undefined; next = from.take()) {
    taken.push(next.key);
    from.done(next.key);
  }
  return taken;
}

describe("WorkQueue", () => {
  it("holds a key once, however often it is added", () => {
    const { queue: work } = queue();
    for (const key of ["a", "b", "a", "a"]) work.add(key);
    expect(drain(work)).toEqual(["a", "b"]);
  });

  it("never hands a key to two workers, and hands it out again afterwards", () => {
    const { queue: work } = queue();
    work.add("a");
    expect(work.take()?.key).toBe("a");
    work.add("a");
    work.add("a");
    expect(work.take()).toBeUndefined();
    work.done("a");
    expect(work.take()?.key).toBe("a");
    work.done("a");
    expect(work.take()).toBeUndefined();
  });

  it("tells how long a key was ready", async () => {
    const { queue: work, clock } = queue();
    work.add("a");
    await clock.advance(40);
    expect(work.take()).toEqual({ key: "a", waitedMs: 40 });
  });

  it("is on time for a deadline, however far it lies", async () => {
    const { queue: work, clock } = queue();
    await clock.advance(250);
    work.addAfter("a", 30_000);
    await clock.advance(29_999);
    expect(work.take()).toBeUndefined();
    await clock.advance(1);
    expect(drain(work)).toEqual(["a"]);
  });

  it("wakes what is looked at now and then together with others, no more than a second late", async () => {
    const { queue: work, clock } = queue();
    await clock.advance(250);
    work.addAround("a", 59_100);
    work.addAround("b", 59_500);
    work.addAround("short", 19_999);
    expect(clock.pending).toBe(1);
    await clock.advance(19_998);
    expect(work.take()).toBeUndefined();
    await clock.advance(1);
    expect(drain(work)).toEqual(["short"]);
    await clock.advance(60_000 - 250 - 19_999 - 1);
    expect(drain(work)).toEqual([]);
    await clock.advance(1);
    expect(drain(work)).toEqual(["a", "b"]);
  });

  it("wakes a delayed key once, at the earliest time asked for", async () => {
    const { queue: work, clock } = queue();
    work.addAfter("a", 1000);
    work.addAfter("a", 100);
    work.addAfter("a", 500);
    await clock.advance(99);
    expect(work.take()).toBeUndefined();
    await clock.advance(1);
    expect(drain(work)).toEqual(["a"]);
    await clock.advance(10_000);
    expect(work.take()).toBeUndefined();
  });

  it("forgets a delay that was taken back, so that a later one counts", async () => {
    const { queue: work, clock } = queue();
    work.addAfter("a", 100);
    work.cancelDelay("a");
    work.addAfter("a", 1000);
    await clock.advance(999);
    expect(work.take()).toBeUndefined();
    await clock.advance(1);
    expect(work.take()?.key).toBe("a");
  });

  it("backs off exponentially per key until it is forgotten", () => {
    const backoff = { baseMs: 100, maxMs: 1000, jitter: 0 };
    const { queue: work } = queue({ backoff });
    expect([1, 2, 3, 4, 5].map(() => work.retry("a"))).toEqual([100, 200, 400, 800, 1000]);
    expect(work.retry("b")).toBe(100);
    work.forget("a");
    expect(work.retry("a")).toBe(100);
  });

  it("limits retries over all keys", () => {
    const backoff = { baseMs: 0, maxMs: 0, jitter: 0 };
    const { queue: work } = queue({ backoff, retryLimit: new TokenBucket(1, 2) });
    expect(["a", "b", "c", "d"].map((key) => work.retry(key))).toEqual([0, 0, 1000, 2000]);
  });

  it("hands out nothing once closed", async () => {
    const { queue: work, clock } = queue();
    work.add("a");
    work.addAfter("b", 10);
    work.close();
    await clock.advance(20);
    expect(work.take()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

describe("ReadyList", () => {
  it("takes what is urgent first, and raises what was routine", () => {
    const list = new ReadyList();
    list.add("low", "", "low");
    list.add("normal", "", "normal");
    list.add("raised", "", "low");
    list.add("raised", "", "high");
    expect([list.take(), list.take(), list.take()]).toEqual(["raised", "normal", "low"]);
  });

  it("lets groups take turns", () => {
    const list = new ReadyList();
    for (let index = 0; index < 100; index++) list.add(`big/${index}`, "big", "normal");
    list.add("small/0", "small", "normal");
    expect([list.take(), list.take()]).toContain("small/0");
  });

  it("starves nothing: now and then the lowest goes first", () => {
    const list = new ReadyList();
    list.add("low", "", "low");
    for (let index = 0; index < 100; index++) list.add(`high-${index}`, "", "high");
    const taken = Array.from({ length: 20 }, () => list.take());
    expect(taken).toContain("low");
  });
});

describe("TimerHeap", () => {
  it("fires every key at its earliest time, in order", async () => {
    const operations = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 50 })), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(operations, async (added) => {
        const clock = new FakeClock(0);
        const fired: [string, number][] = [];
        const heap = new TimerHeap(clock, (key) => fired.push([key, clock.now()]));
        const expected = new Map<string, number>();
        for (const [key, at] of added) {
          heap.add(String(key), at);
          expected.set(String(key), Math.min(at, expected.get(String(key)) ?? at));
        }
        await clock.advance(100);
        expect(new Map(fired)).toEqual(expected);
        expect(fired).toHaveLength(expected.size);
        expect(fired.map(([, at]) => at)).toEqual([...expected.values()].sort((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });
});

describe("delays", () => {
  it("stay within their bounds", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(random, fc.integer({ min: 1, max: 1000 }), (float, failures) => {
        const options = { baseMs: 750, maxMs: 900_000, jitter: 0.1 };
        const delay = backoffDelay(failures, options, { float: () => float, bytes: () => new Uint8Array() });
        expect(delay).toBeGreaterThanOrEqual(750);
        expect(delay).toBeLessThanOrEqual(990_000);
        const spread = jittered(1000, 0.05, { float: () => float, bytes: () => new Uint8Array() });
        expect(spread).toBeGreaterThanOrEqual(950);
        expect(spread).toBeLessThanOrEqual(1050);
      }),
    );
  });
});
