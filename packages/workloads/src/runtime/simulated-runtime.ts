import { AddressPool } from "./address-pool.js";
import type { NodeDescription, PodRuntime } from "./pod-runtime.js";
import { SimulatedPod, type SimulatedTimes } from "./simulated-pod.js";

export interface SimulatedRuntimeOptions {
  readonly node?: Partial<NodeDescription>;
  /** How long the steps of a pod take; milliseconds by default, not seconds. */
  readonly times?: Partial<SimulatedTimes>;
  /** The first two numbers of pod addresses. */
  readonly podNetwork?: string;
}

const defaultTimes: SimulatedTimes = { startMs: 20, initMs: 20, readyMs: 50, runMs: 200, stopMs: 20 };

const defaultNode: NodeDescription = {
  name: "capstan",
  address: "127.0.0.1",
  capacity: { cpu: "256", memory: "1Ti", "ephemeral-storage": "10Ti", pods: "20k" },
  architecture: "amd64",
  operatingSystem: "linux",
  runtimeVersion: "capstan://simulated",
};

/**
 * Pods that are played instead of run: they get addresses, start, become ready, end and stop as pods of a
 * healthy cluster do, only faster, and fail where their annotations say so (see `Simulation`).
 */
export function simulatedRuntime(options: SimulatedRuntimeOptions = {}): PodRuntime {
  const times = { ...defaultTimes, ...options.times };
  const node = { ...defaultNode, ...options.node };
  const addresses = new AddressPool(options.podNetwork ?? "10.244");
  return {
    node,
    start: (pod, host) => {
      const uid = pod.metadata.uid ?? "";
      const onHost = pod.spec.hostNetwork === true;
      const ip = onHost ? node.address : addresses.take(uid, pod.status?.podIP);
      const running = new SimulatedPod(pod, host, times, ip);
      running.play();
      return {
        stop: async (graceMs) => {
          await running.stop(graceMs);
          addresses.release(ip, uid);
        },
        abandon: () => {
          running.abandon();
          addresses.release(ip, uid);
        },
      };
    },
  };
}
