import type { Health } from "@capstan/kube";
import { subjectOf } from "../plan/object-id.js";

/** An object whose health is waited for. */
export interface Checked {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** A Job that is gone because it deleted itself counts as done. */
  readonly mayBeGone: boolean;
  /** Where it is declared, as ` (file:line)`; empty where that is not known. */
  readonly place: string;
  readonly health: Health;
}

/** The health of several objects together. */
export type HealthSummary =
  | { readonly state: "none" }
  | { readonly state: "healthy" }
  | { readonly state: "waiting"; readonly waitingFor: readonly string[] }
  | { readonly state: "failed"; readonly message: string };

/**
 * Sums up health as kstatus aggregates it: one failed object fails all at once where `failFast` is on,
 * else when none is in progress any more.
 */
export function summarizeHealth(checked: readonly Checked[], failFast: boolean): HealthSummary {
  if (checked.length === 0) return { state: "none" };
  const failed: string[] = [];
  const waitingFor: string[] = [];
  for (const object of checked) {
    const { status } = object.health;
    if (status === "Current" || (status === "NotFound" && object.mayBeGone)) continue;
    const { message } = object.health;
    const why = message === "" ? "" : `: ${message}`;
    const line = `${subjectOf(object)} status: '${status}'${why}${object.place}`;
    if (status === "Failed") failed.push(line);
    else waitingFor.push(line);
  }
  if (failed.length > 0 && (failFast || waitingFor.length === 0)) {
    return { state: "failed", message: `failed early due to stalled resources: [${failed.join(", ")}]` };
  }
  return failed.length + waitingFor.length === 0
    ? { state: "healthy" }
    : { state: "waiting", waitingFor: [...waitingFor, ...failed] };
}

/** What is said when waiting took too long. */
export function healthTimeout(waitingFor: readonly string[]): string {
  return `timeout waiting for: [${waitingFor.join(", ")}]`;
}
