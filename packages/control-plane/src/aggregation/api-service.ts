import type { KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";

export const APISERVICE_GROUP = "apiregistration.k8s.io";
export const AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged";

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port?: number;
}

/** A registered version of a group; without a service it is the API's own. */
export interface ApiService extends KubeObject {
  readonly spec: {
    readonly group?: string;
    readonly version: string;
    readonly groupPriorityMinimum: number;
    readonly versionPriority: number;
    readonly service?: ServiceReference | null;
    /** PEM, in base64. */
    readonly caBundle?: string | null;
    readonly insecureSkipTLSVerify?: boolean;
  };
  readonly status?: { readonly conditions?: readonly AvailableCondition[] };
}

export interface AvailableCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly lastTransitionTime?: string;
  readonly reason: string;
  readonly message: string;
}

/** Where groups stand among others, as Kubernetes has them: priority of the group, then of its versions. */
const PRIORITIES: Readonly<Record<string, readonly [number, Readonly<Record<string, number>>]>> = {
  "": [18_000, { v1: 1 }],
  apps: [17_800, { v1: 15 }],
  "events.k8s.io": [17_750, { v1: 15 }],
  "authentication.k8s.io": [17_700, { v1: 15 }],
  "authorization.k8s.io": [17_600, { v1: 15 }],
  autoscaling: [17_500, { v1: 15, v2: 30 }],
  batch: [17_400, { v1: 15 }],
  "certificates.k8s.io": [17_300, { v1: 15 }],
  "networking.k8s.io": [17_200, { v1: 15 }],
  policy: [17_100, { v1: 15 }],
  "rbac.authorization.k8s.io": [17_000, { v1: 15 }],
  "storage.k8s.io": [16_800, { v1: 15 }],
  "admissionregistration.k8s.io": [16_700, { v1: 15, v1beta1: 12 }],
  "apiextensions.k8s.io": [16_700, { v1: 15 }],
  "scheduling.k8s.io": [16_600, { v1: 15 }],
  "coordination.k8s.io": [16_500, { v1: 15 }],
  "node.k8s.io": [16_300, { v1: 15 }],
  "discovery.k8s.io": [16_200, { v1: 15 }],
  "resource.k8s.io": [16_200, { v1: 21 }],
  "flowcontrol.apiserver.k8s.io": [16_100, { v1: 21 }],
};
const CUSTOM_PRIORITY = [1_000, 100] as const;

/**
 * What registers the versions that the API serves itself: of built-in groups once, when it starts, and of
 * custom resources for as long as they are served.
 */
export function ownApiServices(kinds: readonly ServedKind[]): ReadonlyMap<string, ApiService> {
  const services = new Map<string, ApiService>();
  for (const { group, version } of kinds) {
    if (group === APISERVICE_GROUP) continue;
    const name = `${version}.${group}`;
    if (!services.has(name)) services.set(name, ownApiService(name, group, version));
  }
  return services;
}

function ownApiService(name: string, group: string, version: string): ApiService {
  const [groupPriority, versions] = PRIORITIES[group] ?? [];
  const onStart = groupPriority !== undefined;
  return {
    apiVersion: `${APISERVICE_GROUP}/v1`,
    kind: "APIService",
    metadata: { name, labels: { [AUTOMANAGED]: onStart ? "onstart" : "true" } },
    spec: {
      ...(group === "" ? {} : { group }),
      version,
      groupPriorityMinimum: groupPriority ?? CUSTOM_PRIORITY[0],
      versionPriority: versions?.[version] ?? CUSTOM_PRIORITY[1],
    },
  };
}
