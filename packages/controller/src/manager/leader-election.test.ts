import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../client/create-client.js";
import { FakeApi, LEASES, WIDGETS } from "../testing/fake-api.js";
import { FakeClock, middle, settle } from "../testing/fake-clock.js";
import { defineController } from "./define-controller.js";
import { LeadershipLost } from "./leader-election.js";
import { createManager } from "./manager.js";

const aborts: AbortController[] = [];
afterEach(() => {
  for (const abort of aborts.splice(0)) abort.abort();
});

function candidate(api: FakeApi, clock: FakeClock, identity: string) {
  const ran: string[] = [];
  const manager = createManager({
    client: createClient(api),
    clock,
    random: middle,
    leaderElection: { name: "capstan", namespace: "n", identity },
  });
  manager.add(
    defineController({
      name: "widgets",
      for: { apiVersion: WIDGETS.apiVersion, kind: WIDGETS.kind },
      reconcile: async (object) => {
        ran.push(object.metadata.name);
        return undefined;
      },
    }),
  );
  const abort = new AbortController();
  aborts.push(abort);
  const ended = manager.start(abort.signal);
  ended.catch(() => undefined);
  return { ran, abort, ended };
}

function lease(api: FakeApi): Record<string, unknown> {
  return (api.find(LEASES, "n", "capstan")?.["spec"] ?? {}) as Record<string, unknown>;
}

function widget(api: FakeApi, name: string) {
  api.put({ apiVersion: WIDGETS.apiVersion, kind: WIDGETS.kind, metadata: { name, namespace: "n" } });
}

describe("leader election", () => {
  it("lets one process run, and hands over at once when that one ends", async () => {
    const api = new FakeApi();
    const clock = new FakeClock();
    const first = candidate(api, clock, "first");
    await settle();
    const second = candidate(api, clock, "second");
    await settle();
    widget(api, "a");
    await settle();
    expect(first.ran).toEqual(["a"]);
    expect(second.ran).toEqual([]);
    expect(lease(api)).toMatchObject({
      holderIdentity: "first",
      leaseDurationSeconds: 35,
      leaseTransitions: 0,
    });
    first.abort.abort();
    await first.ended;
    expect(lease(api)["holderIdentity"]).toBe("");
    await clock.advance(6000);
    expect(lease(api)).toMatchObject({ holderIdentity: "second", leaseTransitions: 1 });
    expect(second.ran).toContain("a");
  });

  it("takes over from a process that is gone without a word, not before its lease ran out", async () => {
    const api = new FakeApi();
    const clock = new FakeClock();
    const time = "2026-01-01T00:00:00.000000Z";
    api.put({
      apiVersion: LEASES.apiVersion,
      kind: LEASES.kind,
      metadata: { name: "capstan", namespace: "n" },
      spec: {
        holderIdentity: "dead",
        leaseDurationSeconds: 35,
        acquireTime: time,
        renewTime: time,
        leaseTransitions: 3,
      },
    });
    candidate(api, clock, "second");
    await settle();
    await clock.advance(30_000);
    expect(lease(api)["holderIdentity"]).toBe("dead");
    await clock.advance(12_000);
    expect(lease(api)).toMatchObject({ holderIdentity: "second", leaseTransitions: 4 });
  });

  it("stops when it cannot renew for too long", async () => {
    const api = new FakeApi();
    const clock = new FakeClock();
    const only = candidate(api, clock, "only");
    await settle();
    expect(lease(api)["holderIdentity"]).toBe("only");
    api.intercept = (request) =>
      request.path.includes("/leases") ? { status: 500, warnings: [], body: "" } : undefined;
    const lost = expect(only.ended).rejects.toBeInstanceOf(LeadershipLost);
    await clock.advance(40_000);
    await lost;
  });
});
