import { type Controller, defineController, type RunContext, refOf } from "@capstan/controller";
import { ApiError } from "@capstan/kube";
import type { CronJob, CronJobStatus } from "../model/cron-job.js";
import type { Job } from "../model/job.js";
import { CRON_JOB, JOB } from "../model/workload.js";
import { unlessGone } from "../shared/api-write.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { CacheBarrier } from "../shared/cache-barrier.js";
import { describeError } from "../shared/describe-error.js";
import { done } from "../shared/outcome.js";
import { isControlledBy } from "../shared/owner.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { writing } from "../shared/write-options.js";
import { type CronJobPlan, planCronJob, withStarted } from "./plan.js";
import { parseSchedule, type Schedule, ScheduleError } from "./schedule.js";

/** The controller of CronJobs. */
export function cronJobController(): Controller {
  let barrier: CacheBarrier<Job>;
  return defineController<CronJob>({
    name: "cronjob-controller",
    for: CRON_JOB,
    owns: [JOB],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    setup: ({ cache, clock }) => {
      barrier = new CacheBarrier(cache.informer<Job>(JOB), clock);
    },
    reconcile: async (cronJob, context) => {
      const schedule = readSchedule(cronJob, context);
      if (schedule === undefined) return done();
      const jobs = context.cache.owned<Job>(JOB, cronJob).filter((job) => isControlledBy(job, cronJob));
      const plan = planCronJob({ cronJob, jobs, schedule, now: context.now });
      for (const { type, reason, message } of plan.events)
        context.events.record(cronJob, { type, reason, message });
      for (const job of plan.expire) await deleteJob(cronJob, job, context);
      const status = await start(cronJob, plan, context, barrier);
      await writeStatus(context, cronJob, { status });
      return done(plan.resyncAfterMs);
    },
  });
}

function readSchedule(cronJob: CronJob, context: RunContext): Schedule | undefined {
  const { schedule, timeZone } = cronJob.spec;
  try {
    return parseSchedule(schedule, timeZone);
  } catch (error) {
    // Cannot be followed until the object changes, which wakes it.
    if (!(error instanceof ScheduleError)) throw error;
    const message =
      error.code === "UnknownTimeZone"
        ? error.message
        : `unparseable schedule: ${JSON.stringify(schedule)} : ${error.message}`;
    context.events.warning(cronJob, error.code, message);
    return undefined;
  }
}

async function start(
  cronJob: CronJob,
  plan: CronJobPlan,
  context: RunContext,
  barrier: CacheBarrier<Job>,
): Promise<CronJobStatus> {
  if (plan.create === undefined) return plan.status;
  let { status } = plan;
  for (const job of plan.replace) {
    await deleteJob(cronJob, job, context);
    status = { ...status, active: (status.active ?? []).filter(({ uid }) => uid !== job.metadata.uid) };
  }
  const created = await createJob(cronJob, plan.create, context);
  if (created === undefined) return status;
  await barrier.seen([created]);
  const minutes = Number(created.metadata.name.slice(cronJob.metadata.name.length + 1));
  return withStarted(status, created, new Date(minutes * 60_000).toISOString().replace(".000Z", "Z"));
}

/** `undefined` where the Job is there already. */
async function createJob(cronJob: CronJob, job: Job, context: RunContext): Promise<Job | undefined> {
  try {
    const created = await context.client.create(job, { ...writing(context) });
    context.events.normal(cronJob, "SuccessfulCreate", `Created job ${created.metadata.name}`);
    return created;
  } catch (error) {
    if (ApiError.is(error, "AlreadyExists")) {
      const existing = await context.client.tryGet<Job>(refOf(job), { signal: context.signal });
      return existing !== undefined && isControlledBy(existing, cronJob) ? existing : undefined;
    }
    context.events.warning(cronJob, "FailedCreate", `Error creating job: ${describeError(error)}`);
    throw error;
  }
}

async function deleteJob(cronJob: CronJob, job: Job, context: RunContext): Promise<void> {
  const deleted = await unlessGone(
    context.client.delete(refOf(job), { signal: context.signal, propagationPolicy: "Background" }),
  );
  if (deleted !== undefined)
    context.events.normal(cronJob, "SuccessfulDelete", `Deleted job ${job.metadata.name}`);
}
