import type { EventNote, RunContext } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import type { Change } from "../apply/change-set.js";
import type { Applied } from "./applied.js";
import { healthMessage, terminationTimedOut } from "./conclude.js";
import type { DeliveryState } from "./delivery-state.js";
import { tellApplied, tellFinalized } from "./events.js";
import type { Kustomization } from "./resource.js";

type Done = Extract<Applied, { did: "apply" }>;

const NOW = Date.UTC(2026, 0, 1);
const WAITED_SINCE = NOW - 5_000;

const object = {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { name: "app", namespace: "n", generation: 1 },
  spec: { interval: "10m", prune: true, force: false, sourceRef: { kind: "GitRepository", name: "r" } },
  status: {
    observedGeneration: 1,
    lastAppliedRevision: "main@sha1:1",
    conditions: ["Ready", "Healthy"].map((type) => ({ type, status: "True", reason: "r", message: "" })),
  },
} as unknown as Kustomization;

function told(revision: string, action: Change["action"], of = object): string[] {
  const entry = { id: "n_a__ConfigMap", v: "v1" };
  const change: Change = {
    entry,
    apiVersion: "v1",
    kind: "ConfigMap",
    namespace: "n",
    name: "a",
    action,
    selfDeleting: false,
  };
  const applied: Done = {
    did: "apply",
    revision,
    originRevision: undefined,
    digest: "d",
    changes: [change],
    failures: [],
    stale: [],
    survivors: [],
    pruned: [],
    pruneErrors: [],
    held: undefined,
    health: { state: "healthy" },
    startedAt: NOW - 1000,
  };
  const lines: string[] = [];
  const record = (_object: KubeObject, note: EventNote) => void lines.push(`${note.reason}: ${note.message}`);
  const events = {
    record,
    normal: (of: KubeObject, reason: string, message: string) =>
      record(of, { type: "Normal", reason, message }),
  };
  const context = { events, clock: { now: () => NOW } } as unknown as RunContext;
  tellApplied(of, applied, [], {} as DeliveryState, context);
  return lines;
}

const finished = "ReconciliationSucceeded: Reconciliation finished in 1s, next run in 10m0s";

describe("the events of an apply", () => {
  it("say that health passed when a new revision changed something", () => {
    expect(told("main@sha1:2", "configured")).toEqual([
      "Progressing: ConfigMap/n/a configured",
      "Progressing: Health check passed in 0s",
      finished,
    ]);
    expect(told("main@sha1:2", "unchanged")).toEqual([finished]);
  });

  it("count the time that was waited for health", () => {
    const message = healthMessage(object, "main@sha1:2");
    const waiting = { type: "Healthy", status: "Unknown" as const, reason: "Progressing", message };
    const conditions = [{ ...waiting, lastTransitionTime: new Date(WAITED_SINCE).toISOString() }];
    const waited = { ...object, status: { ...object.status, conditions } } as Kustomization;
    expect(told("main@sha1:2", "unchanged", waited)).toEqual([
      "Progressing: Health check passed in 5s",
      "ReconciliationSucceeded: Reconciliation finished in 5s, next run in 10m0s",
    ]);
  });

  it("do not say so again when a drift was repaired", () => {
    expect(told("main@sha1:1", "configured")).toEqual(["Progressing: ConfigMap/n/a configured", finished]);
  });
});

describe("the end of what was applied", () => {
  const deleted = (secondsAgo: number, deletionPolicy: string) =>
    ({
      ...object,
      metadata: {
        ...object.metadata,
        deletionTimestamp: new Date(NOW - secondsAgo * 1000).toISOString().replace(".000", ""),
      },
      spec: { ...object.spec, deletionPolicy, timeout: "1m" },
    }) as Kustomization;

  it("has a time, where objects are waited for", () => {
    expect(terminationTimedOut(deleted(59, "WaitForTermination"), 1, NOW)).toBe(false);
    expect(terminationTimedOut(deleted(60, "WaitForTermination"), 1, NOW)).toBe(true);
    expect(terminationTimedOut(deleted(60, "WaitForTermination"), 0, NOW)).toBe(false);
    expect(terminationTimedOut(deleted(60, "Delete"), 1, NOW)).toBe(false);
  });

  it("is told where that time is over", () => {
    const told = (timedOut: boolean) => {
      const lines: string[] = [];
      const warning = (_: KubeObject, reason: string, message: string) =>
        void lines.push(`${reason}: ${message}`);
      const context = { events: { warning, normal: warning } } as unknown as RunContext;
      const nothing = { deleted: [], survivors: [], errors: [], abandoned: [] };
      tellFinalized(deleted(60, "WaitForTermination"), { ...nothing, timedOut }, context);
      return lines;
    };
    expect(told(true)).toEqual(["r: failed to wait for resources termination"]);
    expect(told(false)).toEqual([]);
  });
});
