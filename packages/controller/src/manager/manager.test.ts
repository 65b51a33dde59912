import type { KubeObject } from "@capstan/kube";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../client/create-client.js";
import type { Outcome } from "../outcome.js";
import { CONFIG_MAPS, EVENTS, FakeApi, WIDGETS } from "../testing/fake-api.js";
import { FakeClock, middle, settle } from "../testing/fake-clock.js";
import { type Controller, defineController, type RunContext } from "./define-controller.js";
import { ownerReference } from "./finalizers.js";
import { createManager } from "./manager.js";
import { settled, stalled, waiting } from "./outcomes.js";

const WIDGET = { apiVersion: WIDGETS.apiVersion, kind: WIDGETS.kind };
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };

function widget(name: string, fields: Record<string, unknown> = {}): KubeObject {
  return { ...WIDGET, metadata: { name, namespace: "a" }, spec: { size: 1 }, ...fields };
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function run(api: FakeApi, ...controllers: Controller[]) {
  const clock = new FakeClock();
  const manager = createManager({ client: createClient(api), clock, random: middle });
  for (const controller of controllers) manager.add(controller);
  const abort = new AbortController();
  const ended = manager.start(abort.signal);
  stops.push(async () => {
    abort.abort();
    await ended;
  });
  await manager.ready();
  await settle();
  return { clock, manager, abort, ended };
}

function short(
  reconcile: (object: KubeObject, context: RunContext) => Promise<Outcome | undefined>,
  options: Partial<Controller> = {},
): Controller {
  return defineController<KubeObject>({ name: "widgets", for: WIDGET, reconcile, ...options });
}

function conditionsOf(object: KubeObject | undefined): Record<string, string> {
  const status = object?.["status"] as { conditions?: { type: string; status: string; reason: string }[] };
  return Object.fromEntries((status?.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}`]));
}

describe("createManager", () => {
  it("runs what is there and what comes, and reports it ready", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    await run(
      api,
      short(async () => undefined),
    );
    api.put(widget("two"));
    await settle();
    for (const name of ["one", "two"]) {
      const object = api.find(WIDGETS, "a", name);
      expect(conditionsOf(object)).toEqual({ Ready: "True Succeeded" });
      expect(object?.["status"]).toMatchObject({ observedGeneration: 1 });
    }
  });

  it("writes nothing when a second run concludes the same", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    let runs = 0;
    const { clock } = await run(
      api,
      short(async () => {
        runs += 1;
        return settled("Succeeded", "fine", { resyncAfterMs: 60_000 });
      }),
    );
    const before = api.writes.length;
    await clock.advance(60_000);
    expect(runs).toBe(2);
    expect(api.writes.length).toBe(before);
  });

  it("does not run again because of its own status", async () => {
    const api = new FakeApi();
    let runs = 0;
    await run(
      api,
      short(async () => {
        runs += 1;
        return settled("Succeeded", "fine", { fields: { seen: runs } });
      }),
    );
    api.put(widget("one"));
    await settle();
    expect(runs).toBe(1);
  });

  it("answers a reconcile request and says so at the end", async () => {
    const api = new FakeApi();
    const first = api.put(widget("one"));
    let runs = 0;
    await run(
      api,
      short(async () => {
        runs += 1;
        return undefined;
      }),
    );
    const stored = api.find(WIDGETS, "a", "one") ?? first;
    const annotations = { "reconcile.fluxcd.io/requestedAt": "now" };
    api.put({ ...stored, metadata: { ...stored.metadata, annotations } });
    await settle();
    expect(runs).toBe(2);
    expect(api.find(WIDGETS, "a", "one")?.["status"]).toMatchObject({ lastHandledReconcileAt: "now" });
  });

  it("keeps observedGeneration while it waits and advances it when it stalls", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    let next: Outcome = waiting("Failed", "not yet", { retryAfterMs: 1000 });
    const { clock } = await run(
      api,
      short(async () => next),
    );
    let object = api.find(WIDGETS, "a", "one");
    expect(conditionsOf(object)).toEqual({ Reconciling: "True ProgressingWithRetry", Ready: "False Failed" });
    expect(object?.["status"]).not.toHaveProperty("observedGeneration");
    next = stalled("InvalidPath", "never");
    await clock.advance(1000);
    object = api.find(WIDGETS, "a", "one");
    expect(conditionsOf(object)).toEqual({ Stalled: "True InvalidPath", Ready: "False InvalidPath" });
    expect(object?.["status"]).toMatchObject({ observedGeneration: 1 });
  });

  it("backs off exponentially from what was thrown, and recovers", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    let fail = true;
    const at: number[] = [];
    const { clock } = await run(
      api,
      short(async (_, context) => {
        at.push(context.now);
        if (fail) throw new Error("the disk is full");
        return undefined;
      }),
    );
    await clock.advance(3000);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(gaps).toEqual([788, 1575]);
    expect(conditionsOf(api.find(WIDGETS, "a", "one"))["Ready"]).toBe("False ReconciliationFailed");
    fail = false;
    await clock.advance(3200);
    expect(conditionsOf(api.find(WIDGETS, "a", "one"))).toEqual({ Ready: "True Succeeded" });
  });

  it("puts the finalizer on first and takes it off last", async () => {
    const api = new FakeApi();
    const order: string[] = [];
    const controller = defineController<KubeObject>({
      name: "widgets",
      for: WIDGET,
      finalizer: "example.dev/widget",
      reconcile: async (object) => {
        order.push(`reconcile ${object.metadata.finalizers}`);
        return undefined;
      },
      finalize: async () => {
        order.push("finalize");
        return undefined;
      },
    });
    await run(api, controller);
    api.put(widget("one"));
    await settle();
    api.remove(WIDGETS, "a", "one");
    await settle();
    expect(order).toEqual(["reconcile example.dev/widget", "finalize"]);
    expect(api.objects(WIDGETS)).toEqual([]);
  });

  it("keeps the finalizer while finalize waits", async () => {
    const api = new FakeApi();
    let done = false;
    const controller = defineController<KubeObject>({
      name: "widgets",
      for: WIDGET,
      finalizer: "example.dev/widget",
      reconcile: async () => undefined,
      finalize: async () => (done ? undefined : waiting("Deleting", "not yet", { retryAfterMs: 500 })),
    });
    const { clock } = await run(api, controller);
    api.put(widget("one"));
    await settle();
    api.remove(WIDGETS, "a", "one");
    await settle();
    expect(api.objects(WIDGETS)).toHaveLength(1);
    done = true;
    await clock.advance(500);
    expect(api.objects(WIDGETS)).toEqual([]);
  });

  it("leaves suspended objects alone", async () => {
    const api = new FakeApi();
    let runs = 0;
    await run(
      api,
      short(async () => {
        runs += 1;
        return undefined;
      }),
    );
    const stored = api.put(widget("one", { spec: { suspend: true } }));
    await settle();
    expect(runs).toBe(0);
    expect(api.find(WIDGETS, "a", "one")).toEqual(stored);
    api.put({ ...stored, spec: { suspend: false } });
    await settle();
    expect(runs).toBe(1);
  });

  it("wakes owners when what they own changes", async () => {
    const api = new FakeApi();
    let runs = 0;
    await run(
      api,
      short(
        async (object, { client, cache }) => {
          runs += 1;
          const owned = cache.owned(CONFIG_MAP, object);
          if (owned.length === 0) {
            await client.create({
              ...CONFIG_MAP,
              metadata: { name: "one", namespace: "a", ownerReferences: [ownerReference(object)] },
            });
          }
          return undefined;
        },
        { owns: [CONFIG_MAP] },
      ),
    );
    api.put(widget("one"));
    await settle();
    const before = runs;
    api.remove(CONFIG_MAPS, "a", "one");
    await settle();
    expect(runs).toBeGreaterThan(before);
    expect(api.objects(CONFIG_MAPS)).toHaveLength(1);
  });

  it("wakes mapped objects by watch, through an index", async () => {
    const api = new FakeApi();
    const ran: string[] = [];
    const controller = short(
      async (object) => {
        ran.push(object.metadata.name);
        return undefined;
      },
      {
        indexes: { source: (object) => [String((object["spec"] as { source?: string }).source)] },
        watches: [
          {
            type: CONFIG_MAP,
            map: (object, cache) =>
              cache
                .byIndex(WIDGET, "source", object.metadata.name)
                .map((o) => ({ namespace: o.metadata.namespace, name: o.metadata.name })),
          },
        ],
      },
    );
    await run(api, controller);
    api.put(widget("one", { spec: { source: "left" } }));
    api.put(widget("two", { spec: { source: "right" } }));
    await settle();
    ran.length = 0;
    api.put({ ...CONFIG_MAP, metadata: { name: "right", namespace: "a" } });
    await settle();
    expect(ran).toEqual(["two"]);
  });

  it("tells a run to stop at shutdown, waits for it, and writes nothing", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    let reason: unknown;
    const { abort, ended } = await run(
      api,
      short(async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        reason = signal.reason.cause;
        signal.throwIfAborted();
        return undefined;
      }),
    );
    const before = api.writes;
    abort.abort();
    await ended;
    expect(reason).toBe("shutdown");
    expect(api.writes).toEqual(before);
  });

  it("ends a run at its timeout with a failed condition", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    const { clock } = await run(
      api,
      short(
        async (_, { signal }) => {
          await new Promise((_, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
          );
          return undefined;
        },
        { timeoutMs: () => 5000 },
      ),
    );
    await clock.advance(5000);
    expect(conditionsOf(api.find(WIDGETS, "a", "one"))["Ready"]).toBe("False Timeout");
  });

  it("runs a superseded object again at once", async () => {
    const api = new FakeApi();
    let supersede: () => void = () => undefined;
    const runs: string[] = [];
    const controller = short(
      async (_, { signal }) => {
        if (runs.push("run") > 1) return undefined;
        await new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        );
        return undefined;
      },
      {
        setup: (context) => {
          supersede = () => context.supersede({ namespace: "a", name: "one" });
        },
      },
    );
    await run(api, controller);
    api.put(widget("one"));
    await settle();
    expect(runs).toHaveLength(1);
    supersede();
    await settle();
    expect(runs).toHaveLength(2);
    expect(conditionsOf(api.find(WIDGETS, "a", "one"))).toEqual({ Ready: "True Succeeded" });
  });

  it("converges after a restart between the work and its status", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    let failing = true;
    api.intercept = (request) =>
      failing && request.path.endsWith("/status")
        ? { status: 500, warnings: [], body: "the server went away" }
        : undefined;
    const controller = () =>
      short(async (object, { client }) => {
        await client.apply(
          { ...CONFIG_MAP, metadata: { name: object.metadata.name, namespace: "a" } },
          { fieldManager: "w" },
        );
        return undefined;
      });
    const first = await run(api, controller());
    first.abort.abort();
    await first.ended;
    failing = false;
    await run(api, controller());
    expect(conditionsOf(api.find(WIDGETS, "a", "one"))).toEqual({ Ready: "True Succeeded" });
    expect(api.objects(CONFIG_MAPS)).toHaveLength(1);
  });

  it("runs four phases in order and concludes from what was applied", async () => {
    const api = new FakeApi();
    api.put(widget("one"));
    const controller = defineController<KubeObject, number, string[], number>({
      name: "widgets",
      for: WIDGET,
      observe: async (_, { cache }) => cache.list(WIDGET).length,
      plan: (object, seen) => [`${object.metadata.name} of ${seen}`],
      apply: async (plan, { events }, object) => {
        events.normal(object, "Applied", plan.join());
        return plan.length;
      },
      conclude: (_, applied) => settled("Succeeded", `applied ${applied}`),
    });
    await run(api, controller);
    const status = api.find(WIDGETS, "a", "one")?.["status"] as { conditions: { message: string }[] };
    expect(status.conditions[0]?.message).toBe("applied 1");
    expect(api.objects(EVENTS)).toHaveLength(1);
    expect(api.objects(EVENTS)[0]).toMatchObject({ reason: "Applied", message: "one of 1", count: 1 });
  });
});
