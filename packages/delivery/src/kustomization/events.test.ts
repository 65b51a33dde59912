import type { EventNote, RunContext } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import type { Change } from "../apply/change-set.js";
import type { Applied } from "./applied.js";
import type { DeliveryState } from "./delivery-state.js";
import { tellApplied } from "./events.js";
import type { Kustomization } from "./resource.js";

type Done = Extract<Applied, { did: "apply" }>;

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

function told(revision: string, action: Change["action"]): string[] {
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
    startedAt: 0,
  };
  const lines: string[] = [];
  const record = (_object: KubeObject, note: EventNote) => void lines.push(`${note.reason}: ${note.message}`);
  const events = {
    record,
    normal: (of: KubeObject, reason: string, message: string) =>
      record(of, { type: "Normal", reason, message }),
  };
  const context = { events, clock: { now: () => 1000 } } as unknown as RunContext;
  tellApplied(object, applied, [], {} as DeliveryState, context);
  return lines;
}

const finished = "ReconciliationSucceeded: Reconciliation finished in 1s, next run in 10m0s";

describe("the events of an apply", () => {
  it("say that health passed when a new revision changed something", () => {
    expect(told("main@sha1:2", "configured")).toEqual([
      "Progressing: ConfigMap/n/a configured",
      "Progressing: Health check passed in 1s",
      finished,
    ]);
    expect(told("main@sha1:2", "unchanged")).toEqual([finished]);
  });

  it("do not say so again when a drift was repaired", () => {
    expect(told("main@sha1:1", "configured")).toEqual(["Progressing: ConfigMap/n/a configured", finished]);
  });
});
