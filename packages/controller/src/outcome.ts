import type { Condition } from "@capstan/kube";

/**
 * How one run of a reconciler ended. Everything expected is an outcome; what is thrown is
 * unexpected and retried with exponential backoff.
 */
export type Outcome =
  /** The world is as declared; look again after `resyncAfterMs` (never, where left out). */
  | { readonly kind: "settled"; readonly status: StatusChange; readonly resyncAfterMs?: number }
  /** Not there yet; a watch may wake the object earlier than `retryAfterMs`. */
  | { readonly kind: "waiting"; readonly status: StatusChange; readonly retryAfterMs: number }
  /** Cannot succeed until the object or its inputs change. */
  | { readonly kind: "stalled"; readonly status: StatusChange };

/** What a run wants to have in `status`: the conditions in full, other fields merged over what is there. */
export interface StatusChange {
  readonly conditions: readonly Condition[];
  /** Fields of `status` beside the conditions; `undefined` removes one. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** In a report: types of conditions that are not so any more. An outcome names all that are. */
  readonly removed?: readonly string[];
}
