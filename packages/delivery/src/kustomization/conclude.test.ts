import type { Condition } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import type { Change } from "../apply/change-set.js";
import { DEFAULT_SETTINGS } from "../register-delivery.js";
import type { Applied } from "./applied.js";
import { concludeRun, healthMessage } from "./conclude.js";
import type { Kustomization } from "./resource.js";
import { planRun } from "./run-plan.js";

const NOW = Date.UTC(2026, 0, 1, 12);
type Done = Extract<Applied, { did: "apply" }>;

function object(fields: Record<string, unknown> = {}): Kustomization {
  const { spec, ...rest } = fields as { spec?: Record<string, unknown> };
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "app", namespace: "flux-system", generation: 2 },
    ...rest,
    spec: {
      interval: "10m",
      prune: true,
      force: false,
      sourceRef: { kind: "GitRepository", name: "r" },
      ...spec,
    },
  } as unknown as Kustomization;
}

function change(name: string, action: Change["action"]): Change {
  const entry = { id: `n_${name}__ConfigMap`, v: "v1" };
  return { entry, apiVersion: "v1", kind: "ConfigMap", namespace: "n", name, action, selfDeleting: false };
}

function done(fields: Partial<Done> = {}): Done {
  return {
    did: "apply",
    revision: "main@sha1:1",
    originRevision: undefined,
    digest: "sha256:d",
    changes: [change("a", "created")],
    failures: [],
    stale: [],
    survivors: [],
    pruned: [],
    pruneErrors: [],
    held: undefined,
    health: { state: "none" },
    startedAt: NOW - 1000,
    ...fields,
  };
}

function conclude(applied: Applied, of = object()) {
  const outcome = concludeRun(of, applied, NOW, DEFAULT_SETTINGS);
  const conditions = outcome.status.conditions.map((c) => `${c.type}=${c.status} ${c.reason}`);
  return {
    outcome,
    conditions,
    fields: outcome.status.fields ?? {},
    message: outcome.status.conditions[0]?.message,
  };
}

