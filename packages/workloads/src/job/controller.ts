import { type Controller, defineController, type RunContext, refOf } from "@capstan/controller";
import { ApiError, labelSelectorFromObject } from "@capstan/kube";
import type { Job } from "../model/job.js";
import type { Pod } from "../model/pod.js";
import { JOB, POD } from "../model/workload.js";
import { unlessGone } from "../shared/api-write.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { CacheBarrier } from "../shared/cache-barrier.js";
import { claim, indexOrphans } from "../shared/claim.js";
import { done } from "../shared/outcome.js";
import { isControlledBy } from "../shared/owner.js";
import { createPods, deletePods } from "../shared/pod-writes.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { writing } from "../shared/write-options.js";
import { isFinished } from "./conditions.js";
import { buildPod, isTracked, TRACKING_FINALIZER } from "./job-pods.js";
import { planJob, untilExpiry } from "./plan.js";

/** Whose Jobs the controller runs; others name somebody else in `spec.managedBy`. */
const CONTROLLER_NAME = "kubernetes.io/job-controller";

/** The controller of Jobs, which also deletes those that are over and have a time to live. */
export function jobController(): Controller {
  let barrier: CacheBarrier<Pod>;
  return defineController<Job>({
    name: "job-controller",
    for: JOB,
    owns: [POD],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    concurrency: 8,
    setup: ({ cache, clock }) => {
      indexOrphans(cache.informer(POD));
      barrier = new CacheBarrier(cache.informer<Pod>(POD), clock);
    },
    reconcile: async (job, context) => {
      if ((job.spec.managedBy ?? CONTROLLER_NAME) !== CONTROLLER_NAME) return done();
      const pods = await podsOf(job, context);
      const plan = planJob({ job, pods, now: context.now });
      let current = job;
      if (plan.accounting !== undefined) current = await account(job, plan.accounting, context);
      await Promise.all(plan.release.filter(isTracked).map((pod) => release(pod, context)));
      const removed = await deletePods(job, plan.remove, context);
      const stamped = plan.create.map((wanted) => buildPod(job, wanted, context.random));
      const created = await createPods(job, stamped, context, barrier);
      const failure = created.failure ?? removed.failure;
      const status = correctActive(plan.status, plan.create.length - created.done.length);
      await writeStatus(context, current, { status });
      for (const { type, reason, message } of plan.events)
        context.events.record(job, { type, reason, message });
      if (failure !== undefined) throw failure;
      return done((await expire({ ...job, status }, context)) ?? plan.resyncAfterMs);
    },
  });
}

async function podsOf(job: Job, context: RunContext): Promise<readonly Pod[]> {
  if (job.spec.selector !== undefined)
    return claim<Pod>(context, POD, job, labelSelectorFromObject(job.spec.selector));
  return context.cache.owned<Pod>(POD, job).filter((pod) => isControlledBy(pod, job));
}

async function account(job: Job, status: NonNullable<Job["status"]>, context: RunContext): Promise<Job> {
  await writeStatus(context, job, { status });
  return { ...job, status };
}

/** Takes the finalizer off a pod that was counted. */
async function release(pod: Pod, context: RunContext): Promise<void> {
  const finalizers = (pod.metadata.finalizers ?? []).filter((name) => name !== TRACKING_FINALIZER);
  const { uid } = pod.metadata;
  const body = { metadata: { uid, finalizers } };
  const written = await unlessGone(
    context.client.patch<Pod>(refOf(pod), { type: "merge", body }, { ...writing(context) }),
  );
  if (written !== undefined) context.cache.informer<Pod>(POD).observe(written);
}

/** Pods that could not be created are not active. */
function correctActive(status: NonNullable<Job["status"]>, missing: number): NonNullable<Job["status"]> {
  if (missing <= 0) return status;
  const { active = 0, ...rest } = status;
  return active > missing ? { ...rest, active: active - missing } : rest;
}

/** Deletes a Job whose time is up; says how long it has left otherwise. */
async function expire(job: Job, context: RunContext): Promise<number | undefined> {
  if (!isFinished(job)) return undefined;
  const left = untilExpiry(job, context.clock.now());
  if (left === undefined || left > 0) return left;
  const { uid } = job.metadata;
  try {
    await context.client.delete(refOf(job), {
      signal: context.signal,
      propagationPolicy: "Foreground",
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    });
  } catch (error) {
    // Deleted by somebody else.
    if (!ApiError.is(error, "NotFound", "Conflict")) throw error;
  }
  return undefined;
}
