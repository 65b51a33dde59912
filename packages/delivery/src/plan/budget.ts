import { stableDigest } from "@capstan/kube";
import { subjectOf } from "./object-id.js";
import type { Doomed } from "./prune.js";

/** How much may be deleted without anybody's approval. */
export interface DeletionBudget {
  /** Inventories with fewer objects are not held for their share. */
  readonly minObjects: number;
  /** Largest share of the inventory, from 0 to 1. */
  readonly maxShare: number;
  /** Whether a Namespace, definition or volume claim that still holds something is held. */
  readonly protectContainers: boolean;
}

export const DEFAULT_BUDGET: DeletionBudget = { minObjects: 10, maxShare: 0.5, protectContainers: true };

/** Sets the budget of one object: `off`, or the share that may be deleted, such as `25%`. */
export const BUDGET_ANNOTATION = "capstan.dev/deletion-budget";
/** Approves the deletion that a held object's condition lists, by its digest. */
export const APPROVAL_ANNOTATION = "capstan.dev/approve-deletion";

/** A deletion that waits for approval. */
export interface Held {
  /** What the approval annotation must say. */
  readonly digest: string;
  readonly reasons: readonly string[];
  readonly objects: readonly Doomed[];
}

/**
 * The budget of one object: the process's own, changed by the annotation. What cannot be read leaves
 * the process's own, so that a typing error never deletes.
 */
export function budgetOf(
  annotation: string | undefined,
  standard: DeletionBudget | "off",
): DeletionBudget | "off" {
  if (annotation === undefined) return standard;
  if (annotation.trim().toLowerCase() === "off") return "off";
  const percent = /^([0-9]{1,3})%$/.exec(annotation.trim())?.[1];
  if (percent === undefined || Number(percent) > 100) return standard;
  return { ...(standard === "off" ? DEFAULT_BUDGET : standard), maxShare: Number(percent) / 100 };
}

/**
 * Whether a deletion has to wait.
 *
 * @param inventorySize objects in the inventory before the deletion
 * @param holding ids of doomed containers that still hold something besides what is doomed with them
 * @param approval the object's approval annotation
 */
export function checkBudget(
  doomed: readonly Doomed[],
  inventorySize: number,
  holding: ReadonlySet<string>,
  budget: DeletionBudget | "off",
  approval: string | undefined,
): Held | undefined {
  if (budget === "off" || doomed.length === 0) return undefined;
  const reasons: string[] = [];
  if (inventorySize >= budget.minObjects && doomed.length > inventorySize * budget.maxShare) {
    reasons.push(`${doomed.length} of ${inventorySize} objects would be deleted`);
  }
  if (budget.protectContainers) {
    for (const object of doomed) {
      if (holding.has(object.id)) reasons.push(`${subjectOf(object)} still holds something`);
    }
  }
  if (reasons.length === 0) return undefined;
  const digest = stableDigest(doomed.map((object) => [object.id, object.uid ?? ""]).sort()).slice(0, 16);
  return approval === digest ? undefined : { digest, reasons, objects: doomed };
}

/** Longest list in a message. */
const MAX_LISTED = 50;

/** What a held deletion says for itself. */
export function heldMessage(held: Held): string {
  const listed = held.objects.slice(0, MAX_LISTED).map(subjectOf);
  const more = held.objects.length - listed.length;
  return (
    `Deletion held: ${held.reasons.join("; ")}. It would delete: ${listed.join(", ")}` +
    `${more > 0 ? ` and ${more} more` : ""}. Approve with the annotation ${APPROVAL_ANNOTATION}=${held.digest}`
  );
}
