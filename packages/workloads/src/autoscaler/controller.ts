import { type Controller, defineController, isNoKindMatch, type RunContext } from "@capstan/controller";
import { ApiError, type KubeObject, type ObjectKey, type ObjectRef } from "@capstan/kube";
import { AUTOSCALER, DEPLOYMENT, STATEFUL_SET } from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { describeError } from "../shared/describe-error.js";
import { done } from "../shared/outcome.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { writing } from "../shared/write-options.js";
import { type Autoscaler, planAutoscaler, withoutTarget } from "./autoscaler.js";

/** How often targets are looked at that are not watched. */
const pollMs = 15_000;

/**
 * Keeps the targets of HorizontalPodAutoscalers within their bounds. There are no metrics to scale by, and
 * the conditions say so.
 */
export function autoscalerController(): Controller {
  return defineController<Autoscaler>({
    name: "horizontal-pod-autoscaler",
    for: AUTOSCALER,
    watches: [DEPLOYMENT, STATEFUL_SET].map((type) => ({
      type,
      map: autoscalersOf,
      predicate: declarationChanged,
    })),
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    reconcile: async (autoscaler, context) => {
      const ref = targetOf(autoscaler);
      const watched = [DEPLOYMENT, STATEFUL_SET].some(({ kind }) => kind === ref.kind);
      const scale = await readScale(autoscaler, ref, context);
      if (scale === undefined) return done(watched ? undefined : pollMs);
      const current = replicasOf(scale);
      const plan = planAutoscaler(autoscaler, current, context.now);
      if (plan.replicas !== undefined) {
        const body = { spec: { replicas: plan.replicas } };
        await context.client.patch(
          ref,
          { type: "merge", body },
          { ...writing(context), subresource: "scale" },
        );
        context.events.normal(
          autoscaler,
          "SuccessfulRescale",
          `New size: ${plan.replicas}; reason: ${plan.reason}`,
        );
      }
      await writeStatus(context, autoscaler, { status: plan.status });
      if (plan.warning !== undefined)
        context.events.warning(autoscaler, plan.warning.reason, plan.warning.message);
      return done(watched ? undefined : pollMs);
    },
  });
}

function* autoscalersOf(target: KubeObject, cache: RunContext["cache"]): Iterable<ObjectKey> {
  const { namespace, name } = target.metadata;
  for (const autoscaler of cache.list<Autoscaler>(AUTOSCALER, namespace)) {
    const { kind, name: wanted } = autoscaler.spec.scaleTargetRef;
    if (kind === target.kind && wanted === name) yield { namespace, name: autoscaler.metadata.name };
  }
}

function targetOf({ metadata, spec }: Autoscaler): ObjectRef {
  const { apiVersion = "v1", kind, name } = spec.scaleTargetRef;
  const { namespace } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

async function readScale(
  autoscaler: Autoscaler,
  ref: ObjectRef,
  context: RunContext,
): Promise<KubeObject | undefined> {
  try {
    return await context.client.get(ref, { signal: context.signal, subresource: "scale" });
  } catch (error) {
    if (!ApiError.is(error) && !isNoKindMatch(error)) throw error;
    const message = describeError(error);
    await writeStatus(context, autoscaler, { status: withoutTarget(autoscaler, message, context.now) });
    context.events.warning(autoscaler, "FailedGetScale", message);
    return undefined;
  }
}

function replicasOf(scale: KubeObject): number {
  return (scale["spec"] as { replicas?: number } | undefined)?.replicas ?? 0;
}
