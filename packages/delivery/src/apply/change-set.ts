import { type InventoryEntry, subjectOf } from "../plan/object-id.js";

/** What became of one object. */
type Action = "created" | "configured" | "unchanged" | "deleted" | "skipped";

export interface Change {
  /** Inventory entry of the object as the API has it. */
  readonly entry: InventoryEntry;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly action: Action;
  /** A Job that deletes itself. */
  readonly selfDeleting: boolean;
}

/** `Kind/namespace/name action`, a line per change that changed something; empty where none did. */
export function changeLog(changes: readonly Change[]): string {
  return changes
    .filter((change) => change.action !== "unchanged" && change.action !== "skipped")
    .map((change) => `${subjectOf(change)} ${change.action}`)
    .join("\n");
}
