import type { Clock } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { Ledger } from "../live/ledger.js";
import type { LiveRecord } from "../live/live-record.js";
import { NO_POLICIES } from "../plan/policies.js";
import { Tracker } from "./tracker.js";

function record(owned: string, status: "Current" | "InProgress" = "Current"): LiveRecord {
  const live = { owned, rivals: [], leftovers: [], policies: NO_POLICIES, health: { status, message: "" } };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", uid: "u" }, live };
}

function setUp() {
  let now = 0;
  const clock: Clock = { now: () => now, after: () => () => undefined };
  const ledger = new Ledger();
  const woken: [string, number][] = [];
  const tracker = new Tracker({ ledger, clock, wake: (owner, afterMs) => woken.push([owner, afterMs]) });
  ledger.note("app", { id: "a", digest: "d" }, record("o1"));
  const change = (next: LiveRecord | undefined, previous: LiveRecord | undefined = record("o1")) =>
    tracker.note({ owner: "app", id: "a", record: next, previous });
  return { tracker, ledger, woken, change, pass: (ms: number) => (now += ms) };
}

describe("Tracker", () => {
  it("wakes for drift and deletion, and for nothing that is as expected", () => {
    const { tracker, woken, change } = setUp();
    change(record("o1"));
    change(record("o1", "InProgress"));
    expect(woken).toEqual([]);
    change(record("o2"));
    expect(woken).toEqual([["app", 0]]);
    tracker.begin("app");
    tracker.end("app", false);
    change(undefined);
    expect(woken).toEqual([
      ["app", 0],
      ["app", 0],
    ]);
  });

  it("judges what happens during a run by what the run left behind", () => {
    const { tracker, ledger, woken, change } = setUp();
    tracker.begin("app");
    change(record("o2"));
    ledger.note("app", { id: "a", digest: "d" }, record("o2"));
    tracker.end("app", false);
    expect(woken).toEqual([]);
    tracker.begin("app");
    change(record("o3"));
    expect(woken).toEqual([]);
    tracker.end("app", false);
    expect(woken).toEqual([["app", 0]]);
  });

  it("wakes for health only who waits for it", () => {
    const { tracker, woken, change } = setUp();
    tracker.begin("app");
    tracker.end("app", true);
    change(record("o1", "InProgress"), record("o1"));
    expect(woken).toEqual([["app", 0]]);
    tracker.begin("app");
    tracker.end("app", false);
    change(record("o1"), record("o1", "InProgress"));
    expect(woken).toHaveLength(1);
  });

  it("slows down where somebody keeps on undoing a repair, and forgets it in time", () => {
    const { tracker, woken, change, pass } = setUp();
    const driftAndRepair = () => {
      change(record("o2"));
      tracker.begin("app");
      tracker.end("app", false);
    };
    for (let index = 0; index < 123; index++) driftAndRepair();
    const delays = woken.map(([, delay]) => delay);
    expect(delays.slice(0, 120).every((delay) => delay === 0)).toBe(true);
    expect(delays.slice(120)).toEqual([1000, 2000, 4000]);
    pass(61_000);
    driftAndRepair();
    expect(woken.at(-1)).toEqual(["app", 0]);
  });

  it("counts a drift once, however often the object changes before its repair", () => {
    const { woken, change } = setUp();
    for (let index = 0; index < 200; index++)
      change(record("o2", index % 2 === 0 ? "Current" : "InProgress"));
    expect(woken).toEqual([["app", 0]]);
  });
});