describe("concludeRun", () => {
  it("is ready once everything was applied", () => {
    const { outcome, conditions, fields, message } = conclude(done());
    expect(outcome).toMatchObject({ kind: "settled", resyncAfterMs: 600_000 });
    expect(conditions).toEqual(["Ready=True ReconciliationSucceeded"]);
    expect(message).toBe("Applied revision: main@sha1:1");
    expect(fields).toMatchObject({
      lastAppliedRevision: "main@sha1:1",
      lastAttemptedRevision: "main@sha1:1",
      inventory: { entries: [{ id: "n_a__ConfigMap", v: "v1" }] },
      history: [{ digest: "sha256:d", lastReconciledDuration: "1s" }],
    });
  });

  it("leaves the history alone when nothing happened", () => {
    const ready: Condition = {
      type: "Ready",
      status: "True",
      reason: "ReconciliationSucceeded",
      message: "x",
    };
    const status = {
      observedGeneration: 2,
      lastAppliedRevision: "main@sha1:1",
      conditions: [{ ...ready, lastTransitionTime: "" }],
    };
    const { fields } = conclude(done({ changes: [change("a", "unchanged")] }), object({ status }));
    expect(fields).not.toHaveProperty("history");
  });

  it("keeps the old inventory beside the new one after a failed apply", () => {
    const status = { inventory: { entries: [{ id: "n_old__ConfigMap", v: "v1" }] } };
    const failures = [
      { subject: "x", message: "ConfigMap/n/x dry-run failed (Invalid): no", kindMissing: false },
      { subject: "y", message: "ConfigMap/n/y dry-run failed (Invalid): no", kindMissing: false },
    ];
    const { outcome, conditions, fields, message } = conclude(
      done({ failures }),
      object({ status, spec: { retryInterval: "1m" } }),
    );
    expect(outcome).toMatchObject({ kind: "waiting", retryAfterMs: 60_000 });
    expect(conditions).toEqual(["Ready=False ReconciliationFailed"]);
    expect(message).toBe(`${failures[0]?.message}\n${failures[1]?.message}\nConfigMap/n/a created`);
    expect(fields["inventory"]).toEqual({
      entries: [...status.inventory.entries, { id: "n_a__ConfigMap", v: "v1" }],
    });
    expect(fields).not.toHaveProperty("lastAppliedRevision");
  });

  it("tracks on what could not be deleted", () => {
    const survivors = [{ id: "n_b__ConfigMap", v: "v1" }];
    const { conditions, fields } = conclude(
      done({ pruneErrors: ["ConfigMap/n/b delete failed: no"], survivors }),
    );
    expect(conditions).toEqual(["Ready=False PruneFailed"]);
    expect(fields["inventory"]).toEqual({ entries: [{ id: "n_a__ConfigMap", v: "v1" }, ...survivors] });
  });

  it("holds a deletion, names its digest and tracks it on", () => {
    const stale = [{ id: "n_b__ConfigMap", v: "v1" }];
    const held = { digest: "abc", reasons: ["6 of 10 objects would be deleted"], objects: [] };
    const { outcome, conditions, fields, message } = conclude(done({ held, stale }));
    expect(conditions).toEqual(["Ready=False DeletionHeld", "DeletionHeld=True BudgetExceeded"]);
    expect(message).toContain("capstan.dev/approve-deletion=abc");
    expect(fields["inventory"]).toEqual({ entries: [{ id: "n_a__ConfigMap", v: "v1" }, ...stale] });
    expect(outcome.kind).toBe("waiting");
  });

  it("waits for health as long as the timeout says, since it began", () => {
    const waiting = { state: "waiting", waitingFor: ["Deployment/n/web status: 'InProgress'"] } as const;
    const first = conclude(done({ health: waiting }), object({ spec: { timeout: "2m" } }));
    expect(first.outcome).toMatchObject({ kind: "waiting", retryAfterMs: 120_000 });
    expect(first.conditions).toEqual([
      "Ready=Unknown Progressing",
      "Reconciling=True Progressing",
      "Healthy=Unknown Progressing",
    ]);
    const waited = (seconds: number) => {
      const of = object({ spec: { timeout: "2m" } });
      const healthy = {
        type: "Healthy",
        status: "Unknown" as const,
        reason: "Progressing",
        message: healthMessage(of, "main@sha1:1"),
        lastTransitionTime: new Date(NOW - seconds * 1000).toISOString(),
      };
      const changes = [change("a", "unchanged")];
      return conclude(
        done({ health: waiting, changes }),
        object({ spec: { timeout: "2m" }, status: { conditions: [healthy] } }),
      );
    };
    expect(waited(90).outcome).toMatchObject({ kind: "waiting", retryAfterMs: 30_000 });
    const late = waited(121);
    expect(late.conditions).toEqual(["Ready=False HealthCheckFailed", "Healthy=False HealthCheckFailed"]);
    expect(late.message).toBe(
      "health check failed after 2m1s: timeout waiting for: [Deployment/n/web status: 'InProgress']",
    );
  });

  it("says that a timeout was too short to be taken", () => {
    const of = (timeout: string) => object({ spec: { timeout }, status: { conditions: [since] } });
    const since = {
      type: "Healthy",
      status: "Unknown" as const,
      reason: "Progressing",
      message: healthMessage(object({ spec: { timeout: "2s" } }), "main@sha1:1"),
      lastTransitionTime: new Date(NOW - 30_500).toISOString(),
    };
    const health = { state: "waiting", waitingFor: ["Deployment/n/web status: 'InProgress'"] } as const;
    const late = (timeout: string) =>
      conclude(done({ health, changes: [change("a", "unchanged")] }), of(timeout)).message;
    expect(late("2s")).toBe(
      "health check failed after 30.5s: timeout waiting for: [Deployment/n/web status: 'InProgress']" +
        " (spec.timeout is 2s; the shortest there is is 30s)",
    );
    expect(late("30s")).toMatch(/'InProgress'\]$/);
  });

  it("says that health passed, and not again while nothing changes", () => {
    const first = conclude(done({ health: { state: "healthy" } }));
    expect(first.conditions).toEqual(["Ready=True ReconciliationSucceeded", "Healthy=True Succeeded"]);
    expect(first.outcome.status.conditions[1]?.message).toBe("Health check passed in 0s");
  });

  it.each([
    ["stalled", { kind: "stalled" }],
    ["watched", { kind: "waiting", retryAfterMs: 600_000 }],
    ["retry", { kind: "waiting", retryAfterMs: 60_000 }],
    ["soon", { kind: "waiting", retryAfterMs: 30_000 }],
  ] as const)("reports a problem that is %s", (wait, outcome) => {
    const problem = { reason: "BuildFailed", message: "m", wait } as const;
    const got = conclude({ did: "report", problem }, object({ spec: { retryInterval: "1m" } }));
    expect(got.outcome).toMatchObject(outcome);
    expect(got.conditions).toEqual(["Ready=False BuildFailed"]);
  });

  it("lets go of a deleted object when its objects are gone, or its time is over", () => {
    const deleted = (seconds: number) =>
      object({
        metadata: {
          name: "app",
          namespace: "flux-system",
          deletionTimestamp: new Date(NOW - seconds * 1000).toISOString(),
        },
        spec: { deletionPolicy: "WaitForTermination", timeout: "1m" },
      });
    const finalize = (terminating: number, errors: string[] = []) =>
      ({ did: "finalize", errors, terminating }) as const;
    expect(conclude(finalize(1), deleted(10)).outcome).toMatchObject({
      kind: "waiting",
      retryAfterMs: 50_000,
    });
    expect(conclude(finalize(0), deleted(10)).outcome.kind).toBe("settled");
    expect(conclude(finalize(1), deleted(61)).outcome.kind).toBe("settled");
    expect(conclude(finalize(0, ["x"]), deleted(10)).outcome.kind).toBe("waiting");
  });
});

describe("planRun for a deleted object", () => {
  const inventory = [{ id: "n_a__ConfigMap", v: "v1" }];
  const records = new Map();
  it.each([
    [{ prune: true }, true],
    [{ prune: false }, false],
    [{ prune: false, deletionPolicy: "Delete" }, true],
    [{ prune: true, deletionPolicy: "Orphan" }, false],
    [{ prune: true, suspend: true }, false],
  ])("with %j needs somebody who deletes: %s", (spec, needed) => {
    const of = object({ spec, status: { inventory: { entries: inventory } } });
    const plan = planRun(of, { state: "deleting", target: undefined, inventory, records }, DEFAULT_SETTINGS);
    expect(plan.action === "finalize" && plan.abandoned.length > 0).toBe(needed);
  });
});
