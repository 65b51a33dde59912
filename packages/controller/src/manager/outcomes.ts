import type { Condition } from "@capstan/kube";
import type { Outcome } from "../outcome.js";

/** What an outcome may carry beside its `Ready` condition. */
export interface OutcomeOptions {
  /** Conditions beside `Ready`. */
  readonly conditions?: readonly Condition[];
  /** Fields of `status` to set; `undefined` removes one. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The world is as declared. `resyncAfterMs` looks again later though nothing woke the object. */
export function settled(
  reason: string,
  message: string,
  options: OutcomeOptions & { readonly resyncAfterMs?: number } = {},
): Outcome {
  const { resyncAfterMs } = options;
  return {
    kind: "settled",
    status: statusOf("True", reason, message, options),
    ...(resyncAfterMs === undefined ? {} : { resyncAfterMs }),
  };
}

/** Failed or not there yet, and tried again after `retryAfterMs`. `ready` is `False` unless told. */
export function waiting(
  reason: string,
  message: string,
  options: OutcomeOptions & { readonly retryAfterMs: number; readonly ready?: "False" | "Unknown" },
): Outcome {
  return {
    kind: "waiting",
    status: statusOf(options.ready ?? "False", reason, message, options),
    retryAfterMs: options.retryAfterMs,
  };
}

/** Cannot succeed until the object or something that it watches changes. */
export function stalled(reason: string, message: string, options: OutcomeOptions = {}): Outcome {
  return { kind: "stalled", status: statusOf("False", reason, message, options) };
}

function statusOf(
  status: Condition["status"],
  reason: string,
  message: string,
  options: OutcomeOptions,
): Outcome["status"] {
  return {
    conditions: [{ type: "Ready", status, reason, message }, ...(options.conditions ?? [])],
    ...(options.fields === undefined ? {} : { fields: options.fields }),
  };
}
