import type { LiveRecord } from "../live/live-record.js";
import { type InventoryEntry, type ObjectId, parseObjectId } from "./object-id.js";
import { compareForApply } from "./order.js";
import { isOwnedBy } from "./policies.js";

/** An object that left the inventory and is to be deleted. */
export interface Doomed extends ObjectId {
  readonly id: string;
  readonly apiVersion: string;
  /** The live object is deleted only if it is still this one. */
  readonly uid: string | undefined;
}

/** Entries of an inventory that are not among what is desired now. */
export function staleEntries(
  inventory: readonly InventoryEntry[],
  desired: ReadonlySet<string>,
): readonly InventoryEntry[] {
  return inventory.filter((entry) => !desired.has(entry.id));
}

/**
 * Of the stale entries those to delete, in the order of deletion: what is there, still carries the
 * owner's labels and does not ask to be kept.
 */
export function planPrune(
  stale: readonly InventoryEntry[],
  owner: { readonly name: string; readonly namespace: string },
  record: (entry: InventoryEntry) => LiveRecord | undefined,
): readonly Doomed[] {
  const doomed: Doomed[] = [];
  for (const entry of stale) {
    const id = parseObjectId(entry.id);
    const live = record(entry);
    if (id === undefined || live === undefined) continue;
    if (!isOwnedBy(live.metadata, owner) || live.live.policies.keep) continue;
    doomed.push({ ...id, id: entry.id, apiVersion: live.apiVersion, uid: live.metadata.uid });
  }
  return doomed.sort((a, b) => compareForApply(b, a));
}
