import type { Outcome } from "@capstan/controller";

/** A sync that did what it could; `resyncAfterMs` looks again though nothing changed. */
export function done(resyncAfterMs?: number): Outcome {
  const status = { conditions: [] };
  return resyncAfterMs === undefined
    ? { kind: "settled", status }
    : { kind: "settled", status, resyncAfterMs: Math.max(resyncAfterMs, 1) };
}
