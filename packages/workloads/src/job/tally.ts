import { getCondition } from "@capstan/kube";
import type { Job } from "../model/job.js";
import type { Pod } from "../model/pod.js";
import { isActive, isDeleting, isTerminating } from "../shared/pod-state.js";
import { type FailureVerdict, judgeFailure } from "./failure-policy.js";
import { parseIndexes } from "./indexes.js";
import { indexFailures, indexOf, isIndexed, isTracked } from "./job-pods.js";

/** Where a Job stands: its pods sorted, and everything counted that is to be counted. */
export interface Tally {
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  /** Pods that ended and still carry the finalizer: counted now, then let go. */
  readonly finished: readonly Pod[];
  /** Uids counted by this or the interrupted sync before. */
  readonly newSucceeded: readonly string[];
  readonly newFailed: readonly string[];
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** How often each index failed so far, where that is limited. */
  readonly failuresOfIndex: ReadonlyMap<number, number>;
  /** Why the failure policy ends the Job. */
  readonly fatal: string | undefined;
}

/** Counts a Job's pods. Pods counted before, told by `uncountedTerminatedPods`, count once. */
export function tally(job: Job, pods: readonly Pod[]): Tally {
  const sums = new Sums(job);
  for (const pod of pods) sums.add(pod);
  return sums.result();
}

/** Indexes are known only where the number of completions is. */
function indexLimit(job: Job): number {
  return job.spec.completions ?? 0;
}

class Sums {
  readonly #job: Job;
  readonly #active: Pod[] = [];
  readonly #terminating: Pod[] = [];
  readonly #finished: Pod[] = [];
  readonly #succeeded: Set<string>;
  readonly #failed: Set<string>;
  readonly #completed: Set<number>;
  readonly #failedIndexes: Set<number>;
  readonly #failures = new Map<number, number>();
  #fatal: string | undefined;

  constructor(job: Job) {
    this.#job = job;
    const uncounted = job.status?.uncountedTerminatedPods;
    this.#succeeded = new Set(uncounted?.succeeded);
    this.#failed = new Set(uncounted?.failed);
    this.#completed = parseIndexes(job.status?.completedIndexes, indexLimit(job));
    this.#failedIndexes = parseIndexes(job.status?.failedIndexes, indexLimit(job));
  }

  add(pod: Pod): void {
    if (isActive(pod)) this.#active.push(pod);
    else if (isTerminating(pod)) this.#terminating.push(pod);
    const uid = pod.metadata.uid ?? "";
    if (pod.status?.phase === "Succeeded") this.#addSuccess(pod, uid);
    else if (this.#countsAsFailed(pod)) this.#addFailure(pod, uid);
  }

  #countsAsFailed(pod: Pod): boolean {
    if (pod.status?.phase === "Failed") return true;
    const { podFailurePolicy, podReplacementPolicy = "TerminatingOrFailed" } = this.#job.spec;
    return (
      isDeleting(pod) && podFailurePolicy === undefined && podReplacementPolicy === "TerminatingOrFailed"
    );
  }

  #addSuccess(pod: Pod, uid: string): void {
    const index = indexOf(pod);
    if (isIndexed(this.#job)) {
      const valid = index !== undefined && index < indexLimit(this.#job);
      if (valid && isTracked(pod)) this.#completed.add(index);
    }
    if (!isTracked(pod)) return;
    this.#finished.push(pod);
    this.#succeeded.add(uid);
  }

  #addFailure(pod: Pod, uid: string): void {
    const verdict: FailureVerdict = judgeFailure(this.#job, pod);
    this.#fatal ??= verdict.message;
    const index = indexOf(pod);
    if (index !== undefined && isIndexed(this.#job)) this.#noteIndexFailure(pod, index, verdict);
    if (!isTracked(pod)) return;
    this.#finished.push(pod);
    // What is stopped because the Job succeeded without it did not fail.
    const stopped = getCondition(this.#job.status?.conditions, "SuccessCriteriaMet")?.status === "True";
    if (verdict.action !== "Ignore" && !stopped) this.#failed.add(uid);
  }

  #noteIndexFailure(pod: Pod, index: number, { action }: FailureVerdict): void {
    const limit = this.#job.spec.backoffLimitPerIndex;
    if (limit === undefined) return;
    const before = indexFailures(pod);
    const failures = action === "Ignore" ? before : before + 1;
    this.#failures.set(index, Math.max(this.#failures.get(index) ?? 0, failures));
    if (before >= limit || action === "FailIndex") this.#failedIndexes.add(index);
  }

  result(): Tally {
    const { status = {} } = this.#job;
    const newSucceeded = [...this.#succeeded];
    const newFailed = [...this.#failed];
    const counted = (status.succeeded ?? 0) + newSucceeded.length;
    for (const index of this.#completed) this.#failedIndexes.delete(index);
    return {
      active: this.#active,
      terminating: this.#terminating,
      finished: this.#finished,
      newSucceeded,
      newFailed,
      succeeded: isIndexed(this.#job) ? this.#completed.size : counted,
      failed: (status.failed ?? 0) + newFailed.length,
      completedIndexes: this.#completed,
      failedIndexes: this.#failedIndexes,
      failuresOfIndex: this.#failures,
      fatal: this.#fatal,
    };
  }
}
