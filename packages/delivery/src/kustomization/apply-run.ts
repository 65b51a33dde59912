import type { RunContext } from "@capstan/controller";
import { ApiError, parseApiVersion } from "@capstan/kube";
import { type ApplyResult, applyStages } from "../apply/apply-stages.js";
import { entriesToTrack } from "../plan/inventory.js";
import { type InventoryEntry, subjectOf } from "../plan/object-id.js";
import type { Doomed } from "../plan/prune.js";
import type { Applied } from "./applied.js";
import { checkHealth } from "./check-health.js";
import { progressMessage, terminationTimedOut } from "./conclude.js";
import type { DeliveryState } from "./delivery-state.js";
import { tellApplied, tellCanceled, tellFinalized, tellProblem } from "./events.js";
import type { Kustomization } from "./resource.js";
import type { RunPlan } from "./run-plan.js";
import type { Target } from "./seen.js";
import { artifactOf, sourceRefOf } from "./source.js";

/** Carries out what a run decided. Safe to repeat, and to break off at any await. */
export async function applyRun(
  plan: RunPlan,
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Applied> {
  switch (plan.action) {
    case "report":
      tellProblem(object, plan.problem, context);
      return { did: "report", problem: plan.problem };
    case "finalize":
      return finalize(plan, object, state, context);
    case "apply":
      return apply(plan, object, state, context);
  }
}

type ApplyPlan = Extract<RunPlan, { action: "apply" }>;

async function apply(
  plan: ApplyPlan,
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Applied> {
  const { target, artifact, rendered, startedAt } = plan.seen;
  tellCanceled(object, artifact.revision, context);
  const result = await applyObjects(plan, object, state, context);
  const pruned =
    result.failures.length > 0
      ? NOTHING_DELETED
      : await deleteObjects(plan.doomed, target, state, context.signal);
  const healthy = result.failures.length === 0 && pruned.errors.length === 0 && plan.held === undefined;
  const { failFast } = state.settings;
  const applied: Extract<Applied, { did: "apply" }> = {
    did: "apply",
    revision: artifact.revision,
    originRevision: artifact.originRevision,
    digest: rendered.digest,
    changes: result.changes,
    failures: result.failures,
    stale: plan.stale,
    survivors: pruned.survivors.map(entryOfDoomed),
    pruned: pruned.deleted.map(entryOfDoomed),
    pruneErrors: pruned.errors,
    held: plan.held,
    health: healthy
      ? await checkHealth(object, result.changes, rendered, target, failFast, context.signal)
      : { state: "none" },
    startedAt,
  };
  if (result.changes.every((change) => change.action === "unchanged" || change.action === "skipped")) {
    state.metrics.idleRuns.inc();
  }
  tellApplied(object, applied, result.drifted, state, context);
  return applied;
}

function applyObjects(
  plan: ApplyPlan,
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<ApplyResult> {
  const { target, artifact, rendered } = plan.seen;
  const owner = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
  const { ledger, names, metrics } = state;
  ledger.retain(owner, new Set(rendered.objects.map((one) => one.id)));
  return applyStages(plan.stages, {
    client: target.client,
    live: target.live,
    names,
    clock: context.clock,
    signal: context.signal,
    force: object.spec.force,
    ignore: object.spec.ignore ?? [],
    preflight: plan.novel,
    isSuperseded: () => {
      const source = context.cache.get(sourceRefOf(object));
      return source !== undefined && artifactOf(source)?.revision !== artifact.revision;
    },
    onWrite: (verb) => metrics.writes.inc({ verb }),
    onApplied: (desired, record) => ledger.note(owner, desired, record),
    beforeWrite: async () => {
      const entries = entriesToTrack(plan.seen.inventory, rendered.objects);
      // Known before it is there: whatever ends this process now, the next one finds what was created.
      if (entries === undefined) return;
      const message = progressMessage(object, artifact.revision);
      await context.report({
        conditions: [
          { type: "Ready", status: "Unknown", reason: "Progressing", message: "Reconciliation in progress" },
          { type: "Reconciling", status: "True", reason: "Progressing", message },
        ],
        fields: { inventory: { entries }, lastAttemptedRevision: artifact.revision },
      });
    },
  });
}

async function finalize(
  plan: Extract<RunPlan, { action: "finalize" }>,
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Applied> {
  const { target, doomed, terminating, abandoned } = plan;
  const result =
    target === undefined ? NOTHING_DELETED : await deleteObjects(doomed, target, state, context.signal);
  const left = terminating + result.deleted.length;
  const timedOut = result.errors.length === 0 && terminationTimedOut(object, left, context.clock.now());
  tellFinalized(object, { ...result, abandoned, timedOut }, context);
  return { did: "finalize", errors: result.errors, terminating: left };
}

/** What became of objects that were to be deleted. */
export interface Deleted {
  readonly deleted: readonly Doomed[];
  readonly survivors: readonly Doomed[];
  readonly errors: readonly string[];
}

const NOTHING_DELETED: Deleted = { deleted: [], survivors: [], errors: [] };

async function deleteObjects(
  doomed: readonly Doomed[],
  target: Target,
  state: DeliveryState,
  signal: AbortSignal,
): Promise<Deleted> {
  const deleted: Doomed[] = [];
  const survivors: Doomed[] = [];
  const errors: string[] = [];
  for (const object of doomed) {
    const { apiVersion, kind, namespace, name, uid } = object;
    const ref = { apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) };
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    try {
      state.metrics.writes.inc({ verb: "delete" });
      await target.client.delete(ref, { propagationPolicy: "Background", ...preconditions, signal });
      deleted.push(object);
    } catch (error) {
      signal.throwIfAborted();
      // Gone, or another object of the same name by now.
      if (ApiError.is(error, "NotFound", "Conflict")) continue;
      survivors.push(object);
      errors.push(
        `${subjectOf(object)} delete failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { deleted, survivors, errors };
}

function entryOfDoomed(object: Doomed): InventoryEntry {
  return { id: object.id, v: parseApiVersion(object.apiVersion).version };
}
