import type { Clock } from "@capstan/kube";
import { type Store, StoreError } from "./store.js";

/** How long, and how much, of the past stays readable. */
export interface Retention {
  readonly maxAgeMs: number;
  readonly maxChanges: number;
}

interface KeepOptions extends Partial<Retention> {
  readonly clock: Clock;
  readonly onFailure: (part: string, subject: string, error: unknown) => void;
}

/** Kubernetes compacts every five minutes; continue tokens live about that long. */
const DEFAULT: Retention = { maxAgeMs: 5 * 60_000, maxChanges: 100_000 };
const CHECK_MS = 10_000;

/** Compacts the store as time goes by; the returned function stops it. */
export function keepHistoryShort(store: Store, { clock, onFailure, ...given }: KeepOptions): () => void {
  const retention = { ...DEFAULT, ...given };
  const marks: { readonly at: number; readonly revision: number }[] = [
    { at: clock.now(), revision: store.revision },
  ];
  let cancel: (() => void) | undefined;
  let stopped = false;
  const next = () => {
    if (!stopped) cancel = clock.after(Math.min(CHECK_MS, retention.maxAgeMs), () => void check());
  };
  const check = async () => {
    const now = clock.now();
    const horizon = dueRevision(marks, now, store.revision, retention);
    marks.push({ at: now, revision: store.revision });
    try {
      if (horizon > store.compactedRevision) await store.compact(horizon);
    } catch (error) {
      // A full or closing store keeps its history for now; the next round tries again.
      if (!(error instanceof StoreError)) onFailure("history", `revision ${horizon}`, error);
    }
    next();
  };
  next();
  return () => {
    stopped = true;
    cancel?.();
  };
}

/** The revision up to which history has aged out or is more than allowed; drops marks that it passes. */
function dueRevision(
  marks: { readonly at: number; readonly revision: number }[],
  now: number,
  head: number,
  retention: Retention,
): number {
  let due = head - retention.maxChanges;
  for (
    let oldest = marks[0];
    oldest !== undefined && now - oldest.at >= retention.maxAgeMs;
    oldest = marks[0]
  ) {
    due = Math.max(due, oldest.revision);
    marks.shift();
  }
  return due;
}
