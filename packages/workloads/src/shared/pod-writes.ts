import { type RunContext, refOf } from "@capstan/controller";
import { ApiError, type KubeObject } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import { POD } from "../model/workload.js";
import type { CacheBarrier } from "./cache-barrier.js";
import { describeError } from "./describe-error.js";
import { slowStart } from "./slow-start.js";
import { writing } from "./write-options.js";

/** Pods that a sync creates or deletes at most. */
export const BURST = 500;

/** What became of a batch of pods; `failure` is the first error, told of in an event already. */
export interface BatchResult {
  readonly done: readonly Pod[];
  readonly failure: unknown;
}

/** Creates pods in slow start, tells the owner's events of each, and waits until the cache shows them. */
export async function createPods(
  owner: KubeObject,
  pods: readonly Pod[],
  context: RunContext,
  barrier: CacheBarrier<Pod>,
): Promise<BatchResult> {
  const result = await slowStart(pods, async (pod) => {
    try {
      const created = await context.client.create(pod, { ...writing(context) });
      context.events.normal(owner, "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        context.events.warning(owner, "FailedCreate", `Error creating: ${describeError(error)}`);
      }
      throw error;
    }
  });
  await barrier.seen(result.done);
  return result;
}

/** Deletes pods, all at once; those that are gone already count as deleted. */
export async function deletePods(
  owner: KubeObject,
  pods: readonly Pod[],
  context: RunContext,
): Promise<BatchResult> {
  const settled = await Promise.allSettled(pods.map((pod) => deletePod(owner, pod, context)));
  const failed = settled.find((result) => result.status === "rejected");
  return { done: pods, failure: failed?.reason };
}

async function deletePod(owner: KubeObject, pod: Pod, context: RunContext): Promise<void> {
  const { uid } = pod.metadata;
  try {
    const deleted = await context.client.delete(refOf(pod), {
      signal: context.signal,
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    });
    if (deleted.metadata?.deletionTimestamp !== undefined)
      context.cache.informer<Pod>(POD).observe(deleted as Pod);
    context.events.normal(owner, "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  } catch (error) {
    // Gone, or replaced by a namesake: deleted all the same.
    if (ApiError.is(error, "NotFound", "Conflict")) return;
    context.events.warning(owner, "FailedDelete", `Error deleting: ${describeError(error)}`);
    throw error;
  }
}

function isNamespaceTerminating(error: unknown): boolean {
  return (
    ApiError.is(error) &&
    error.status.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true
  );
}
