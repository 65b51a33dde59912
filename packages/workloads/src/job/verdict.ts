import { getCondition, parseTime } from "@capstan/kube";
import type { Job } from "../model/job.js";
import { parseIndexes } from "./indexes.js";
import { isIndexed } from "./job-pods.js";
import type { Tally } from "./tally.js";

/** That a Job is over, and why. */
export interface Verdict {
  readonly success: boolean;
  readonly reason: string;
  readonly message: string;
}

const success = (reason: string, message: string): Verdict => ({ success: true, reason, message });
const failure = (reason: string, message: string): Verdict => ({ success: false, reason, message });

/** Whether a Job is over, by the first of its rules that says so. */
export function judgeJob(job: Job, tally: Tally, now: number): Verdict | undefined {
  return (
    standing(job) ??
    (tally.fatal === undefined ? undefined : failure("PodFailurePolicy", tally.fatal)) ??
    overBackoff(job, tally) ??
    overDeadline(job, now) ??
    overIndexes(job, tally) ??
    bySuccessPolicy(job, tally) ??
    byCompletions(job, tally)
  );
}

/** What was decided before and waits for pods to end. */
function standing(job: Job): Verdict | undefined {
  const met = getCondition(job.status?.conditions, "SuccessCriteriaMet");
  if (met?.status === "True") return success(met.reason ?? "", met.message ?? "");
  const target = getCondition(job.status?.conditions, "FailureTarget");
  return target?.status === "True" ? failure(target.reason ?? "", target.message ?? "") : undefined;
}

function overBackoff(job: Job, { failed, active }: Tally): Verdict | undefined {
  if (job.spec.backoffLimitPerIndex !== undefined && job.spec.backoffLimit === undefined) return undefined;
  const limit = job.spec.backoffLimit ?? 6;
  const restarts = active
    .filter(({ spec }) => spec.restartPolicy === "OnFailure")
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  const restarted = limit === 0 ? restarts > 0 : restarts >= limit;
  if (failed <= limit && !restarted) return undefined;
  return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
}

function overDeadline(job: Job, now: number): Verdict | undefined {
  const left = untilDeadline(job, now);
  if (left === undefined || left > 0) return undefined;
  return failure("DeadlineExceeded", "Job was active longer than specified deadline");
}

/** Milliseconds until a Job has run too long; `undefined` where it may run on. */
export function untilDeadline(job: Job, now: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec;
  const started = job.status?.startTime;
  if (activeDeadlineSeconds === undefined || started === undefined || suspend === true) return undefined;
  return parseTime(started) + activeDeadlineSeconds * 1000 - now;
}

function overIndexes(job: Job, { failedIndexes, completedIndexes }: Tally): Verdict | undefined {
  const { backoffLimitPerIndex, maxFailedIndexes, completions = 0 } = job.spec;
  if (!isIndexed(job) || backoffLimitPerIndex === undefined) return undefined;
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes) {
    const message = "Job has exceeded the specified maximal number of failed indexes";
    return failure("MaxFailedIndexesExceeded", message);
  }
  const all = failedIndexes.size + completedIndexes.size >= completions;
  return all && failedIndexes.size > 0 ? failure("FailedIndexes", "Job has failed indexes") : undefined;
}

function bySuccessPolicy(job: Job, { completedIndexes }: Tally): Verdict | undefined {
  for (const [at, rule] of (job.spec.successPolicy?.rules ?? []).entries()) {
    const listed =
      rule.succeededIndexes === undefined
        ? undefined
        : parseIndexes(rule.succeededIndexes, job.spec.completions ?? 0);
    const done =
      listed === undefined
        ? completedIndexes.size
        : [...listed].filter((i) => completedIndexes.has(i)).length;
    const wanted = rule.succeededCount ?? listed?.size;
    if (wanted !== undefined && done >= wanted)
      return success("SuccessPolicy", `Matched rules at index ${at}`);
  }
  return undefined;
}

function byCompletions(job: Job, { succeeded, active }: Tally): Verdict | undefined {
  const { completions } = job.spec;
  const done = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  if (!done || (completions !== undefined && active.length > 0 && completions > 0)) return undefined;
  return success("CompletionsReached", "Reached expected number of succeeded pods");
}
