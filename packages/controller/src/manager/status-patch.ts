import { createMergePatch, formatTime, type KubeObject } from "@capstan/kube";
import type { Outcome, StatusChange } from "../outcome.js";
import { completeConditions, conditionsOf, mergeConditions } from "./conditions.js";

/** Asks for a run now; the value is copied to `status.lastHandledReconcileAt` when it was answered. */
export const RECONCILE_REQUEST = "reconcile.fluxcd.io/requestedAt";

/**
 * The merge patch that takes an object's status to what a run wants, or nothing where it is there
 * already. `observedGeneration` advances when the run settled or stalled: a failure that is retried
 * leaves it, so that kstatus goes on saying "in progress".
 */
export function statusPatch(
  object: KubeObject,
  outcome: Outcome,
  now: number,
): Record<string, unknown> | undefined {
  const before = recordOf(object["status"]);
  const { generation, uid } = object.metadata;
  const wanted: Record<string, unknown> = { ...before };
  for (const [field, value] of Object.entries(outcome.status.fields ?? {})) {
    if (value === undefined) delete wanted[field];
    else wanted[field] = value;
  }
  wanted["conditions"] = completeConditions(outcome, conditionsOf(object), generation, formatTime(now));
  if (outcome.kind !== "waiting" && generation !== undefined) wanted["observedGeneration"] = generation;
  const request = object.metadata.annotations?.[RECONCILE_REQUEST];
  if (request !== undefined) wanted["lastHandledReconcileAt"] = request;
  const status = createMergePatch(before, wanted);
  if (Object.keys(status).length === 0) return undefined;
  // The uid turns a patch that meets a recreated object into a conflict.
  return { ...(uid === undefined ? {} : { metadata: { uid } }), status };
}

/** The merge patch for a report in the middle of a run, or nothing where it says nothing new. */
export function reportPatch(
  object: KubeObject,
  change: StatusChange,
  now: number,
): Record<string, unknown> | undefined {
  const before = recordOf(object["status"]);
  const wanted: Record<string, unknown> = { ...before };
  for (const [field, value] of Object.entries(change.fields ?? {})) {
    if (value === undefined) delete wanted[field];
    else wanted[field] = value;
  }
  const { generation, uid } = object.metadata;
  const removed = new Set(change.removed);
  wanted["conditions"] = mergeConditions(
    conditionsOf(object).filter((condition) => !removed.has(condition.type)),
    change.conditions,
    generation,
    formatTime(now),
  );
  const status = createMergePatch(before, wanted);
  if (Object.keys(status).length === 0) return undefined;
  return { ...(uid === undefined ? {} : { metadata: { uid } }), status };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
