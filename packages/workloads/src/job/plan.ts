import { formatTime, parseTime } from "@capstan/kube";
import type { Job, JobStatus } from "../model/job.js";
import type { Pod } from "../model/pod.js";
import { byDeletionRank } from "../shared/pod-ranking.js";
import { isReady, isTerminal } from "../shared/pod-state.js";
import { BURST } from "../shared/pod-writes.js";
import { isFinished, over, withCondition } from "./conditions.js";
import { formatIndexes } from "./indexes.js";
import { finishedAt, indexOf, isIndexed, parallelismOf, type WantedPod } from "./job-pods.js";
import { type Tally, tally } from "./tally.js";
import { judgeJob, untilDeadline, type Verdict } from "./verdict.js";

export interface JobView {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly now: number;
}

export interface JobEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface JobPlan {
  /** To be written before pods are let go, so that none is counted twice or not at all. */
  readonly accounting: JobStatus | undefined;
  /** Pods whose finalizer goes. */
  readonly release: readonly Pod[];
  readonly create: readonly WantedPod[];
  readonly remove: readonly Pod[];
  /** To be written last. */
  readonly status: JobStatus;
  readonly events: readonly JobEvent[];
  readonly resyncAfterMs: number | undefined;
}

const firstBackOffMs = 10_000;
const maxBackOffMs = 600_000;

/** One sync of a Job. Pure. */
export function planJob(view: JobView): JobPlan {
  const { job, pods, now } = view;
  if (isFinished(job)) return leftovers(job, pods);
  const suspended = job.spec.suspend === true;
  const started = withStart(job, suspended, now);
  const counts = tally(started, pods);
  const verdict = judgeJob(started, counts, now);
  const draft = new JobDraft(started, counts, pods, now);
  if (verdict !== undefined) draft.end(verdict);
  else if (suspended) draft.suspend();
  else draft.manage();
  return draft.plan(job);
}

/** A Job that is over has nothing to do but to let go of pods. */
function leftovers(job: Job, pods: readonly Pod[]): JobPlan {
  const counts = tally(job, pods);
  return {
    accounting: undefined,
    release: pods.filter(isTerminal),
    create: [],
    remove: counts.active,
    status: job.status ?? {},
    events: [],
    resyncAfterMs: undefined,
  };
}

function withStart(job: Job, suspended: boolean, now: number): Job {
  if (suspended || job.status?.startTime !== undefined) return job;
  return { ...job, status: { ...job.status, startTime: formatTime(now) } };
}

class JobDraft {
  readonly #job: Job;
  readonly #tally: Tally;
  readonly #pods: readonly Pod[];
  readonly #now: number;
  #conditions: NonNullable<JobStatus["conditions"]>;
  #startTime: string | undefined;
  #create: WantedPod[] = [];
  #remove: readonly Pod[] = [];
  #ended = false;
  #suspending = false;
  #backOffMs = 0;
  readonly #events: JobEvent[] = [];

  constructor(job: Job, counts: Tally, pods: readonly Pod[], now: number) {
    this.#job = job;
    this.#pods = pods;
    this.#tally = counts;
    this.#now = now;
    this.#conditions = job.status?.conditions ?? [];
    this.#startTime = job.status?.startTime;
  }

