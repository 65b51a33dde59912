import type { Manager } from "@capstan/controller";
import { autoscalerController } from "./autoscaler/controller.js";
import { cronJobController } from "./cronjob/controller.js";
import { daemonSetController } from "./daemonset/controller.js";
import { deploymentController } from "./deployment/controller.js";
import { disruptionController } from "./disruption/controller.js";
import { endpointsController } from "./endpoints/controller.js";
import { jobController } from "./job/controller.js";
import { replicaSetController, replicationController } from "./replicaset/controller.js";
import { nodeController } from "./runtime/node-controller.js";
import type { PodRuntime } from "./runtime/pod-runtime.js";
import { statefulSetController } from "./statefulset/controller.js";
import { attributesClassController } from "./storage/attributes-class-controller.js";
import { claimController } from "./storage/claim-controller.js";
import { volumeController } from "./storage/volume-controller.js";

export interface WorkloadsOptions {
  /** What runs pods. */
  readonly runtime: PodRuntime;
}

/**
 * Registers everything that makes declared workloads run: the controllers of Deployments, ReplicaSets,
 * StatefulSets, DaemonSets, Jobs and CronJobs, endpoints, volumes, autoscalers and disruption budgets, one
 * node and its scheduler. To be called before or after the manager was started.
 */
export function registerWorkloads(manager: Manager, options: WorkloadsOptions): void {
  manager.add(nodeController(options.runtime, (component) => manager.recorder(component)));
  manager.add(deploymentController());
  manager.add(replicaSetController());
  manager.add(replicationController());
  manager.add(statefulSetController());
  manager.add(daemonSetController());
  manager.add(jobController());
  manager.add(cronJobController());
  manager.add(endpointsController());
  manager.add(claimController());
  manager.add(volumeController());
  manager.add(attributesClassController());
  manager.add(autoscalerController());
  manager.add(disruptionController());
}
