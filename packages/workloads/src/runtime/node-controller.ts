import {
  type Controller,
  defineController,
  type EventRecorder,
  type SetupContext,
} from "@capstan/controller";
import { ApiError, type KubeObject } from "@capstan/kube";
import { CLAIM, NODE, POD } from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { done } from "../shared/outcome.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { writing } from "../shared/write-options.js";
import { Kubelet } from "./kubelet.js";
import { HEARTBEAT_MS, nodeObject, nodeStatus } from "./node.js";
import type { NodeDescription, PodRuntime } from "./pod-runtime.js";

/** Registers the runtime's node, keeps it ready, and runs pods on it. */
export function nodeController(
  runtime: PodRuntime,
  recorder: (component: string) => EventRecorder,
): Controller {
  return defineController<KubeObject>({
    name: "kubelet",
    for: NODE,
    watches: [
      { type: POD, map: () => [] },
      { type: CLAIM, map: () => [] },
    ],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    setup: async (context) => {
      await registerNode(runtime.node, context);
      new Kubelet(runtime, context, {
        kubelet: recorder("kubelet"),
        scheduler: recorder("default-scheduler"),
      }).run();
    },
    reconcile: async (node, context) => {
      if (node.metadata.name !== runtime.node.name) return done();
      const status = nodeStatus(runtime.node, node["status"], context.now);
      await writeStatus(context, node, { status });
      return done(HEARTBEAT_MS);
    },
  });
}

async function registerNode(node: NodeDescription, context: SetupContext): Promise<void> {
  try {
    await context.client.create(nodeObject(node), { ...writing(context) });
  } catch (error) {
    // It is there from the run before.
    if (!ApiError.is(error, "AlreadyExists")) throw error;
  }
}
