import { describe, expect, it } from "vitest";
import { collectWhenIdle, type Engine } from "./idle-memory.js";
import { v8Engine } from "./v8-engine.js";

const MEBIBYTE = 1024 * 1024;

function setUp() {
  let pending: (() => void) | undefined;
  const said: string[] = [];
  const state = { utilisation: 0, heap: 80 * MEBIBYTE };
  const engine: Engine = {
    utilisation: () => state.utilisation,
    heapUsed: () => state.heap,
    collect: () => void said.push("collect"),
    allowEarlyCollections: (allowed) => void said.push(allowed ? "allow" : "hold"),
  };
  const end = collectWhenIdle(engine, {
    now: () => 0,
    after: (_ms, callback) => {
      pending = callback;
      return () => {
        pending = undefined;
      };
    },
  });
  const look = (utilisation: number, times = 1) => {
    state.utilisation = utilisation;
    for (let count = 0; count < times; count += 1) {
      const callback = pending;
      pending = undefined;
      callback?.();
    }
    return said.splice(0);
  };
  return { look, end, said, state, waits: () => pending !== undefined };
}

describe("collecting when idle", () => {
  it("collects once after a burst, however long the wait is", () => {
    const { look } = setUp();
    expect(look(0.9, 5)).toEqual([]);
    expect(look(0.01, 100)).toEqual(["hold", "collect"]);
    expect(look(0.9)).toEqual(["allow"]);
    expect(look(0.01, 100)).toEqual(["hold", "collect"]);
  });

  it("does not take a breath between two pieces of work for the end", () => {
    const { look } = setUp();
    expect(look(0.01, 2)).toEqual(["hold"]);
    expect(look(0.9)).toEqual(["allow"]);
    expect(look(0.01, 2)).toEqual(["hold"]);
  });

  it("leaves a large heap to the engine", () => {
    const { look, state } = setUp();
    state.heap = 500 * MEBIBYTE;
    expect(look(0.01, 20)).toEqual([]);
  });

  it("restores the engine's own behaviour when it ends", () => {
    const { look, end, said, waits } = setUp();
    look(0.01, 10);
    end();
    expect(said).toEqual(["allow"]);
    expect(waits()).toBe(false);
  });
});

describe("the engine of this process", () => {
  it("collects what nothing holds", () => {
    const engine = v8Engine();
    let ballast: unknown = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
    const before = engine.heapUsed();
    expect(Array.isArray(ballast)).toBe(true);
    ballast = undefined;
    engine.collect();
    expect(engine.heapUsed()).toBeLessThan(before - 10 * MEBIBYTE);
    engine.allowEarlyCollections(false);
    engine.allowEarlyCollections(true);
  });
});
