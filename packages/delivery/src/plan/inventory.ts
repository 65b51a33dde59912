import type { DesiredObject } from "../render/desired-object.js";
import { entryOf, type InventoryEntry } from "./object-id.js";

/**
 * What an inventory has to hold before desired objects are written: all that it held and all that may
 * be created. `undefined` where it holds that already.
 */
export function entriesToTrack(
  inventory: readonly InventoryEntry[],
  desired: readonly DesiredObject[],
): InventoryEntry[] | undefined {
  const known = new Set(inventory.map((entry) => entry.id));
  const added = desired.filter((object) => !known.has(object.id)).map(entryOf);
  return added.length === 0 ? undefined : [...inventory, ...added];
}
