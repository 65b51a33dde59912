import { getCondition } from "./condition.js";
import type { Health, HealthOptions } from "./health.js";
import { conditionsOf, fieldsOf, integerOf, textOf } from "./health-fields.js";
import { podHealth } from "./health-pod.js";
import type { KubeObject } from "./object.js";

type Rule = (object: KubeObject, options: HealthOptions) => Health;

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["apps/Deployment", deploymentHealth],
  ["apps/StatefulSet", statefulSetHealth],
  ["apps/ReplicaSet", replicaSetHealth],
  ["apps/DaemonSet", daemonSetHealth],
  ["/Pod", podHealth],
  ["batch/Job", jobHealth],
  ["/PersistentVolumeClaim", claimHealth],
  ["/Service", serviceHealth],
  ["policy/PodDisruptionBudget", () => current("Resource is current")],
  ["batch/CronJob", () => current("Resource is current")],
  ["/ConfigMap", () => current("Resource is current")],
  ["apiextensions.k8s.io/CustomResourceDefinition", definitionHealth],
]);

/** The rule that a kind has of its own, if any. */
export function builtInHealth(group: string, kind: string): Rule | undefined {
  return rules.get(`${group}/${kind}`);
}

function current(message: string): Health {
  return { status: "Current", message };
}

function inProgress(message: string): Health {
  return { status: "InProgress", message };
}

/** A reader of counters in `spec` or `status`: what is missing or no integer is the fallback. */
function counters(value: unknown): (name: string, fallback?: number) => number {
  const fields = fieldsOf(value);
  return (name, fallback = 0) => integerOf(fields[name]) ?? fallback;
}

const noDeadline = 2147483647;

function deploymentHealth(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  const progressing = conditions.filter(({ type }) => type === "Progressing");
  if (progressing.some(({ reason }) => reason === "ProgressDeadlineExceeded")) {
    return { status: "Failed", message: "Progress deadline exceeded" };
  }
  const deadline = integerOf(fieldsOf(object["spec"])["progressDeadlineSeconds"]);
  const settled =
    deadline === undefined ||
    deadline === noDeadline ||
    progressing.some(({ status, reason }) => status === "True" && reason === "NewReplicaSetAvailable");
  const replicas = counters(object["spec"])("replicas", 1);
  const status = counters(object["status"]);
  const [have, updated] = [status("replicas"), status("updatedReplicas")];
  const [available, ready] = [status("availableReplicas"), status("readyReplicas")];
  if (replicas > have) return inProgress(`Replicas: ${have}/${replicas}`);
  if (replicas > updated) return inProgress(`Updated: ${updated}/${replicas}`);
  if (have > replicas) return inProgress(`Pending termination: ${have - replicas}`);
  if (updated > available) return inProgress(`Available: ${available}/${updated}`);
  if (replicas > ready) return inProgress(`Ready: ${ready}/${replicas}`);
  if (!settled) return inProgress("ReplicaSet not Available");
  if (getCondition(conditions, "Available")?.status !== "True") return inProgress("Deployment not Available");
  return current(`Deployment is available. Replicas: ${have}`);
}

function statefulSetHealth(object: KubeObject): Health {
  const spec = fieldsOf(object["spec"]);
  const strategy = fieldsOf(spec["updateStrategy"]);
  if (strategy["type"] === "OnDelete") return current("StatefulSet is using the ondelete update strategy");
  const replicas = counters(spec)("replicas", 1);
  const fields = fieldsOf(object["status"]);
  const status = counters(fields);
  const [have, ready, updated] = [status("replicas"), status("readyReplicas"), status("updatedReplicas")];
  if (replicas > have) return inProgress(`Replicas: ${have}/${replicas}`);
  if (replicas > ready) return inProgress(`Ready: ${ready}/${replicas}`);
  if (have > replicas) return inProgress(`Pending termination: ${have - replicas}`);
  const partition = integerOf(fieldsOf(strategy["rollingUpdate"])["partition"]);
  if (partition !== undefined) {
    if (updated < replicas - partition) return inProgress(`updated: ${updated}/${replicas - partition}`);
    return current(`Partition rollout complete. updated: ${updated}`);
  }
  if (replicas > status("currentReplicas"))
    return inProgress(`current: ${status("currentReplicas")}/${replicas}`);
  if (textOf(fields["currentRevision"]) !== textOf(fields["updateRevision"])) {
    return inProgress("Waiting for updated revision to match current");
  }
  return current(`All replicas scheduled as expected. Replicas: ${have}`);
}

