import { formatTime } from "@capstan/kube";
import type { Job, JobCondition } from "../model/job.js";
import type { JobEvent } from "./plan.js";
import type { Verdict } from "./verdict.js";

/** Whether a Job is complete or failed for good. */
export function isFinished(job: Job): boolean {
  return finalCondition(job) !== undefined;
}

/** The condition that says that a Job is over. */
export function finalCondition(job: Job): JobCondition | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
}

/** The list with a condition in it; one with equal status, reason and message changes nothing. */
export function withCondition(
  conditions: readonly JobCondition[],
  condition: Omit<JobCondition, "lastProbeTime" | "lastTransitionTime">,
  now: number,
): JobCondition[] {
  const at = conditions.findIndex(({ type }) => type === condition.type);
  const before = conditions[at];
  const same =
    before?.status === condition.status &&
    before.reason === condition.reason &&
    before.message === condition.message;
  if (same) return [...conditions];
  const time = formatTime(now);
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? time) : time;
  const next = { ...condition, lastProbeTime: time, lastTransitionTime };
  return before === undefined ? [...conditions, next] : conditions.with(at, next);
}

/** The event that tells of a Job's end. */
export function over({ success, reason, message }: Verdict): JobEvent {
  return success
    ? { type: "Normal", reason: "Completed", message: "Job completed" }
    : { type: "Warning", reason, message };
}
