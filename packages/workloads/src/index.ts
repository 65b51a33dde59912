export { registerWorkloads, type WorkloadsOptions } from "./register.js";
export type {
  ContainerObservation,
  NodeDescription,
  PodHost,
  PodObservation,
  PodRuntime,
  RunningPod,
} from "./runtime/pod-runtime.js";
export { type PodLogs, simulatedLogs } from "./runtime/simulated-logs.js";
export type { SimulatedTimes } from "./runtime/simulated-pod.js";
export { type SimulatedRuntimeOptions, simulatedRuntime } from "./runtime/simulated-runtime.js";
