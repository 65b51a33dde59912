import { type Controller, defineController, type RunContext } from "@capstan/controller";
import { labelSelectorFromObject } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import {
  POD,
  REPLICA_SET,
  REPLICATION_CONTROLLER,
  type ReplicaSet,
  type ReplicationController,
} from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { CacheBarrier } from "../shared/cache-barrier.js";
import { claim, indexOrphans } from "../shared/claim.js";
import { describeError } from "../shared/describe-error.js";
import { done } from "../shared/outcome.js";
import { podFromTemplate } from "../shared/pod-factory.js";
import { createPods, deletePods } from "../shared/pod-writes.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { planReplicaSet, type ReplicaFailure, replicaSetStatus, untilNextAvailable } from "./plan.js";

/** The controller of ReplicaSets. */
export function replicaSetController(): Controller {
  return replicasController<ReplicaSet>("replicaset-controller", REPLICA_SET, (set) => set);
}

/** The controller of ReplicationControllers, which are ReplicaSets whose selector is plain labels. */
export function replicationController(): Controller {
  return replicasController<ReplicationController>(
    "replication-controller",
    REPLICATION_CONTROLLER,
    (controller) => {
      const selector = { matchLabels: controller.spec.selector ?? {} };
      return { ...controller, spec: { ...controller.spec, selector } };
    },
  );
}

/** Keeps as many pods as objects of `type` say; `asSet` shows one as a ReplicaSet of the same name and kind. */
function replicasController<T extends ReplicaSet | ReplicationController>(
  name: string,
  type: typeof REPLICA_SET | typeof REPLICATION_CONTROLLER,
  asSet: (object: T) => ReplicaSet,
): Controller {
  let barrier: CacheBarrier<Pod>;
  return defineController<T>({
    name,
    for: type,
    owns: [POD],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    concurrency: 16,
    setup: ({ cache, clock }) => {
      const pods = cache.informer<Pod>(POD);
      indexOrphans(cache.informer(POD));
      barrier = new CacheBarrier(pods, clock);
    },
    reconcile: async (object, context) => {
      const set = asSet(object);
      const selector = labelSelectorFromObject(set.spec.selector);
      const pods = await claim<Pod>(context, POD, set, selector);
      const failed = await resize(set, pods, context, barrier);
      const now = context.clock.now();
      const current = context.cache.owned<Pod>(POD, set);
      const { terminatingReplicas, ...status } = replicaSetStatus(set, current, failed?.condition, now);
      const own = type === REPLICA_SET && terminatingReplicas !== undefined ? { terminatingReplicas } : {};
      await writeStatus(context, object, { status: { ...status, ...own } });
      if (failed !== undefined) throw failed.error;
      return done(untilNextAvailable(set, current, now));
    },
  });
}

async function resize(
  set: ReplicaSet,
  pods: readonly Pod[],
  context: RunContext,
  barrier: CacheBarrier<Pod>,
): Promise<{ condition: ReplicaFailure; error: unknown } | undefined> {
  const plan = planReplicaSet(set, pods, context.now);
  const name = { prefix: `${set.metadata.name}-`, random: context.random };
  const stamped = Array.from({ length: plan.create }, () => podFromTemplate(set.spec.template, set, name));
  const created = await createPods(set, stamped, context, barrier);
  const removed = await deletePods(set, plan.remove, context);
  const error = created.failure ?? removed.failure;
  if (error === undefined) return undefined;
  const reason = created.failure === undefined ? "FailedDelete" : "FailedCreate";
  return { condition: { reason, message: describeError(error) }, error };
}
