import { formatTime, type KubeObject } from "@capstan/kube";
import { NODE } from "../model/workload.js";
import type { NodeDescription } from "./pod-runtime.js";

/** How often a node says that it is there, where nothing else changes. */
export const HEARTBEAT_MS = 5 * 60_000;

/** The Node object of a runtime, without status. */
export function nodeObject(node: NodeDescription): KubeObject {
  const arch = node.architecture ?? "amd64";
  const os = node.operatingSystem ?? "linux";
  return {
    ...NODE,
    metadata: {
      name: node.name,
      labels: {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": os,
        "kubernetes.io/arch": arch,
        "beta.kubernetes.io/os": os,
        "beta.kubernetes.io/arch": arch,
        ...node.labels,
      },
      annotations: {
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
      },
    },
    spec: node.taints === undefined ? {} : { taints: node.taints },
  };
}

const healthy = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
] as const;

interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

/** The status of a node that is well, heartbeat included. */
export function nodeStatus(node: NodeDescription, before: unknown, now: number): Record<string, unknown> {
  const known = ((before ?? {}) as { conditions?: NodeCondition[] }).conditions ?? [];
  const time = formatTime(now);
  const conditions = healthy.map(([type, status, reason, message]) => {
    const same = known.find((condition) => condition.type === type && condition.status === status);
    return {
      type,
      status,
      lastHeartbeatTime: time,
      lastTransitionTime: same?.lastTransitionTime ?? time,
      reason,
      message,
    };
  });
  return {
    ...(before as Record<string, unknown> | undefined),
    capacity: node.capacity,
    allocatable: node.capacity,
    conditions,
    addresses: [
      { type: "InternalIP", address: node.address },
      { type: "Hostname", address: node.name },
    ],
    nodeInfo: {
      machineID: node.name,
      systemUUID: node.name,
      bootID: node.name,
      kernelVersion: "capstan",
      osImage: "Capstan",
      containerRuntimeVersion: node.runtimeVersion ?? "capstan://0",
      kubeletVersion: "v1.35.0",
      kubeProxyVersion: "",
      operatingSystem: node.operatingSystem ?? "linux",
      architecture: node.architecture ?? "amd64",
    },
  };
}
