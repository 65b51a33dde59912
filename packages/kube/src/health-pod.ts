import { getCondition } from "./condition.js";
import type { Health, HealthOptions } from "./health.js";
import { conditionsOf, fieldsOf, type HealthCondition, textOf } from "./health-fields.js";
import type { KubeObject } from "./object.js";
import { parseTime } from "./time.js";

/** How long a pod may wait for a node before that counts as a failure. */
const scheduleWindowMs = 15_000;

/** The health of a Pod. */
export function podHealth(object: KubeObject, options: HealthOptions): Health {
  const phase = textOf(fieldsOf(object["status"])["phase"]);
  switch (phase) {
    case "Succeeded":
      return { status: "Current", message: "Pod has completed successfully" };
    case "Failed":
      return { status: "Current", message: "Pod has completed, but not successfully" };
    case "Running":
      return runningHealth(object);
    case "Pending":
      return pendingHealth(object, options);
    case "":
      return { status: "InProgress", message: "Pod phase not available" };
    default:
      return { status: "Unknown", message: `unknown phase ${phase}` };
  }
}

function runningHealth(object: KubeObject): Health {
  if (getCondition(conditionsOf(object), "Ready")?.status === "True") {
    return { status: "Current", message: "Pod is Ready" };
  }
  const crashing = crashLooping(object);
  if (crashing.length > 0) {
    return { status: "Failed", message: `Containers in CrashLoop state: ${crashing.join(",")}` };
  }
  return { status: "InProgress", message: "Pod is running but is not Ready" };
}

function crashLooping(object: KubeObject): string[] {
  const statuses = fieldsOf(object["status"])["containerStatuses"];
  if (!Array.isArray(statuses)) return [];
  return statuses
    .map(fieldsOf)
    .filter((status) => fieldsOf(fieldsOf(status["state"])["waiting"])["reason"] === "CrashLoopBackOff")
    .map((status) => textOf(status["name"]));
}

function pendingHealth(object: KubeObject, options: HealthOptions): Health {
  const scheduled = getCondition(conditionsOf(object), "PodScheduled");
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable") {
    return overdue(scheduled, options)
      ? { status: "Failed", message: "Pod could not be scheduled" }
      : { status: "InProgress", message: "Pod has not been scheduled" };
  }
  return { status: "InProgress", message: "Pod is in the Pending phase" };
}

function overdue(scheduled: HealthCondition, { now }: HealthOptions): boolean {
  const since = textOf(scheduled.lastTransitionTime);
  return now !== undefined && since !== "" && now - parseTime(since) > scheduleWindowMs;
}
