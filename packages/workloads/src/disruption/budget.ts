import { formatTime, type KubeObject, type LabelSelectorObject, parseTime } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import type { IntOrString } from "../model/workload.js";
import { scaled } from "../shared/int-or-percent.js";
import { isDeleting, isReady, isTerminal } from "../shared/pod-state.js";

export interface DisruptionBudget extends KubeObject {
  spec: {
    minAvailable?: IntOrString;
    maxUnavailable?: IntOrString;
    selector?: LabelSelectorObject | null;
  };
  status?: DisruptionBudgetStatus;
}

export interface DisruptionBudgetStatus {
  observedGeneration?: number;
  disruptionsAllowed: number;
  currentHealthy: number;
  desiredHealthy: number;
  expectedPods: number;
  disruptedPods?: Record<string, string>;
  conditions?: BudgetCondition[];
}

interface BudgetCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  observedGeneration: number;
  lastTransitionTime: string;
}

/** What a budget's status is made of. */
export interface BudgetView {
  readonly budget: DisruptionBudget;
  /** The pods that it selects. */
  readonly pods: readonly Pod[];
  /** How many pods the controllers of those pods want, or why that is not known. */
  readonly wanted: number | { readonly failure: string };
  readonly now: number;
}

/** An eviction counts against the budget until its pod is gone, at most for this long. */
const evictionMs = 120_000;

/** The status of a budget; its condition gets a new time whenever one of the numbers changes. Pure. */
export function budgetStatus(view: BudgetView): DisruptionBudgetStatus {
  const { budget, pods, wanted, now } = view;
  const disrupted = disruptedPods(view);
  const healthy = pods.filter(
    (pod) => isReady(pod) && !isDeleting(pod) && disrupted[pod.metadata.name] === undefined,
  ).length;
  const failure = typeof wanted === "number" ? undefined : wanted.failure;
  const { expected, desired } = expectations(view, typeof wanted === "number" ? wanted : 0);
  const allowed = expected === 0 || failure !== undefined ? 0 : Math.max(healthy - desired, 0);
  const before = budget.status;
  const numbers =
    failure === undefined
      ? {
          currentHealthy: healthy,
          desiredHealthy: desired,
          expectedPods: expected,
          disruptionsAllowed: allowed,
        }
      : {
          currentHealthy: before?.currentHealthy ?? 0,
          desiredHealthy: before?.desiredHealthy ?? 0,
          expectedPods: before?.expectedPods ?? 0,
          disruptionsAllowed: 0,
        };
  const generation = budget.metadata.generation ?? 0;
  const verdict = failure !== undefined ? "SyncFailed" : allowed > 0 ? "SufficientPods" : "InsufficientPods";
  const condition: BudgetCondition = {
    type: "DisruptionAllowed",
    status: allowed > 0 ? "True" : "False",
    observedGeneration: generation,
    lastTransitionTime: formatTime(now),
    reason: verdict,
    message: failure ?? "",
  };
  return {
    ...numbers,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    observedGeneration: generation,
    conditions: [unchanged(before, numbers, condition) ?? condition],
  };
}

/** The condition as it is where nothing changed. */
function unchanged(
  before: DisruptionBudgetStatus | undefined,
  numbers: Omit<DisruptionBudgetStatus, "conditions">,
  condition: BudgetCondition,
): BudgetCondition | undefined {
  const known = before?.conditions?.find(({ type }) => type === condition.type);
  if (before === undefined || known === undefined) return undefined;
  const same =
    before.currentHealthy === numbers.currentHealthy &&
    before.desiredHealthy === numbers.desiredHealthy &&
    before.expectedPods === numbers.expectedPods &&
    before.disruptionsAllowed === numbers.disruptionsAllowed &&
    known.reason === condition.reason &&
    known.message === condition.message &&
    known.observedGeneration === condition.observedGeneration;
  return same ? known : undefined;
}

function expectations({ budget, pods }: BudgetView, wanted: number): { expected: number; desired: number } {
  const { minAvailable, maxUnavailable } = budget.spec;
  const living = pods.filter((pod) => !isTerminal(pod));
  if (maxUnavailable !== undefined) {
    return { expected: wanted, desired: Math.max(wanted - scaled(maxUnavailable, wanted, "up"), 0) };
  }
  if (typeof minAvailable === "string")
    return { expected: wanted, desired: scaled(minAvailable, wanted, "up") };
  return { expected: living.length, desired: minAvailable ?? 1 };
}

/** Whether the budget needs to know how large the controllers of its pods are. */
export function needsControllers({ spec }: DisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === "string";
}

function disruptedPods({ budget, pods, now }: BudgetView): Record<string, string> {
  const entries = Object.entries(budget.status?.disruptedPods ?? {}).filter(([name, time]) => {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    return pod !== undefined && !isDeleting(pod) && parseTime(time) + evictionMs > now;
  });
  return Object.fromEntries(entries);
}

/** Milliseconds until an eviction that did not happen stops counting. */
export function untilForgotten(status: DisruptionBudgetStatus, now: number): number | undefined {
  const times = Object.values(status.disruptedPods ?? {}).map((time) => parseTime(time) + evictionMs - now);
  return times.length === 0 ? undefined : Math.max(Math.min(...times), 1);
}