function replicaSetHealth(object: KubeObject): Health {
  const failure = getCondition(conditionsOf(object), "ReplicaFailure");
  if (failure?.status === "True") return inProgress("Replica Failure condition. Check Pods");
  const replicas = counters(object["spec"])("replicas", 1);
  const status = counters(object["status"]);
  const have = status("replicas");
  const [labelled, available, ready] = [
    status("fullyLabeledReplicas"),
    status("availableReplicas"),
    status("readyReplicas"),
  ];
  if (replicas > labelled) return inProgress(`Labelled: ${labelled}/${replicas}`);
  if (replicas > available) return inProgress(`Available: ${available}/${replicas}`);
  if (replicas > ready) return inProgress(`Ready: ${ready}/${replicas}`);
  if (have > replicas) return inProgress(`Pending termination: ${have - replicas}`);
  return current(`ReplicaSet is available. Replicas: ${have}`);
}

function daemonSetHealth(object: KubeObject): Health {
  const fields = fieldsOf(object["status"]);
  if (object.metadata.generation === undefined || integerOf(fields["observedGeneration"]) === undefined) {
    return inProgress("Missing metadata.generation or .status.observedGeneration");
  }
  const desired = integerOf(fields["desiredNumberScheduled"]);
  if (desired === undefined) return inProgress("Missing .status.desiredNumberScheduled");
  const status = counters(fields);
  const steps = [
    ["Current", status("currentNumberScheduled")],
    ["Updated", status("updatedNumberScheduled")],
    ["Available", status("numberAvailable")],
    ["Ready", status("numberReady")],
  ] as const;
  for (const [name, have] of steps) if (desired > have) return inProgress(`${name}: ${have}/${desired}`);
  return current(`All replicas scheduled as expected. Replicas: ${desired}`);
}

function jobHealth(object: KubeObject, options: HealthOptions): Health {
  const spec = fieldsOf(object["spec"]);
  const fields = fieldsOf(object["status"]);
  const status = counters(fields);
  const parallelism = counters(spec)("parallelism", 1);
  const completions = counters(spec)("completions", parallelism);
  for (const condition of conditionsOf(object)) {
    if (condition.status !== "True") continue;
    if (condition.type === "Complete") {
      return current(`Job Completed. succeeded: ${status("succeeded")}/${completions}`);
    }
    if (condition.type === "Failed") {
      const message = `Job Failed. failed: ${status("failed")}/${completions}`;
      return { status: "Failed", message };
    }
    if (condition.type === "Suspended" && spec["suspend"] === true && options.jobs !== "started") {
      return current("Job is suspended");
    }
  }
  if (textOf(fields["startTime"]) === "") return inProgress("Job not started");
  const counts = `success:${status("succeeded")}, active: ${status("active")}, failed: ${status("failed")}`;
  return {
    status: options.jobs === "started" ? "Current" : "InProgress",
    message: `Job in progress. ${counts}`,
  };
}

function claimHealth(object: KubeObject): Health {
  const phase = textOf(fieldsOf(object["status"])["phase"]);
  return phase === "Bound"
    ? current("PVC is Bound")
    : inProgress(`PVC is not Bound. phase: ${phase || "unknown"}`);
}

function serviceHealth(object: KubeObject): Health {
  const spec = fieldsOf(object["spec"]);
  if (spec["type"] === "LoadBalancer" && textOf(spec["clusterIP"]) === "") {
    return inProgress("ClusterIP not set. Service type: LoadBalancer");
  }
  return current("Service is ready");
}

function definitionHealth(object: KubeObject): Health {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === "NamesAccepted" && status === "False") return { status: "Failed", message: textOf(message) };
    if (type !== "Established") continue;
    if (status === "False" && reason !== "Installing") return { status: "Failed", message: textOf(message) };
    if (status === "True") return current("CRD is established");
  }
  return inProgress("Install in progress");
}
