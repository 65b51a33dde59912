import { getCondition } from "./condition.js";
import { parseApiVersion } from "./gvk.js";
import { conditionsOf, fieldsOf, type HealthCondition, integerOf, textOf } from "./health-fields.js";
import { builtInHealth } from "./health-kinds.js";
import type { KubeObject } from "./object.js";

export type HealthStatus = "Current" | "InProgress" | "Failed" | "Terminating" | "Unknown" | "NotFound";

/** How far an object has come towards what it declares. */
export interface Health {
  readonly status: HealthStatus;
  /** For a person: what is missing, or that nothing is. */
  readonly message: string;
}

export interface HealthOptions {
  /** Milliseconds since the epoch; without it a pod that cannot be scheduled counts as in progress. */
  readonly now?: number;
  /**
   * When a Job counts as healthy: once it has `completed` (Flux, the default) or already when it has
   * `started` (plain kstatus, Helm).
   */
  readonly jobs?: "completed" | "started";
}

/**
 * The health of an object by the rules of kstatus: deletion, then the observed generation, then
 * `Reconciling` and `Stalled`, then the rules of its kind, else its `Ready` condition; an object without
 * any of these is current. `undefined` for an object stands for one that does not exist.
 */
export function objectHealth(object: KubeObject | undefined, options: HealthOptions = {}): Health {
  if (object === undefined) return { status: "NotFound", message: "Resource not found" };
  const common = commonHealth(object);
  if (common !== undefined) return common;
  const { group } = parseApiVersion(object.apiVersion ?? "");
  const rule = builtInHealth(group, object.kind);
  return rule === undefined ? readyHealth(object) : rule(object, options);
}

function commonHealth(object: KubeObject): Health | undefined {
  const { deletionTimestamp, generation } = object.metadata;
  if (deletionTimestamp !== undefined && deletionTimestamp !== null && deletionTimestamp !== "") {
    return { status: "Terminating", message: "Resource scheduled for deletion" };
  }
  const observed = integerOf(fieldsOf(object["status"])["observedGeneration"]);
  if (generation !== undefined && observed !== undefined && generation !== observed) {
    const message = `${object.kind} generation is ${generation}, but latest observed generation is ${observed}`;
    return { status: "InProgress", message };
  }
  for (const condition of conditionsOf(object)) {
    if (condition.status !== "True") continue;
    if (condition.type === "Reconciling") return inProgress(condition);
    if (condition.type === "Stalled") return { status: "Failed", message: textOf(condition.message) };
  }
  return undefined;
}

function readyHealth(object: KubeObject): Health {
  const ready = getCondition(conditionsOf(object), "Ready");
  if (ready?.status === "True") return { status: "Current", message: "Resource is Ready" };
  if (ready?.status === "False" || ready?.status === "Unknown") return inProgress(ready);
  return { status: "Current", message: "Resource is current" };
}

function inProgress(condition: HealthCondition): Health {
  return { status: "InProgress", message: textOf(condition.message) };
}
