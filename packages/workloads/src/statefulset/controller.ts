import { type Controller, defineController, type RunContext, refOf } from "@capstan/controller";
import { ApiError, canonicalJson, labelSelectorFromObject } from "@capstan/kube";
import type { Pod, PodTemplate } from "../model/pod.js";
import {
  CLAIM,
  CONTROLLER_REVISION,
  type ControllerRevision,
  POD,
  STATEFUL_SET,
  type StatefulSet,
} from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { CacheBarrier } from "../shared/cache-barrier.js";
import { claim, indexOrphans } from "../shared/claim.js";
import { describeError } from "../shared/describe-error.js";
import { done } from "../shared/outcome.js";
import { isControlledBy } from "../shared/owner.js";
import { isActive, untilAvailable } from "../shared/pod-state.js";
import { declarationChanged } from "../shared/predicates.js";
import {
  planRevision,
  revisionData,
  revisionTemplate,
  storeRevision,
  truncateRevisions,
} from "../shared/revisions.js";
import { writeStatus } from "../shared/status-write.js";
import { revisionHash } from "../shared/template-hash.js";
import { writing } from "../shared/write-options.js";
import { ensureClaims, syncRetention } from "./claims.js";
import { buildPod, firstOrdinal, ordinalOf, REVISION_LABEL } from "./identity.js";
import { planStatefulSet, type StatefulSetPlan, type StatefulSetView } from "./plan.js";
import { statefulSetStatus } from "./status.js";

interface Barriers {
  readonly pods: CacheBarrier<Pod>;
  readonly revisions: CacheBarrier<ControllerRevision>;
}

/** The controller of StatefulSets. */
export function statefulSetController(): Controller {
  let barriers: Barriers;
  return defineController<StatefulSet>({
    name: "statefulset-controller",
    for: STATEFUL_SET,
    owns: [POD, CONTROLLER_REVISION],
    watches: [{ type: CLAIM, map: () => [] }],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    concurrency: 8,
    setup: ({ cache, clock }) => {
      indexOrphans(cache.informer(POD));
      barriers = {
        pods: new CacheBarrier(cache.informer<Pod>(POD), clock),
        revisions: new CacheBarrier(cache.informer<ControllerRevision>(CONTROLLER_REVISION), clock),
      };
    },
    reconcile: async (set, context) => {
      const pods = await claim<Pod>(context, POD, set, labelSelectorFromObject(set.spec.selector));
      const view = await observeRevisions(set, pods, context, barriers);
      if (view === undefined) throw new Error("a revision's name is taken: trying another");
      const failure = await carryOut(view, planStatefulSet(view), context, barriers);
      const after = { ...view, pods: ownPods(set, context), now: context.clock.now() };
      const status = statefulSetStatus(after, set.status?.collisionCount ?? 0);
      await writeStatus(context, set, { status });
      await cleanUp(set, after, status.currentRevision ?? "", context);
      if (failure !== undefined) throw failure;
      return done(untilAvailable(after.pods.filter(isActive), set.spec.minReadySeconds ?? 0, after.now));
    },
  });
}

function ownPods(set: StatefulSet, context: RunContext): readonly Pod[] {
  return context.cache.owned<Pod>(POD, set).filter((pod) => isControlledBy(pod, set));
}

function ownRevisions(set: StatefulSet, context: RunContext): readonly ControllerRevision[] {
  return context.cache.owned<ControllerRevision>(CONTROLLER_REVISION, set);
}

