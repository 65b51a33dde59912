import type { Change } from "../apply/change-set.js";
import type { ApplyFailure } from "../apply/errors.js";
import type { HealthSummary } from "../health/summary.js";
import type { Held } from "../plan/budget.js";
import type { InventoryEntry } from "../plan/object-id.js";
import type { Problem } from "./problem.js";

/** What a run did. */
export type Applied =
  | { readonly did: "report"; readonly problem: Problem }
  | {
      readonly did: "finalize";
      /** Deletions that the API refused. */
      readonly errors: readonly string[];
      /** Objects that are deleted and still there. */
      readonly terminating: number;
    }
  | {
      readonly did: "apply";
      readonly revision: string;
      readonly originRevision: string | undefined;
      readonly digest: string;
      readonly changes: readonly Change[];
      readonly failures: readonly ApplyFailure[];
      /** Entries that left the inventory. */
      readonly stale: readonly InventoryEntry[];
      /** Of those, the ones whose deletion was refused. */
      readonly survivors: readonly InventoryEntry[];
      readonly pruned: readonly InventoryEntry[];
      readonly pruneErrors: readonly string[];
      readonly held: Held | undefined;
      readonly health: HealthSummary;
      readonly startedAt: number;
    };
