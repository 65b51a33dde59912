import { ownerReference } from "@capstan/controller";
import { formatTime, parseTime } from "@capstan/kube";
import { finalCondition } from "../job/conditions.js";
import type { JobEvent } from "../job/plan.js";
import type { CronJob, CronJobStatus, ObjectReference } from "../model/cron-job.js";
import type { Job } from "../model/job.js";
import { JOB } from "../model/workload.js";
import { createdAt } from "../shared/pod-state.js";
import { latestDue, type Schedule } from "./schedule.js";

export interface CronJobView {
  readonly cronJob: CronJob;
  /** The Jobs that it controls. */
  readonly jobs: readonly Job[];
  readonly schedule: Schedule;
  readonly now: number;
}

export interface CronJobPlan {
  readonly create: Job | undefined;
  /** Running Jobs that make way for the new one. */
  readonly replace: readonly Job[];
  /** Jobs that are over and beyond the history limits. */
  readonly expire: readonly Job[];
  /** Before a Job is created. */
  readonly status: CronJobStatus;
  readonly events: readonly JobEvent[];
  readonly resyncAfterMs: number | undefined;
}

/** One sync of a CronJob. Pure. */
export function planCronJob(view: CronJobView): CronJobPlan {
  const { cronJob, jobs, schedule, now } = view;
  const events: JobEvent[] = [];
  const status = housekeeping(cronJob, jobs, events);
  const base = { expire: expired(cronJob, jobs), status, events, replace: [], create: undefined };
  if (cronJob.spec.suspend === true || cronJob.metadata.deletionTimestamp !== undefined) {
    return { ...base, resyncAfterMs: undefined };
  }
  const next = schedule.next(now);
  const resyncAfterMs = next === undefined ? undefined : next - now;
  const due = latestDue(schedule, earliestTime(cronJob, now), now);
  if (due === undefined) return { ...base, resyncAfterMs };
  if (due.tooMany) {
    const message =
      "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
    events.push({ type: "Warning", reason: "TooManyMissedTimes", message });
  }
  return { ...base, ...startAt(view, due.at, status, events), resyncAfterMs };
}

function earliestTime(cronJob: CronJob, now: number): number {
  const last = cronJob.status?.lastScheduleTime;
  const since = last === undefined ? createdAt(cronJob) : parseTime(last);
  const { startingDeadlineSeconds } = cronJob.spec;
  return startingDeadlineSeconds === undefined
    ? since
    : Math.max(since, now - startingDeadlineSeconds * 1000);
}

/** What is done about a time that is due. */
function startAt(
  { cronJob, jobs, now }: CronJobView,
  at: number,
  status: CronJobStatus,
  events: JobEvent[],
): Partial<Pick<CronJobPlan, "create" | "replace">> {
  const { startingDeadlineSeconds, concurrencyPolicy = "Allow" } = cronJob.spec;
  if (startingDeadlineSeconds !== undefined && at + startingDeadlineSeconds * 1000 < now) {
    const time = new Date(at).toUTCString().replace("GMT", "+0000");
    events.push({
      type: "Warning",
      reason: "MissSchedule",
      message: `Missed scheduled time to start a job: ${time}`,
    });
    return {};
  }
  const job = buildJob(cronJob, at);
  const handled =
    cronJob.status?.lastScheduleTime === formatTime(at) ||
    jobs.some(({ metadata }) => metadata.name === job.metadata.name);
  if (handled) return {};
  const active = jobs.filter((each) => status.active?.some(({ uid }) => uid === each.metadata.uid));
  if (concurrencyPolicy === "Forbid" && active.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    events.push({ type: "Normal", reason: "JobAlreadyActive", message });
    return {};
  }
  return { create: job, replace: concurrencyPolicy === "Replace" ? active : [] };
}

/** The Job of one time; its name is the same however often it is asked for. */
function buildJob(cronJob: CronJob, at: number): Job {
  const { name, namespace } = cronJob.metadata;
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  return {
    ...JOB,
    metadata: {
      name: `${name}-${Math.floor(at / 60_000)}`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: {
        ...metadata.annotations,
        "batch.kubernetes.io/cronjob-scheduled-timestamp": zonedTime(at, cronJob.spec.timeZone),
      },
      ownerReferences: [ownerReference(cronJob)],
    },
    spec,
  };
}

/** RFC 3339 in a zone, as `2026-03-29T03:30:00+02:00`. */
function zonedTime(at: number, timeZone: string | undefined): string {
  if (timeZone === undefined || timeZone === "UTC" || timeZone === "Etc/UTC") return formatTime(at);
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign = "+", hours = "00", minutes = "00"] = /^GMT(?:([-+])(\d{2}):(\d{2}))?$/.exec(name) ?? [];
  const offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const local = formatTime(at + offset).slice(0, -1);
  return offset === 0 ? `${local}Z` : `${local}${sign}${hours}:${minutes}`;
}

/** Takes Jobs that are over or gone from the list of active ones, and tells of them. */
function housekeeping(cronJob: CronJob, jobs: readonly Job[], events: JobEvent[]): CronJobStatus {
  const before = cronJob.status?.active ?? [];
  const active = before.filter((reference) => {
    const job = jobs.find(({ metadata }) => metadata.uid === reference.uid);
    if (job === undefined) {
      events.push({
        type: "Normal",
        reason: "MissingJob",
        message: `Active job went missing: ${reference.name}`,
      });
      return false;
    }
    const final = finalCondition(job);
    if (final === undefined) return true;
    const message = `Saw completed job: ${reference.name}, condition: ${final.type}`;
    events.push({ type: "Normal", reason: "SawCompletedJob", message });
    return false;
  });
  for (const job of jobs) {
    const known = before.some(({ uid }) => uid === job.metadata.uid);
    if (known || finalCondition(job) !== undefined) continue;
    const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
    events.push({ type: "Warning", reason: "UnexpectedJob", message });
  }
  const { active: _before, ...rest } = cronJob.status ?? {};
  const lastSuccessfulTime = latestSuccess(rest.lastSuccessfulTime, jobs);
  return {
    ...rest,
    ...(active.length === 0 ? {} : { active }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
}

function latestSuccess(before: string | undefined, jobs: readonly Job[]): string | undefined {
  const times = jobs.map(({ status }) => status?.completionTime).concat(before);
  return times
    .filter((time) => time !== undefined)
    .sort((a, b) => parseTime(a) - parseTime(b))
    .at(-1);
}

/** The status once a Job was created for a time. */
export function withStarted(status: CronJobStatus, job: Job, at: string): CronJobStatus {
  const { apiVersion, kind, metadata } = job;
  const { namespace = "", name, uid = "", resourceVersion = "" } = metadata;
  const reference: ObjectReference = { kind, namespace, name, uid, apiVersion, resourceVersion };
  return { ...status, active: [...(status.active ?? []), reference], lastScheduleTime: at };
}

/** Jobs that are over, the oldest beyond the limits of their kind. */
function expired(cronJob: CronJob, jobs: readonly Job[]): Job[] {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec;
  const beyond = (type: string, limit: number | null) => {
    if (limit === null) return [];
    const over = jobs.filter((job) => finalCondition(job)?.type === type).sort(byStart);
    return over.slice(0, Math.max(over.length - limit, 0));
  };
  return [...beyond("Complete", successfulJobsHistoryLimit), ...beyond("Failed", failedJobsHistoryLimit)];
}

function byStart(a: Job, b: Job): number {
  const start = ({ status }: Job) =>
    status?.startTime === undefined ? Number.MAX_SAFE_INTEGER : parseTime(status.startTime);
  return start(a) - start(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}
