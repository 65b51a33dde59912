import type { ContainerPort, Pod } from "../model/pod.js";
import type { Endpoint, EndpointPort, Service } from "../model/service.js";
import { isDeleting, isReady, isTerminal } from "../shared/pod-state.js";

/** Endpoints of a service that share a list of ports, since pods may give their ports different numbers. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === "None" || spec.clusterIP === undefined || spec.clusterIP === "";
}

/** The addresses behind a service, by their ports: every pod that has an address and did not end. */
export function endpointGroups(
  service: Service,
  pods: readonly Pod[],
  zone: string | undefined,
): EndpointGroup[] {
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const address = pod.status?.podIP;
    if (address === undefined || isTerminal(pod)) continue;
    const ports = resolvePorts(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, address, zone));
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What tells one list of ports from another. */
export function portsKey(ports: readonly EndpointPort[] | null): string {
  return (ports ?? [])
    .map(({ name, port, protocol, appProtocol = "" }) => [name, port, protocol, appProtocol].join("|"))
    .sort()
    .join(",");
}

function endpointOf(service: Service, pod: Pod, address: string, zone: string | undefined): Endpoint {
  const serving = isReady(pod);
  const terminating = isDeleting(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { name, namespace = "", uid = "" } = pod.metadata;
  const { hostname = "", subdomain, nodeName } = pod.spec;
  const named = hostname !== "" && subdomain === service.metadata.name;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(named ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    targetRef: { kind: "Pod", namespace, name, uid },
  };
}

/** The ports of a service at one pod; a named port that the pod does not have is left out. */
function resolvePorts({ spec }: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const { name = "", port, protocol = "TCP", targetPort = port, appProtocol } of spec.ports ?? []) {
    const number = typeof targetPort === "number" ? targetPort : namedPort(pod, targetPort, protocol);
    if (number === undefined) continue;
    ports.push({ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return ports;
}

function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name);
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const matches = (port: ContainerPort) => port.name === name && (port.protocol ?? "TCP") === protocol;
  return [...pod.spec.containers, ...sidecars].flatMap(({ ports = [] }) => ports).find(matches)
    ?.containerPort;
}
