import { ApiError, type Clock } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { WorkQueue } from "./work-queue.js";

function setUp(work: (key: string) => Promise<number | undefined>) {
  const timers: { readonly ms: number; readonly callback: () => void }[] = [];
  const clock: Clock = {
    now: () => 0,
    after: (ms, callback) => {
      timers.push({ ms, callback });
      return () => undefined;
    },
  };
  const failures: string[] = [];
  const queue = new WorkQueue({
    clock,
    work,
    onFailure: (key, error) => void failures.push(`${key}: ${String(error)}`),
  });
  return { queue, timers, failures };
}

describe("a key whose work fails", () => {
  it("is told of and comes back, later every time, until it is done", async () => {
    let runs = 0;
    const { queue, timers, failures } = setUp(async () => {
      runs += 1;
      if (runs < 3) throw new TypeError("of no kind");
      return undefined;
    });
    queue.add("a");
    await queue.idle();
    timers[0]?.callback();
    await queue.idle();
    timers[1]?.callback();
    await queue.idle();
    expect(failures).toEqual(["a: TypeError: of no kind", "a: TypeError: of no kind"]);
    expect(timers.map(({ ms }) => ms)).toEqual([200, 400]);
    expect(runs).toBe(3);
  });

  it("is not told of where somebody else was only faster, or the disk is full", async () => {
    for (const [code, reason] of [
      [409, "Conflict"],
      [507, "InsufficientStorage"],
    ] as const) {
      const { queue, timers, failures } = setUp(async () => {
        throw new ApiError({
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Failure",
          code,
          reason,
        });
      });
      queue.add("a");
      await queue.idle();
      expect(failures).toEqual([]);
      expect(timers).toHaveLength(1);
    }
  });
});