async function observeRevisions(
  set: StatefulSet,
  pods: readonly Pod[],
  context: RunContext,
  barriers: Barriers,
): Promise<StatefulSetView | undefined> {
  const revisions = ownRevisions(set, context);
  const collisionCount = set.status?.collisionCount ?? 0;
  const hash = revisionHash(canonicalJson(revisionData(set.spec.template)), collisionCount);
  const naming = { hash, labels: { "controller.kubernetes.io/hash": hash } };
  const plan = planRevision(set, set.spec.template, revisions, naming);
  const stored = await storeRevision(plan, context);
  if (stored === undefined) {
    await writeStatus(context, set, { status: { ...set.status, collisionCount: collisionCount + 1 } });
    return undefined;
  }
  if (plan.action === "create") await barriers.revisions.seen([stored]);
  const updateRevision = stored.metadata.name;
  const known = revisions.some(({ metadata }) => metadata.name === set.status?.currentRevision);
  const currentRevision = known ? (set.status?.currentRevision ?? updateRevision) : updateRevision;
  return { set, pods, currentRevision, updateRevision, now: context.now };
}

/** Does what was planned; returns the first failure, told of in an event already. */
async function carryOut(
  view: StatefulSetView,
  plan: StatefulSetPlan,
  context: RunContext,
  barriers: Barriers,
): Promise<unknown> {
  const { set } = view;
  const first = firstOrdinal(set);
  const last = first + (set.spec.replicas ?? 1);
  for (const pod of view.pods) {
    const ordinal = ordinalOf(set, pod) ?? first;
    await syncRetention(set, pod, ordinal < first || ordinal >= last, context);
  }
  const created = await Promise.allSettled(
    plan.create.map(({ ordinal, revision }) => createPod(view, ordinal, revision, context)),
  );
  const pods = created.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  await barriers.pods.seen(pods.filter((pod) => pod !== undefined));
  const removed = await Promise.allSettled(plan.remove.map((pod) => removePod(set, pod, context)));
  return [...created, ...removed].find((result) => result.status === "rejected")?.reason;
}

function templateOf(view: StatefulSetView, revision: string, context: RunContext): PodTemplate {
  if (revision === view.updateRevision) return view.set.spec.template;
  const found = ownRevisions(view.set, context).find(({ metadata }) => metadata.name === revision);
  return found === undefined ? view.set.spec.template : revisionTemplate(found);
}

async function createPod(
  view: StatefulSetView,
  ordinal: number,
  revision: string,
  context: RunContext,
): Promise<Pod | undefined> {
  const { set } = view;
  await ensureClaims(set, ordinal, context);
  const pod = buildPod(set, ordinal, templateOf(view, revision, context), revision);
  try {
    const created = await context.client.create(pod, { ...writing(context) });
    tell(set, pod, "create", undefined, context);
    return created;
  } catch (error) {
    // Not in the cache yet, or somebody else's: it wakes the set when it changes.
    if (ApiError.is(error, "AlreadyExists")) return undefined;
    tell(set, pod, "create", error, context);
    throw error;
  }
}

async function removePod(set: StatefulSet, pod: Pod, context: RunContext): Promise<void> {
  const { uid } = pod.metadata;
  try {
    const deleted = await context.client.delete(refOf(pod), {
      signal: context.signal,
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    });
    if (deleted.metadata?.deletionTimestamp !== undefined)
      context.cache.informer<Pod>(POD).observe(deleted as Pod);
    tell(set, pod, "delete", undefined, context);
  } catch (error) {
    // Gone already.
    if (ApiError.is(error, "NotFound", "Conflict")) return;
    tell(set, pod, "delete", error, context);
    throw error;
  }
}

function tell(
  set: StatefulSet,
  pod: Pod,
  verb: "create" | "delete",
  error: unknown,
  context: RunContext,
): void {
  const noun = verb === "create" ? "Create" : "Delete";
  const subject = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  if (error === undefined) context.events.normal(set, `Successful${noun}`, `${subject} successful`);
  else context.events.warning(set, `Failed${noun}`, `${subject} failed error: ${describeError(error)}`);
}

async function cleanUp(
  set: StatefulSet,
  view: StatefulSetView,
  currentRevision: string,
  context: RunContext,
): Promise<void> {
  const names = new Set(view.pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]));
  names.add(view.updateRevision).add(currentRevision);
  const inUse = (revision: ControllerRevision) => names.has(revision.metadata.name);
  await truncateRevisions(ownRevisions(set, context), inUse, set.spec.revisionHistoryLimit ?? 10, context);
}
