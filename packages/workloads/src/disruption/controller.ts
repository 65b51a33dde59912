import { type Controller, defineController, type RunContext } from "@capstan/controller";
import { type KubeObject, labelSelectorFromObject, matchesLabels, type ObjectKey } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import { DEPLOYMENT, DISRUPTION_BUDGET, POD, REPLICA_SET, STATEFUL_SET } from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { done } from "../shared/outcome.js";
import { controllerOf } from "../shared/owner.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { budgetStatus, type DisruptionBudget, needsControllers, untilForgotten } from "./budget.js";

/** Keeps the status of PodDisruptionBudgets, by which evictions are allowed. */
export function disruptionController(): Controller {
  return defineController<DisruptionBudget>({
    name: "disruption-controller",
    for: DISRUPTION_BUDGET,
    watches: [
      { type: POD, map: budgetsOf },
      { type: REPLICA_SET, map: budgetsOfTemplate, predicate: declarationChanged },
      { type: DEPLOYMENT, map: budgetsOfTemplate, predicate: declarationChanged },
      { type: STATEFUL_SET, map: budgetsOfTemplate, predicate: declarationChanged },
    ],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    reconcile: async (budget, context) => {
      const selector = labelSelectorFromObject(budget.spec.selector);
      const pods = context.cache
        .list<Pod>(POD, budget.metadata.namespace)
        .filter((pod) => matchesLabels(selector, pod.metadata.labels));
      if (pods.length === 0) context.events.normal(budget, "NoPods", "No matching pods found");
      const wanted = needsControllers(budget) ? wantedPods(pods, context) : 0;
      if (typeof wanted !== "number") {
        const message = `Failed to calculate the number of expected pods: ${wanted.failure}`;
        context.events.warning(budget, "CalculateExpectedPodCountFailed", message);
      }
      const status = budgetStatus({ budget, pods, wanted, now: context.now });
      await writeStatus(context, budget, { status });
      return done(untilForgotten(status, context.now));
    },
  });
}

function* budgetsOf(pod: KubeObject, cache: RunContext["cache"]): Iterable<ObjectKey> {
  yield* budgetsFor(pod.metadata.namespace, pod.metadata.labels, cache);
}

function* budgetsOfTemplate(object: KubeObject, cache: RunContext["cache"]): Iterable<ObjectKey> {
  const spec = object["spec"] as { template?: { metadata?: { labels?: Record<string, string> } } };
  yield* budgetsFor(object.metadata.namespace, spec.template?.metadata?.labels, cache);
}

function* budgetsFor(
  namespace: string | undefined,
  labels: Record<string, string> | undefined,
  cache: RunContext["cache"],
): Iterable<ObjectKey> {
  for (const budget of cache.list<DisruptionBudget>(DISRUPTION_BUDGET, namespace)) {
    const selector = labelSelectorFromObject(budget.spec.selector);
    if (matchesLabels(selector, labels)) yield { namespace, name: budget.metadata.name };
  }
}

/** How many pods the controllers of `pods` want together. */
function wantedPods(pods: readonly Pod[], context: RunContext): number | { failure: string } {
  const sizes = new Map<string, number>();
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (reference === undefined) continue;
    const owner = scaledOwner(pod, context);
    if (owner === undefined) return { failure: `found no controllers for pod "${pod.metadata.name}"` };
    sizes.set(owner.metadata.uid ?? "", (owner["spec"] as { replicas?: number }).replicas ?? 1);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** The object that says how many pods like this one there are to be. */
function scaledOwner(pod: Pod, { cache }: RunContext): KubeObject | undefined {
  const { namespace = "" } = pod.metadata;
  const reference = controllerOf(pod);
  const type = [REPLICA_SET, STATEFUL_SET].find(({ kind }) => kind === reference?.kind);
  if (type === undefined || reference === undefined) return undefined;
  const owner = cache.get({ ...type, namespace, name: reference.name });
  const above = owner === undefined ? undefined : controllerOf(owner);
  if (above?.kind !== "Deployment") return owner;
  return cache.get({ ...DEPLOYMENT, namespace, name: above.name }) ?? owner;
}
