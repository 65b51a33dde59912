import { type Controller, defineController, type RunContext } from "@capstan/controller";
import { labelSelectorFromObject, type ObjectKey } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import {
  CONTROLLER_REVISION,
  type ControllerRevision,
  DAEMON_SET,
  type DaemonSet,
  NODE,
  POD,
} from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { CacheBarrier } from "../shared/cache-barrier.js";
import { claim, indexOrphans } from "../shared/claim.js";
import { done } from "../shared/outcome.js";
import { isControlledBy } from "../shared/owner.js";
import { podFromTemplate } from "../shared/pod-factory.js";
import { isActive, untilAvailable } from "../shared/pod-state.js";
import { createPods, deletePods } from "../shared/pod-writes.js";
import { declarationChanged } from "../shared/predicates.js";
import { planRevision, storeRevision, truncateRevisions } from "../shared/revisions.js";
import { writeStatus } from "../shared/status-write.js";
import { templateHash } from "../shared/template-hash.js";
import { affinityTo, daemonTolerations } from "./nodes.js";
import {
  type DaemonSetPlan,
  type DaemonSetView,
  daemonSetStatus,
  GENERATION_LABEL,
  HASH_LABEL,
  planDaemonSet,
  templateGeneration,
} from "./plan.js";

interface Barriers {
  readonly pods: CacheBarrier<Pod>;
  readonly revisions: CacheBarrier<ControllerRevision>;
}

/** The controller of DaemonSets. */
export function daemonSetController(): Controller {
  let barriers: Barriers;
  return defineController<DaemonSet>({
    name: "daemonset-controller",
    for: DAEMON_SET,
    owns: [POD, CONTROLLER_REVISION],
    watches: [{ type: NODE, map: everyDaemonSet, predicate: declarationChanged }],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    setup: ({ cache, clock }) => {
      indexOrphans(cache.informer(POD));
      barriers = {
        pods: new CacheBarrier(cache.informer<Pod>(POD), clock),
        revisions: new CacheBarrier(cache.informer<ControllerRevision>(CONTROLLER_REVISION), clock),
      };
    },
    reconcile: async (set, context) => {
      const selector = labelSelectorFromObject(set.spec.selector);
      if (selector.requirements.length === 0) {
        const message = "This daemon set is selecting all pods. A non-empty selector is required.";
        context.events.warning(set, "SelectingAll", message);
        return done();
      }
      const pods = await claim<Pod>(context, POD, set, selector);
      const hash = await syncRevision(set, context, barriers);
      const view = { set, pods, hash, nodes: context.cache.list(NODE), now: context.now };
      const failure = await carryOut(view, planDaemonSet(view), context, barriers);
      const after = { ...view, pods: ownPods(set, context), now: context.clock.now() };
      await writeStatus(context, set, { status: daemonSetStatus(after) });
      await cleanUp(after, context);
      if (failure !== undefined) throw failure;
      return done(untilAvailable(after.pods.filter(isActive), set.spec.minReadySeconds ?? 0, after.now));
    },
  });
}

function* everyDaemonSet(_node: unknown, cache: RunContext["cache"]): Iterable<ObjectKey> {
  for (const { metadata } of cache.list(DAEMON_SET))
    yield { namespace: metadata.namespace, name: metadata.name };
}

function ownPods(set: DaemonSet, context: RunContext): readonly Pod[] {
  return context.cache.owned<Pod>(POD, set).filter((pod) => isControlledBy(pod, set));
}

/** Keeps the declared template as the newest revision; returns the hash that its pods carry. */
async function syncRevision(set: DaemonSet, context: RunContext, barriers: Barriers): Promise<string> {
  const collisionCount = set.status?.collisionCount;
  const hash = templateHash(set.spec.template, collisionCount);
  const revisions = context.cache.owned<ControllerRevision>(CONTROLLER_REVISION, set);
  const plan = planRevision(set, set.spec.template, revisions, { hash, labels: { [HASH_LABEL]: hash } });
  const stored = await storeRevision(plan, context);
  if (stored === undefined) {
    const before = set.status ?? daemonSetStatus({ set, pods: [], nodes: [], hash, now: context.now });
    await writeStatus(context, set, { status: { ...before, collisionCount: (collisionCount ?? 0) + 1 } });
    throw new Error("a revision's name is taken: trying another");
  }
  if (plan.action === "create") await barriers.revisions.seen([stored]);
  return stored.metadata.labels?.[HASH_LABEL] ?? hash;
}

async function carryOut(
  view: DaemonSetView,
  plan: DaemonSetPlan,
  context: RunContext,
  barriers: Barriers,
): Promise<unknown> {
  const { set } = view;
  for (const pod of plan.ended) tellEnded(set, pod, context);
  const removed = await deletePods(set, [...plan.remove, ...plan.ended], context);
  const pods = plan.create.map((node) => buildPod(view, node, context));
  const created = await createPods(set, pods, context, barriers.pods);
  return created.failure ?? removed.failure;
}

function tellEnded(set: DaemonSet, pod: Pod, context: RunContext): void {
  const subject = `daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${pod.spec.nodeName}`;
  if (pod.status?.phase === "Failed") {
    context.events.warning(set, "FailedDaemonPod", `Found failed ${subject}, will try to kill it`);
  } else {
    context.events.normal(set, "SucceededDaemonPod", `Found succeeded ${subject}, will try to delete it`);
  }
}

function buildPod({ set, hash }: DaemonSetView, node: string, context: RunContext): Pod {
  const { template } = set.spec;
  const pod = podFromTemplate(template, set, { prefix: `${set.metadata.name}-`, random: context.random });
  const generation = templateGeneration(set);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...pod.metadata.labels,
        [HASH_LABEL]: hash,
        ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
      },
    },
    spec: {
      ...pod.spec,
      affinity: affinityTo(node, template.spec.affinity),
      tolerations: daemonTolerations(template),
    },
  };
}

async function cleanUp(view: DaemonSetView, context: RunContext): Promise<void> {
  const { set } = view;
  const hashes = new Set([view.hash, ...view.pods.map((pod) => pod.metadata.labels?.[HASH_LABEL])]);
  const revisions = context.cache.owned<ControllerRevision>(CONTROLLER_REVISION, set);
  const inUse = (revision: ControllerRevision) => hashes.has(revision.metadata.labels?.[HASH_LABEL]);
  await truncateRevisions(revisions, inUse, set.spec.revisionHistoryLimit ?? 10, context);
}