  /** Stops what still runs; the final condition comes when nothing does. */
  end(verdict: Verdict): void {
    this.#remove = this.#tally.active;
    const running = this.#remove.length > 0 || this.#tally.terminating.length > 0;
    const { reason, message } = verdict;
    const interim = verdict.success ? "SuccessCriteriaMet" : "FailureTarget";
    this.#conditions = withCondition(
      this.#conditions,
      { type: interim, status: "True", reason, message },
      this.#now,
    );
    if (running) return;
    this.#ended = true;
    const final = verdict.success ? "Complete" : "Failed";
    this.#conditions = withCondition(
      this.#conditions,
      { type: final, status: "True", reason, message },
      this.#now,
    );
    this.#events.push(over(verdict));
  }

  suspend(): void {
    this.#remove = this.#tally.active;
    this.#suspending = true;
    const known = this.#conditions.find(({ type }) => type === "Suspended");
    if (known?.status === "True") return;
    const statement = { reason: "JobSuspended", message: "Job suspended" };
    this.#conditions = withCondition(
      this.#conditions,
      { type: "Suspended", status: "True", ...statement },
      this.#now,
    );
    this.#events.push({ type: "Normal", reason: "Suspended", message: "Job suspended" });
  }

  manage(): void {
    this.#resume();
    const { active, terminating, succeeded } = this.#tally;
    const { completions } = this.#job.spec;
    const parallelism = parallelismOf(this.#job);
    const open =
      completions === undefined ? (succeeded > 0 ? active.length : parallelism) : completions - succeeded;
    const wanted = Math.max(Math.min(parallelism, open), 0);
    const excess = this.#excess(wanted);
    if (excess.length > 0) {
      this.#remove = excess.slice(0, BURST);
      return;
    }
    const { podFailurePolicy, podReplacementPolicy } = this.#job.spec;
    const waits = podFailurePolicy !== undefined || podReplacementPolicy === "Failed";
    const missing = wanted - active.length - (waits ? terminating.length : 0);
    if (missing <= 0) return;
    this.#backOffMs = this.#job.spec.backoffLimitPerIndex === undefined ? this.#backOff() : 0;
    if (this.#backOffMs > 0) return;
    this.#create = this.#wantedPods(Math.min(missing, BURST));
  }

  #resume(): void {
    const known = this.#conditions.find(({ type }) => type === "Suspended");
    if (known?.status !== "True") return;
    const statement = { reason: "JobResumed", message: "Job resumed" };
    this.#conditions = withCondition(
      this.#conditions,
      { type: "Suspended", status: "False", ...statement },
      this.#now,
    );
    this.#startTime = formatTime(this.#now);
    this.#events.push({ type: "Normal", reason: "Resumed", message: "Job resumed" });
  }

  /** Pods beyond what is wanted, and of an indexed Job those of indexes that are done, doubled or unknown. */
  #excess(wanted: number): Pod[] {
    const { active, completedIndexes, failedIndexes } = this.#tally;
    const ranked = [...active].sort(byDeletionRank(this.#now));
    if (!isIndexed(this.#job)) return ranked.slice(0, Math.max(active.length - wanted, 0));
    const kept = new Set<number>();
    const excess: Pod[] = [];
    for (const pod of ranked.toReversed()) {
      const index = indexOf(pod);
      const unknown = index === undefined || index >= (this.#job.spec.completions ?? 0);
      const over = unknown || kept.has(index) || completedIndexes.has(index) || failedIndexes.has(index);
      if (over || kept.size >= wanted) excess.push(pod);
      else kept.add(index);
    }
    return excess;
  }

  /** Milliseconds to wait before the next try, longer with every failure since the last success. */
  #backOff(): number {
    const succeeded = this.#pods.filter(({ status }) => status?.phase === "Succeeded").map(finishedAt);
    const since = Math.max(0, ...succeeded);
    const failed = this.#pods.filter(({ status }) => status?.phase === "Failed").map(finishedAt);
    const ends = failed.filter((end) => end >= since).sort((a, b) => b - a);
    const latest = ends[0];
    if (latest === undefined) return 0;
    const delay = Math.min(firstBackOffMs * 2 ** (ends.length - 1), maxBackOffMs);
    return Math.max(latest + delay - this.#now, 0);
  }

  #wantedPods(count: number): WantedPod[] {
    if (!isIndexed(this.#job)) return Array.from({ length: count }, () => ({}));
    const { active, terminating, completedIndexes, failedIndexes, failuresOfIndex } = this.#tally;
    const { podFailurePolicy, podReplacementPolicy, backoffLimitPerIndex, completions = 0 } = this.#job.spec;
    const waits = podFailurePolicy !== undefined || podReplacementPolicy === "Failed";
    const taken = new Set((waits ? [...active, ...terminating] : active).map(indexOf));
    const wanted: WantedPod[] = [];
    for (let index = 0; index < completions && wanted.length < count; index++) {
      if (taken.has(index) || completedIndexes.has(index) || failedIndexes.has(index)) continue;
      wanted.push(
        backoffLimitPerIndex === undefined ? { index } : { index, failures: failuresOfIndex.get(index) ?? 0 },
      );
    }
    return wanted;
  }

  plan(before: Job): JobPlan {
    const { finished, newSucceeded, newFailed } = this.#tally;
    const uncounted = {
      ...(newSucceeded.length === 0 ? {} : { succeeded: [...newSucceeded] }),
      ...(newFailed.length === 0 ? {} : { failed: [...newFailed] }),
    };
    const counts = newSucceeded.length + newFailed.length > 0;
    const accounting = counts ? { ...before.status, uncountedTerminatedPods: uncounted } : undefined;
    // Pods of a suspended Job are let go uncounted.
    const release = this.#suspending ? [...finished, ...this.#remove] : finished;
    return {
      accounting,
      release,
      create: this.#create,
      remove: this.#remove,
      status: this.#status(),
      events: this.#events,
      resyncAfterMs: this.#nextLook(),
    };
  }

  #status(): JobStatus {
    const { active, terminating, succeeded, failed, completedIndexes, failedIndexes } = this.#tally;
    const removed = this.#remove.length;
    const running = Math.max(active.length - removed + this.#create.length, 0);
    const ready = active.filter((pod) => isReady(pod) && !this.#remove.includes(pod)).length;
    const { completionTime: _done, ...kept } = this.#job.status ?? {};
    const finalTime = this.#conditions.find(({ type }) => type === "Complete")?.lastTransitionTime;
    return {
      ...without(kept, ["active", "succeeded", "failed", "startTime", "completedIndexes", "failedIndexes"]),
      ...(this.#startTime === undefined ? {} : { startTime: this.#startTime }),
      ...(this.#ended && finalTime !== undefined ? { completionTime: finalTime } : {}),
      ...(running === 0 ? {} : { active: running }),
      ready,
      terminating: terminating.length + removed,
      ...(succeeded === 0 ? {} : { succeeded }),
      ...(failed === 0 ? {} : { failed }),
      ...(isIndexed(this.#job) && completedIndexes.size > 0
        ? { completedIndexes: formatIndexes(completedIndexes) }
        : {}),
      ...(this.#job.spec.backoffLimitPerIndex === undefined
        ? {}
        : { failedIndexes: formatIndexes(failedIndexes) }),
      uncountedTerminatedPods: {},
      ...(this.#conditions.length === 0 ? {} : { conditions: this.#conditions }),
    };
  }

  #nextLook(): number | undefined {
    const deadline = untilDeadline(this.#job, this.#now);
    const times = [deadline, this.#backOffMs > 0 ? this.#backOffMs : undefined].filter(
      (ms) => ms !== undefined,
    );
    return times.length === 0 || this.#ended ? undefined : Math.max(Math.min(...times), 1);
  }
}

function without(status: JobStatus, names: readonly (keyof JobStatus)[]): JobStatus {
  return Object.fromEntries(
    Object.entries(status).filter(([name]) => !(names as readonly string[]).includes(name)),
  );
}

/** Milliseconds until a Job that is over is to be deleted; `undefined` where it stays. */
export function untilExpiry(job: Job, now: number): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  const final = job.status?.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  if (ttlSecondsAfterFinished === undefined || final?.lastTransitionTime === undefined) return undefined;
  return parseTime(final.lastTransitionTime) + ttlSecondsAfterFinished * 1000 - now;
}
