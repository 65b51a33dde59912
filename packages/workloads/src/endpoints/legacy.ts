import type { KubeObject } from "@capstan/kube";
import type { Endpoint, Service } from "../model/service.js";
import { ENDPOINTS } from "../model/workload.js";
import { type EndpointGroup, isHeadless } from "./endpoint.js";

/** The Endpoints object of a service: the older form of the same addresses. */
export function legacyEndpoints(service: Service, groups: readonly EndpointGroup[]): KubeObject {
  const { name, namespace, labels } = service.metadata;
  const publish = service.spec.publishNotReadyAddresses === true;
  const subsets = groups
    .map(({ ports, endpoints }) => {
      const listed = endpoints.filter(({ conditions }) => publish || !conditions.terminating);
      const ready = listed.filter(({ conditions }) => conditions.ready).map(address);
      const notReady = listed.filter(({ conditions }) => !conditions.ready).map(address);
      return {
        ...(ready.length === 0 ? {} : { addresses: ready }),
        ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
        ...(ports.length === 0
          ? {}
          : {
              ports: ports.map(({ name: port, ...rest }) => (port === "" ? rest : { name: port, ...rest })),
            }),
      };
    })
    .filter((subset) => subset.addresses !== undefined || subset.notReadyAddresses !== undefined);
  return {
    ...ENDPOINTS,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        ...labels,
        "endpoints.kubernetes.io/managed-by": "endpoint-controller",
        ...(isHeadless(service) ? { "service.kubernetes.io/headless": "" } : {}),
      },
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

function address({ addresses, hostname, nodeName, targetRef }: Endpoint): Record<string, unknown> {
  return {
    ip: addresses[0],
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef,
  };
}
