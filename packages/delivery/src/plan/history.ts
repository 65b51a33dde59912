import { formatDuration, formatTime } from "@capstan/kube";
import type { KustomizationStatus } from "../kustomization/resource.js";

type History = NonNullable<KustomizationStatus["history"]>;

const MAX_ENTRIES = 5;

/** One result worth remembering. */
export interface Attempt {
  readonly digest: string;
  readonly result: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly durationMs: number;
}

/**
 * The history with an attempt put first: counted up where the same digest had the same result, else
 * added. Holds the five newest.
 */
export function recordAttempt(history: History | undefined, attempt: Attempt, now: number): History {
  const before = history ?? [];
  const same = before.find(
    (entry) => entry.digest === attempt.digest && entry.lastReconciledStatus === attempt.result,
  );
  const time = formatTime(now);
  const entry: History[number] = {
    digest: attempt.digest,
    firstReconciled: same?.firstReconciled ?? time,
    lastReconciled: time,
    lastReconciledDuration: formatDuration(attempt.durationMs),
    lastReconciledStatus: attempt.result,
    metadata: { ...attempt.metadata },
    totalReconciliations: (same?.totalReconciliations ?? 0) + 1,
  };
  return [entry, ...before.filter((candidate) => candidate !== same)].slice(0, MAX_ENTRIES);
}
