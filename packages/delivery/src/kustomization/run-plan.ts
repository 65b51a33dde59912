import { placeOf } from "../apply/errors.js";
import { APPROVAL_ANNOTATION, BUDGET_ANNOTATION, budgetOf, checkBudget, type Held } from "../plan/budget.js";
import { type InventoryEntry, subjectOf } from "../plan/object-id.js";
import { planStages, type Stage } from "../plan/plan.js";
import { type Doomed, planPrune, staleEntries } from "../plan/prune.js";
import type { Problem } from "./problem.js";
import type { Kustomization } from "./resource.js";
import type { Seen, Target } from "./seen.js";
import type { DeliverySettings } from "./settings.js";

/** What a run is going to do. */
export type RunPlan =
  | { readonly action: "report"; readonly problem: Problem }
  | {
      readonly action: "finalize";
      readonly target: Target | undefined;
      readonly doomed: readonly Doomed[];
      /** Deleted already, but still there. */
      readonly terminating: number;
      /** Objects that stay because nobody can delete them. */
      readonly abandoned: readonly InventoryEntry[];
    }
  | {
      readonly action: "apply";
      readonly seen: Extract<Seen, { state: "built" }>;
      readonly stages: readonly Stage[];
      /** Entries that left the inventory; deleted or not, they are no longer desired. */
      readonly stale: readonly InventoryEntry[];
      readonly doomed: readonly Doomed[];
      readonly held: Held | undefined;
      /** Whether objects may be applied that were not applied in this form before. */
      readonly novel: boolean;
    };

/** Decides what a run does. Pure. */
export function planRun(object: Kustomization, seen: Seen, settings: DeliverySettings): RunPlan {
  switch (seen.state) {
    case "blocked":
      return { action: "report", problem: seen.problem };
    case "deleting":
      return planFinalize(object, seen);
    case "built":
      return planApply(object, seen, settings);
  }
}

function planApply(
  object: Kustomization,
  seen: Extract<Seen, { state: "built" }>,
  settings: DeliverySettings,
): RunPlan {
  const { rendered, inventory, sightings } = seen;
  if (seen.taken.size > 0) return { action: "report", problem: takenProblem(seen) };
  const stages = planStages(
    rendered.objects,
    (desired) => sightings.get(desired.id) ?? { record: "unknown", expected: undefined },
    new Set(settings.customStageKinds),
  );
  const desired = new Set(rendered.objects.map((one) => one.id));
  const stale = staleEntries(inventory, desired);
  const doomed = object.spec.prune
    ? planPrune(stale, ownerOf(object), (entry) => seen.stale.get(entry.id))
    : [];
  const { annotations } = object.metadata;
  const budget = budgetOf(annotations?.[BUDGET_ANNOTATION], settings.deletionBudget);
  const held = checkBudget(
    doomed,
    inventory.length,
    seen.holding,
    budget,
    annotations?.[APPROVAL_ANNOTATION],
  );
  return {
    action: "apply",
    seen,
    stages,
    stale,
    doomed: held === undefined ? doomed : [],
    held,
    novel: isNovel(object, seen),
  };
}

/** Two that apply the same object would change it back and forth for ever. */
function takenProblem(seen: Extract<Seen, { state: "built" }>): Problem {
  const lines = seen.rendered.objects.flatMap((object) => {
    const owner = seen.taken.get(object.id);
    return owner === undefined
      ? []
      : [`${subjectOf(object)} is applied by Kustomization ${owner} already${placeOf(object)}`];
  });
  const message = lines.join("\n");
  const { revision } = seen.artifact;
  return {
    reason: "ReconciliationFailed",
    message,
    wait: "retry",
    event: { type: "Warning", message },
    revision,
    attempted: true,
  };
}

/** Objects that were applied before, by the same revision of the same spec, need no second opinion. */
function isNovel(object: Kustomization, seen: Extract<Seen, { state: "built" }>): boolean {
  const { status, metadata } = object;
  return (
    status?.lastAppliedRevision !== seen.artifact.revision ||
    status.observedGeneration !== metadata.generation ||
    status.history?.[0]?.digest !== seen.rendered.digest
  );
}

function planFinalize(object: Kustomization, seen: Extract<Seen, { state: "deleting" }>): RunPlan {
  const { target, inventory, records } = seen;
  const none = { action: "finalize", target, doomed: [], terminating: 0, abandoned: [] } as const;
  if (!deletesObjects(object) || inventory.length === 0) return none;
  if (target === undefined) return { ...none, abandoned: inventory };
  const doomed = planPrune(inventory, ownerOf(object), (entry) => records.get(entry.id));
  const isGoing = (id: string) => records.get(id)?.metadata.deletionTimestamp !== undefined;
  return {
    ...none,
    doomed: doomed.filter((one) => !isGoing(one.id)),
    terminating: doomed.filter((one) => isGoing(one.id)).length,
  };
}

/** Whether deleting the Kustomization deletes what it applied. */
export function deletesObjects(object: Kustomization): boolean {
  if (object.spec.suspend === true) return false;
  switch (object.spec.deletionPolicy ?? "MirrorPrune") {
    case "MirrorPrune":
      return object.spec.prune;
    case "Delete":
    case "WaitForTermination":
      return true;
    case "Orphan":
      return false;
  }
}

export function ownerOf(object: Kustomization): { readonly name: string; readonly namespace: string } {
  return { name: object.metadata.name, namespace: object.metadata.namespace ?? "" };
}
