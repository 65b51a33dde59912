import type { Pod, PodStatus } from "../model/pod.js";
import type { ContainerObservation, PodObservation } from "./pod-runtime.js";

export type Phase = NonNullable<PodStatus["phase"]>;

/** The phase that the states of a pod's containers add up to. An end, once reached, is final. */
export function podPhase(pod: Pod, { init, containers }: PodObservation): Phase {
  const before = pod.status?.phase;
  if (before === "Succeeded" || before === "Failed") return before;
  const policy = pod.spec.restartPolicy ?? "Always";
  const regular = init.filter(({ name }) => !isSidecar(pod, name));
  const sidecars = init.filter(({ name }) => isSidecar(pod, name));
  const started = containers.some((each) => hasRun(each));
  if (policy === "Never" && regular.some(failed)) return "Failed";
  const waits =
    regular.some((each) => !succeeded(each)) || sidecars.some((each) => !each.started && !hasEnded(each));
  if (waits && !started) return "Pending";
  if (containers.some((each) => !hasRun(each))) return "Pending";
  if (containers.some(({ state }) => state.running !== undefined)) return "Running";
  if (policy === "Always") return "Running";
  if (containers.every(succeeded)) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

/** Whether an init container is one that goes on beside the others. */
export function isSidecar(pod: Pod, name: string): boolean {
  return pod.spec.initContainers?.find((each) => each.name === name)?.restartPolicy === "Always";
}

function hasRun({ state, lastState }: ContainerObservation): boolean {
  return state.running !== undefined || state.terminated !== undefined || lastState?.terminated !== undefined;
}

function hasEnded({ state, lastState }: ContainerObservation): boolean {
  return state.terminated !== undefined || lastState?.terminated !== undefined;
}

export function succeeded({ state }: ContainerObservation): boolean {
  return state.terminated?.exitCode === 0;
}

function failed({ state, lastState }: ContainerObservation): boolean {
  const ended = state.terminated ?? (state.waiting === undefined ? undefined : lastState?.terminated);
  return ended !== undefined && ended.exitCode !== 0;
}
