import { ApiError, type Clock } from "@capstan/kube";
import { describe, expect, it, vi } from "vitest";
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

describe("keys", () => {
  it("do not wait for one whose work takes long", async () => {
    const done: string[] = [];
    let release: () => void = () => undefined;
    const { queue } = setUp(async (key) => {
      if (key === "slow") await new Promise<void>((resolve) => (release = resolve));
      done.push(key);
      return undefined;
    });
    queue.add("slow");
    await new Promise((resume) => setImmediate(resume));
    queue.add("a");
    await vi.waitFor(() => expect(done).toEqual(["a"]));
    release();
    await queue.idle();
    expect(done).toEqual(["a", "slow"]);
  });

  it("are worked on once at a time, and again where they came meanwhile", async () => {
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const runs: string[] = [];
    const { queue } = setUp(async (key) => {
      runs.push(key);
      running.set(key, (running.get(key) ?? 0) + 1);
      most.set(key, Math.max(most.get(key) ?? 0, running.get(key) ?? 0));
      await new Promise((resume) => setImmediate(resume));
      running.set(key, (running.get(key) ?? 0) - 1);
      return undefined;
    });
    for (const key of ["a", "a", "b"]) queue.add(key);
    await vi.waitFor(() => expect(runs).toEqual(["a", "b"]));
    queue.add("a");
    await queue.idle();
    expect(runs).toEqual(["a", "b", "a"]);
    expect(most.get("a")).toBe(1);
  });

  it("are not all worked on at a time", async () => {
    let [now, most] = [0, 0];
    const { queue } = setUp(async () => {
      most = Math.max(most, ++now);
      await new Promise((resume) => setImmediate(resume));
      now -= 1;
      return undefined;
    });
    for (let key = 0; key < 100; key++) queue.add(String(key));
    await queue.idle();
    expect(most).toBe(16);
  });
});
