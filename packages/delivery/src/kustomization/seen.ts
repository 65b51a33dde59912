import type { Client } from "@capstan/controller";
import type { LiveObjects } from "../live/live-objects.js";
import type { LiveRecord } from "../live/live-record.js";
import type { InventoryEntry } from "../plan/object-id.js";
import type { Sighting } from "../plan/plan.js";
import type { Rendered } from "../render/desired-object.js";
import type { Problem } from "./problem.js";
import type { SourceArtifact } from "./source.js";

/** The cluster that objects are applied to, as whoever applies them. */
export interface Target {
  readonly client: Client;
  readonly live: LiveObjects;
}

/** What a run saw of the world. */
export type Seen =
  | { readonly state: "blocked"; readonly problem: Problem }
  | {
      readonly state: "deleting";
      /** Undefined where nothing can be deleted in the owner's name any more. */
      readonly target: Target | undefined;
      readonly inventory: readonly InventoryEntry[];
      readonly records: ReadonlyMap<string, LiveRecord>;
    }
  | {
      readonly state: "built";
      readonly target: Target;
      readonly artifact: SourceArtifact;
      readonly rendered: Rendered;
      readonly inventory: readonly InventoryEntry[];
      /** By inventory id, of what is desired. */
      readonly sightings: ReadonlyMap<string, Sighting>;
      /** By inventory id, of what left the inventory. */
      readonly stale: ReadonlyMap<string, LiveRecord>;
      /** By inventory id, the other Kustomization that applies the object too, as `namespace/name`. */
      readonly taken: ReadonlyMap<string, string>;
      /** Doomed containers that still hold something else. */
      readonly holding: ReadonlySet<string>;
      readonly startedAt: number;
    };
