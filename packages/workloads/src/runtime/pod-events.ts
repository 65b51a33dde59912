import type { EventRecorder } from "@capstan/controller";
import type { Pod } from "../model/pod.js";
import type { ContainerObservation, PodObservation } from "./pod-runtime.js";

/** Tells of what changed between two observations of a pod's containers, as a kubelet does. */
export function recordContainerEvents(
  events: EventRecorder,
  pod: Pod,
  before: PodObservation | undefined,
  after: PodObservation,
): void {
  for (const container of [...after.init, ...after.containers]) {
    const known = [...(before?.init ?? []), ...(before?.containers ?? [])].find(
      ({ name }) => name === container.name,
    );
    recordOne(events, pod, known, container);
  }
}

function recordOne(
  events: EventRecorder,
  pod: Pod,
  before: ContainerObservation | undefined,
  after: ContainerObservation,
): void {
  const { name } = after;
  const image = imageOf(pod, name);
  const startedAgain =
    after.state.running !== undefined &&
    (before?.state.running === undefined || before.restartCount !== after.restartCount);
  if (startedAgain && before !== undefined) {
    events.normal(pod, "Pulled", `Container image "${image}" already present on machine`);
    events.normal(pod, "Created", `Created container: ${name}`);
    events.normal(pod, "Started", `Started container ${name}`);
  }
  const reason = after.state.waiting?.reason;
  if (reason === before?.state.waiting?.reason) return;
  if (reason === "CrashLoopBackOff") {
    const subject = `container ${name} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
    events.warning(pod, "BackOff", `Back-off restarting failed ${subject}`);
  } else if (reason === "ImagePullBackOff") {
    events.warning(pod, "Failed", `Failed to pull image "${image}": simulated`);
    events.warning(pod, "Failed", "Error: ImagePullBackOff");
  }
}

/** Tells that the containers of a pod that is being deleted are stopped. */
export function recordStopping(
  events: EventRecorder,
  pod: Pod,
  observation: PodObservation | undefined,
): void {
  for (const { name, state } of observation?.containers ?? []) {
    if (state.running !== undefined) events.normal(pod, "Killing", `Stopping container ${name}`);
  }
}

function imageOf(pod: Pod, container: string): string {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return all.find(({ name }) => name === container)?.image ?? "";
}
