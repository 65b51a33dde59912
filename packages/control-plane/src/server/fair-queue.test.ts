import type { Clock } from "@capstan/kube";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairQueue } from "./fair-queue.js";

/** A queue whose turns and time pass when the test says so; every piece of work takes `cost` milliseconds. */
function harness(cost = 10) {
  let now = 0;
  const clock: Clock = { now: () => now, after: () => () => undefined };
  const turns: (() => void)[] = [];
  const queue = new FairQueue(clock, {
    nextTurn: (callback) => void turns.push(callback),
    settled: () => Promise.resolve(),
  });
  const order: string[] = [];
  const connections = new Map<string, object>();
  const send = (user: string, connection = "1", label = user) => {
    const key = `${user}/${connection}`;
    const own = connections.get(key) ?? {};
    connections.set(key, own);
    return queue.run({ user, connection: own }, async () => {
      now += cost;
      order.push(label);
      return label;
    });
  };
  /** One turn of the event loop, with all that follows from it. */
  const turn = async () => {
    turns.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const drain = async () => {
    while (turns.length > 0) await turn();
  };
  return { queue, order, send, turn, drain };
}

describe("the queue of requests", () => {
  it("lets a request through at once while nobody waits", async () => {
    const { send, queue, order } = harness();
    expect(await send("a")).toBe("a");
    expect(order).toEqual(["a"]);
    expect(queue.waiting).toBe(0);
  });

  it("serves whoever asked for little long before whoever asked for much", async () => {
    const { send, order, turn } = harness();
    for (let i = 0; i < 500; i++) void send("greedy", String(i % 100));
    await turn();
    void send("modest");
    for (let i = 0; i < 4; i++) await turn();
    expect(order.slice(0, 6)).toContain("modest");
  });

  it("takes turns between the connections of one user", async () => {
    const { send, order, drain } = harness();
    void send("u", "x", "first");
    for (let i = 0; i < 50; i++) void send("u", "x", "x");
    void send("u", "y", "y");
    await drain();
    expect(order.indexOf("y")).toBeLessThan(4);
  });

  it("gives up the turn after some milliseconds, so that new input is read", async () => {
    const { send, order, turn } = harness(2);
    for (let i = 0; i < 20; i++) void send("a");
    const before = order.length;
    await turn();
    expect(order.length - before).toBe(3);
  });

  it("refuses a user with too many waiting, and nobody else", async () => {
    const { send, drain } = harness();
    const sent = Array.from({ length: 2_100 }, () => send("greedy"));
    expect(sent.filter((each) => each === undefined)).toHaveLength(99);
    const modest = send("modest");
    await drain();
    expect(await modest).toBe("modest");
    await Promise.all(sent);
    expect(await send("greedy")).toBe("greedy");
  });

  it("hands on what the work failed with, and goes on", async () => {
    const { queue, send, drain } = harness();
    void send("a");
    void send("a");
    const failed = queue.run({ user: "b", connection: {} }, () => Promise.reject(new Error("no")));
    const told = expect(failed).rejects.toThrow("no");
    const after = send("c");
    await drain();
    await told;
    expect(await after).toBe("c");
  });

  it("runs everything exactly once, each connection's requests in their order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), fc.boolean())),
        fc.integer({ min: 0, max: 8 }),
        async (requests, cost) => {
          const { send, order, turn, drain, queue } = harness(cost);
          for (const [index, [user, connection, pause]] of requests.entries()) {
            void send(user, connection, `${user}${connection}#${index}`);
            if (pause) await turn();
          }
          await drain();
          expect(queue.waiting).toBe(0);
          const labels = requests.map(([user, connection], index) => `${user}${connection}#${index}`);
          expect([...order].sort()).toEqual([...labels].sort());
          for (const flow of new Set(labels.map((label) => label.slice(0, 2)))) {
            const own = (list: readonly string[]) => list.filter((label) => label.startsWith(flow));
            expect(own(order)).toEqual(own(labels));
          }
        },
      ),
    );
  });
});
