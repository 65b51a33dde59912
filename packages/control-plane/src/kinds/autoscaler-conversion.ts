import type { KubeObject } from "@capstan/kube";
import { isMembers, listAt, type Members, membersAt, numberAt, textAt } from "./members.js";

const PREFIX = "autoscaling.alpha.kubernetes.io/";
const TRAVELLERS = ["metrics", "current-metrics", "behavior", "conditions"] as const;

/**
 * An autoscaler of `autoscaling/v1` as the stored `v2` has it. What only v2 can say comes from the
 * annotations that v1 carries it in.
 */
export function autoscalerToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: cpu, ...spec } = membersOf(object["spec"]);
  const { currentCPUUtilizationPercentage: currentCpu, ...status } = membersOf(object["status"]);
  const metrics = carried(object, "metrics");
  const behavior = carried(object, "behavior");
  const current = carried(object, "current-metrics");
  const conditions = carried(object, "conditions");
  const allMetrics = [
    ...(Array.isArray(metrics) ? metrics.filter(isMembers).map(metricToV2) : []),
    ...(cpu === undefined ? [] : [cpuMetric(cpu)]),
  ];
  const allCurrent = [
    ...(currentCpu === undefined ? [] : [cpuStatus(currentCpu)]),
    ...(Array.isArray(current) ? current : []),
  ];
  return {
    ...object,
    apiVersion: "autoscaling/v2",
    metadata: { ...object.metadata, ...annotationsOf(object, {}) },
    spec: {
      ...spec,
      ...(allMetrics.length > 0 ? { metrics: allMetrics } : {}),
      ...(isMembers(behavior) ? { behavior } : {}),
    },
    status: {
      ...status,
      ...(allCurrent.length > 0 ? { currentMetrics: allCurrent } : {}),
      ...(Array.isArray(conditions) ? { conditions } : {}),
    },
  };
}

/** A stored autoscaler as `autoscaling/v1` shows it. */
export function autoscalerFromV2(object: KubeObject): KubeObject {
  const { metrics: _metrics, behavior, ...spec } = membersOf(object["spec"]);
  const { currentMetrics: _current, conditions, ...status } = membersOf(object["status"]);
  const metrics = listAt(membersOf(object["spec"]), "metrics");
  const cpu = metrics.find(isCpuUtilization);
  const others = metrics.filter((metric) => metric !== cpu);
  const current = listAt(membersOf(object["status"]), "currentMetrics");
  const currentCpu = current.find((metric) => textAt(membersAt(metric, "resource"), "name") === "cpu");
  const utilization = numberAt(membersAt(membersAt(cpu, "resource"), "target"), "averageUtilization");
  const average = numberAt(membersAt(membersAt(currentCpu, "resource"), "current"), "averageUtilization");
  const otherCurrent = current.filter((metric) => metric !== currentCpu);
  return {
    ...object,
    apiVersion: "autoscaling/v1",
    metadata: {
      ...object.metadata,
      ...annotationsOf(object, {
        ...(others.length > 0 ? { metrics: others.map(metricFromV2) } : {}),
        ...(otherCurrent.length > 0 ? { "current-metrics": otherCurrent } : {}),
        ...(behavior === undefined ? {} : { behavior }),
        ...(Array.isArray(conditions) && conditions.length > 0 ? { conditions } : {}),
      }),
    },
    spec: { ...spec, ...(utilization === undefined ? {} : { targetCPUUtilizationPercentage: utilization }) },
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...status,
      ...(average === undefined ? {} : { currentCPUUtilizationPercentage: average }),
    },
  };
}

function membersOf(value: unknown): Members {
  return isMembers(value) ? value : {};
}

function isCpuUtilization(metric: Members): boolean {
  const resource = membersAt(metric, "resource");
  if (metric["type"] !== "Resource" || textAt(resource, "name") !== "cpu") return false;
  return numberAt(membersAt(resource, "target"), "averageUtilization") !== undefined;
}

function cpuMetric(averageUtilization: unknown): Members {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function cpuStatus(averageUtilization: unknown): Members {
  return { type: "Resource", resource: { name: "cpu", current: { averageUtilization } } };
}

/** What an annotation of the object carries; `undefined` where it is missing or no JSON. */
function carried(object: KubeObject, name: (typeof TRAVELLERS)[number]): unknown {
  const text = object.metadata.annotations?.[PREFIX + name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // The real server drops annotations that it cannot read, too.
    return undefined;
  }
}

function annotationsOf(object: KubeObject, carry: Members): { annotations?: Record<string, string> } {
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  for (const name of TRAVELLERS) {
    delete annotations[PREFIX + name];
    const value = carry[name];
    if (value !== undefined) annotations[PREFIX + name] = JSON.stringify(value);
  }
  if (object.metadata.annotations === undefined && Object.keys(annotations).length === 0) return {};
  return { annotations };
}

/** The flat form of a metric that v1 annotations hold. */
function metricFromV2(metric: Members): Members {
  const resource = membersAt(metric, "resource");
  if (resource === undefined) return metric;
  const target = membersAt(resource, "target");
  const utilization = numberAt(target, "averageUtilization");
  return {
    type: metric["type"],
    resource: {
      name: resource["name"],
      ...(utilization === undefined
        ? { targetAverageValue: target?.["averageValue"] }
        : { targetAverageUtilization: utilization }),
    },
  };
}

function metricToV2(metric: Members): Members {
  const resource = membersAt(metric, "resource");
  if (resource === undefined || resource["target"] !== undefined) return metric;
  const utilization = numberAt(resource, "targetAverageUtilization");
  return {
    type: metric["type"],
    resource: {
      name: resource["name"],
      target:
        utilization === undefined
          ? { type: "AverageValue", averageValue: resource["targetAverageValue"] }
          : { type: "Utilization", averageUtilization: utilization },
    },
  };
}
