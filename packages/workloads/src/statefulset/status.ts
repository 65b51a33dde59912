import type { Pod } from "../model/pod.js";
import type { StatefulSetStatus } from "../model/workload.js";
import { isAvailable, isDeleting, isReady } from "../shared/pod-state.js";
import { REVISION_LABEL } from "./identity.js";
import type { StatefulSetView } from "./plan.js";

/** The status of a StatefulSet over the pods that it controls. */
export function statefulSetStatus(view: StatefulSetView, collisionCount: number): StatefulSetStatus {
  const { set, pods, updateRevision, now } = view;
  const running = (pod: Pod) => pod.status?.phase === "Running" && isReady(pod);
  const ready = pods.filter(running);
  const available = ready.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
  const at = (revision: string) =>
    pods.filter((pod) => !isDeleting(pod) && pod.metadata.labels?.[REVISION_LABEL] === revision).length;
  const updated = at(updateRevision);
  const complete = isComplete(view, ready.length, updated);
  const currentRevision = complete ? updateRevision : view.currentRevision;
  const current = complete ? updated : at(currentRevision);
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    ...(current === 0 ? {} : { currentReplicas: current }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    availableReplicas: available.length,
    currentRevision,
    updateRevision,
    collisionCount,
  };
}

/** Whether every pod there should be is ready at the newest revision, and none is there beside them. */
function isComplete({ set, pods }: StatefulSetView, ready: number, updated: number): boolean {
  const size = set.spec.replicas ?? 1;
  const rolls = (set.spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
  return rolls && updated === size && ready === size && pods.length === size;
}
