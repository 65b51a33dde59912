import {
  type Controller,
  defineController,
  type Predicate,
  type RunContext,
  refOf,
} from "@capstan/controller";
import { ApiError, labelSelectorFromObject, type ObjectKey } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import { DEPLOYMENT, type Deployment, POD, REPLICA_SET, type ReplicaSet } from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { CacheBarrier } from "../shared/cache-barrier.js";
import { claim, indexOrphans } from "../shared/claim.js";
import { describeError } from "../shared/describe-error.js";
import { done } from "../shared/outcome.js";
import { controllerOf, isControlledBy } from "../shared/owner.js";
import { isTerminal } from "../shared/pod-state.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { writing } from "../shared/write-options.js";
import { state } from "./conditions.js";
import type { DeploymentPlan, SetChange } from "./draft.js";
import { hasProgressDeadline, isRollingUpdate } from "./fenceposts.js";
import { sameTemplate } from "./new-set.js";
import { planDeployment } from "./plan.js";

/** The controller of Deployments. */
export function deploymentController(): Controller {
  let barrier: CacheBarrier<ReplicaSet> | undefined;
  return defineController<Deployment>({
    name: "deployment-controller",
    for: DEPLOYMENT,
    owns: [REPLICA_SET],
    watches: [{ type: POD, map: deploymentOfPod, predicate: podEnded }],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    concurrency: 16,
    setup: ({ cache, clock }) => {
      indexOrphans(cache.informer(REPLICA_SET));
      barrier = new CacheBarrier(cache.informer<ReplicaSet>(REPLICA_SET), clock);
    },
    reconcile: async (deployment, context) => {
      const selector = labelSelectorFromObject(deployment.spec.selector);
      if (selector.requirements.length === 0) return refuseSelector(deployment, context);
      const sets = await claim<ReplicaSet>(context, REPLICA_SET, deployment, selector);
      const pods = isRollingUpdate(deployment) ? [] : sets.flatMap((set) => podsOf(set, context));
      const plan = planDeployment({ deployment, sets, pods, now: context.now });
      await carryOut(deployment, plan, context, barrier);
      return done(plan.resyncAfterMs);
    },
  });
}

/** A Deployment replaced by `Recreate` waits for the last old pod to end. */
const podEnded: Predicate = (event) =>
  event.type === "deleted" || (event.type === "updated" && isTerminal(event.object as Pod));

function* deploymentOfPod(
  pod: Parameters<typeof controllerOf>[0],
  cache: RunContext["cache"],
): Iterable<ObjectKey> {
  const set = controllerOf(pod);
  const { namespace } = pod.metadata;
  if (set?.kind !== "ReplicaSet" || namespace === undefined) return;
  const owner = cache.get({ ...REPLICA_SET, namespace, name: set.name });
  const deployment = owner === undefined ? undefined : controllerOf(owner);
  if (deployment?.kind !== "Deployment") return;
  const found = cache.get<Deployment>({ ...DEPLOYMENT, namespace, name: deployment.name });
  if (found !== undefined && !isRollingUpdate(found)) yield { namespace, name: deployment.name };
}

function podsOf(set: ReplicaSet, context: RunContext): readonly Pod[] {
  return context.cache.owned<Pod>(POD, set);
}

async function refuseSelector(deployment: Deployment, context: RunContext) {
  const message = "This deployment is selecting all pods. A non-empty selector is required.";
  context.events.warning(deployment, "SelectingAll", message);
  const observedGeneration = deployment.metadata.generation ?? 0;
  await writeStatus(context, deployment, { status: { ...deployment.status, observedGeneration } });
  return done();
}

async function carryOut(
  deployment: Deployment,
  plan: DeploymentPlan,
  context: RunContext,
  barrier: CacheBarrier<ReplicaSet> | undefined,
): Promise<void> {
  if (plan.create !== undefined) {
    const created = await createSet(deployment, plan.create, context);
    if (created === undefined) return;
    await barrier?.seen([created]);
  }
  for (const change of plan.changes) await changeSet(change, context);
  for (const scaling of plan.scalings) context.events.normal(deployment, "ScalingReplicaSet", scaling);
  for (const set of plan.deletions) await deleteSet(set, context);
  await writeStatus(context, deployment, { status: plan.status, annotations: plan.annotations });
}

/** The set that was created, or that was there already; `undefined` where its name belongs to another. */
async function createSet(
  deployment: Deployment,
  set: ReplicaSet,
  context: RunContext,
): Promise<ReplicaSet | undefined> {
  try {
    return await context.client.create(set, { ...writing(context) });
  } catch (error) {
    if (ApiError.is(error, "AlreadyExists")) return resolveCollision(deployment, set, context);
    if (!ApiError.is(error, "Forbidden") || !isTerminatingNamespace(error)) {
      await reportCreateFailure(deployment, set, error, context);
    }
    throw error;
  }
}

async function resolveCollision(
  deployment: Deployment,
  set: ReplicaSet,
  context: RunContext,
): Promise<ReplicaSet | undefined> {
  const existing = await context.client.tryGet<ReplicaSet>(refOf(set), { signal: context.signal });
  const ours = existing !== undefined && isControlledBy(existing, deployment);
  if (ours && sameTemplate(existing.spec.template, deployment.spec.template)) return existing;
  // The next run, woken by this write, hashes with the new count.
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
  const written = { ...deployment, status: { ...deployment.status, collisionCount } };
  await writeStatus(context, deployment, { status: written.status });
  throw new Error(`the name ${set.metadata.name} is taken: trying another`);
}

function isTerminatingNamespace(error: ApiError): boolean {
  return error.status.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true;
}

async function reportCreateFailure(
  deployment: Deployment,
  set: ReplicaSet,
  error: unknown,
  context: RunContext,
): Promise<void> {
  const reason = "ReplicaSetCreateError";
  const message = `Failed to create new replica set "${set.metadata.name}": ${describeError(error)}`;
  context.events.warning(deployment, reason, message);
  if (!hasProgressDeadline(deployment)) return;
  const statement = { type: "Progressing", status: "False", reason, message } as const;
  const conditions = state(deployment.status?.conditions ?? [], statement, context.now);
  await writeStatus(context, deployment, { status: { ...deployment.status, conditions: [...conditions] } });
}

async function changeSet({ set, ...change }: SetChange, context: RunContext): Promise<void> {
  const { replicas, minReadySeconds, annotations } = change;
  const spec = {
    ...(replicas === undefined ? {} : { replicas }),
    ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
  };
  // Sizes are absolute, so a version that moved on meanwhile, as with every status, does not matter.
  const { uid } = set.metadata;
  const body = { metadata: { uid, annotations: annotations ?? {} }, spec };
  const written = await context.client.patch<ReplicaSet>(
    refOf(set),
    { type: "merge", body },
    {
      ...writing(context),
    },
  );
  context.cache.informer<ReplicaSet>(REPLICA_SET).observe(written);
}

async function deleteSet(set: ReplicaSet, context: RunContext): Promise<void> {
  const { uid } = set.metadata;
  try {
    await context.client.delete(refOf(set), {
      signal: context.signal,
      propagationPolicy: "Background",
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    });
  } catch (error) {
    // Somebody else was faster.
    if (!ApiError.is(error, "NotFound", "Conflict")) throw error;
  }
}
