import { formatTime, getCondition, type KubeObject } from "@capstan/kube";

interface MetricSpec {
  type: string;
  resource?: { name: string };
  containerResource?: { name: string };
}

interface AutoscalerCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  lastTransitionTime: string;
}

export interface AutoscalerStatus {
  observedGeneration?: number;
  currentReplicas: number;
  desiredReplicas: number;
  lastScaleTime?: string;
  currentMetrics?: unknown;
  conditions?: AutoscalerCondition[];
}

export interface Autoscaler extends KubeObject {
  spec: {
    scaleTargetRef: { apiVersion?: string; kind: string; name: string };
    minReplicas?: number;
    maxReplicas: number;
    metrics?: MetricSpec[];
  };
  status?: AutoscalerStatus;
}

/** What an autoscaler makes of its target. */
export interface AutoscalerPlan {
  /** The size to set; `undefined` where it stays. */
  readonly replicas: number | undefined;
  /** Why, for the event. */
  readonly reason: string;
  readonly status: AutoscalerStatus;
  /** The condition whose change is worth a warning. */
  readonly warning: { readonly reason: string; readonly message: string } | undefined;
}

type Statement = Pick<AutoscalerCondition, "type" | "status" | "reason" | "message">;

/**
 * One sync of a HorizontalPodAutoscaler whose target was found, without any metrics: the size is kept
 * within its bounds, and the conditions say that no metric could be read. Pure.
 */
export function planAutoscaler(autoscaler: Autoscaler, current: number, now: number): AutoscalerPlan {
  const { minReplicas = 1, maxReplicas } = autoscaler.spec;
  const able = statement(
    "AbleToScale",
    "True",
    "SucceededGetScale",
    "the HPA controller was able to get the target's current scale",
  );
  if (current === 0 && minReplicas !== 0) {
    const message = "scaling is disabled since the replica count of the target is zero";
    const off = statement("ScalingActive", "False", "ScalingDisabled", message);
    return {
      replicas: undefined,
      reason: "",
      status: statusOf(autoscaler, current, current, [able, off], now),
      warning: undefined,
    };
  }
  if (current > maxReplicas)
    return resize(autoscaler, current, maxReplicas, "Current number of replicas above Spec.MaxReplicas", now);
  if (current < minReplicas)
    return resize(autoscaler, current, minReplicas, "Current number of replicas below Spec.MinReplicas", now);
  const unknown = withoutMetrics(autoscaler);
  const known = getCondition(autoscaler.status?.conditions, "ScalingActive");
  return {
    replicas: undefined,
    reason: "",
    status: statusOf(autoscaler, current, current, [able, unknown], now),
    warning: known?.reason === unknown.reason && known.status === "False" ? undefined : unknown,
  };
}

/** The status of an autoscaler whose target cannot be read. */
export function withoutTarget(autoscaler: Autoscaler, failure: string, now: number): AutoscalerStatus {
  const message = `the HPA controller was unable to get the target's current scale: ${failure}`;
  const { currentReplicas = 0, desiredReplicas = 0 } = autoscaler.status ?? {};
  const failed = statement("AbleToScale", "False", "FailedGetScale", message);
  return statusOf(autoscaler, currentReplicas, desiredReplicas, [failed], now);
}

function resize(
  autoscaler: Autoscaler,
  from: number,
  to: number,
  reason: string,
  now: number,
): AutoscalerPlan {
  const message = `the HPA controller was able to update the target scale to ${to}`;
  const able = statement("AbleToScale", "True", "SucceededRescale", message);
  const status = { ...statusOf(autoscaler, from, to, [able], now), lastScaleTime: formatTime(now) };
  return { replicas: to, reason, status, warning: undefined };
}

function withoutMetrics({ spec }: Autoscaler): Statement {
  const metric = spec.metrics?.[0] ?? { type: "Resource", resource: { name: "cpu" } };
  const prefix = "the HPA was unable to compute the replica count";
  const name = metric.resource?.name ?? metric.containerResource?.name ?? "cpu";
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    Resource: [
      "FailedGetResourceMetric",
      `failed to get ${name} utilization: unable to get metrics for resource ${name}: no metrics are collected`,
    ],
    ContainerResource: [
      "FailedGetContainerResourceMetric",
      `unable to get metrics for resource ${name}: no metrics are collected`,
    ],
    Pods: ["FailedGetPodsMetric", "unable to get pods metric: no metrics are collected"],
    Object: ["FailedGetObjectMetric", "unable to get object metric: no metrics are collected"],
    External: ["FailedGetExternalMetric", "unable to get external metric: no metrics are collected"],
  };
  const [reason, message] = reasons[metric.type] ?? [
    "InvalidMetricSourceType",
    `unknown metric source type "${metric.type}"`,
  ];
  return statement("ScalingActive", "False", reason, `${prefix}: ${message}`);
}

function statement(type: string, status: string, reason: string, message: string): Statement {
  return { type, status, reason, message };
}

function statusOf(
  autoscaler: Autoscaler,
  currentReplicas: number,
  desiredReplicas: number,
  statements: readonly Statement[],
  now: number,
): AutoscalerStatus {
  const before = autoscaler.status;
  let conditions = before?.conditions ?? [];
  for (const next of statements) {
    const known = conditions.find(({ type }) => type === next.type);
    const lastTransitionTime = known?.status === next.status ? known.lastTransitionTime : formatTime(now);
    const condition = { ...next, lastTransitionTime };
    conditions =
      known === undefined
        ? [...conditions, condition]
        : conditions.map((each) => (each === known ? condition : each));
  }
  return { ...before, currentReplicas, desiredReplicas, conditions };
}
