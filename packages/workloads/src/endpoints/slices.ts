import { ownerReference } from "@capstan/controller";
import { deepEqual, type Random } from "@capstan/kube";
import type { Endpoint, EndpointPort, EndpointSlice, Service } from "../model/service.js";
import { ENDPOINT_SLICE } from "../model/workload.js";
import { randomSuffix } from "../shared/random-name.js";
import { type EndpointGroup, isHeadless, portsKey } from "./endpoint.js";

const maxEndpoints = 100;
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const SERVICE_NAME = "kubernetes.io/service-name";
const HEADLESS = "service.kubernetes.io/headless";
const MANAGER = "endpointslice-controller.k8s.io";

export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** Whether a slice is one of ours; users may make their own. */
export function isManaged(slice: EndpointSlice): boolean {
  return slice.metadata.labels?.[MANAGED_BY] === MANAGER;
}

/** How the slices of a service and one address type become what they must be, with few changes. Pure. */
export function planSlices(
  service: Service,
  addressType: string,
  groups: readonly EndpointGroup[],
  existing: readonly EndpointSlice[],
  random: Random,
): SlicePlan {
  const free = new Set(existing);
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const wanted = groups.length === 0 ? [{ ports: [], endpoints: [] }] : groups;
  for (const group of wanted) {
    for (const { slice, endpoints } of distribute(group, free)) {
      if (slice === undefined) create.push(newSlice(service, addressType, group.ports, endpoints, random));
      else {
        const next = withContent(service, slice, group.ports, endpoints);
        if (!deepEqual(next, slice)) update.push(next);
      }
    }
  }
  return { create, update, remove: [...free] };
}

interface Filled {
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: Endpoint[];
}

/** Puts endpoints where they are already, then where there is room, then into new slices. */
function distribute({ ports, endpoints }: EndpointGroup, free: Set<EndpointSlice>): Filled[] {
  const key = portsKey(ports);
  const home = new Map<string, Filled>();
  const filled: Filled[] = [];
  for (const slice of [...free].filter((each) => portsKey(each.ports) === key)) {
    const place: Filled = { slice, endpoints: [] };
    for (const { targetRef } of slice.endpoints ?? []) home.set(targetRef?.uid ?? "", place);
    filled.push(place);
  }
  const homeless: Endpoint[] = [];
  for (const endpoint of endpoints) {
    const place = home.get(endpoint.targetRef.uid);
    if (place === undefined) homeless.push(endpoint);
    else place.endpoints.push(endpoint);
  }
  for (const place of filled)
    place.endpoints.push(...homeless.splice(0, maxEndpoints - place.endpoints.length));
  const spare = [...free].filter((slice) => !filled.some((place) => place.slice === slice));
  while (homeless.length > 0)
    filled.push({ slice: spare.shift(), endpoints: homeless.splice(0, maxEndpoints) });
  const kept = filled.filter((place) => place.endpoints.length > 0);
  // A service without endpoints keeps one empty slice.
  if (kept.length === 0) kept.push(filled[0] ?? { slice: spare[0], endpoints: [] });
  for (const { slice } of kept) if (slice !== undefined) free.delete(slice);
  return kept;
}

function newSlice(
  service: Service,
  addressType: string,
  ports: readonly EndpointPort[],
  endpoints: Endpoint[],
  random: Random,
): EndpointSlice {
  const { name, namespace } = service.metadata;
  const generateName = `${name}-`;
  return {
    ...ENDPOINT_SLICE,
    metadata: {
      name: generateName.slice(0, 58) + randomSuffix(random),
      generateName,
      ...(namespace === undefined ? {} : { namespace }),
      labels: sliceLabels(service),
      ownerReferences: [ownerReference(service)],
    },
    addressType,
    endpoints,
    ports: [...ports],
  };
}

function withContent(
  service: Service,
  slice: EndpointSlice,
  ports: readonly EndpointPort[],
  endpoints: Endpoint[],
): EndpointSlice {
  return {
    ...slice,
    metadata: { ...slice.metadata, labels: sliceLabels(service) },
    endpoints,
    ports: [...ports],
  };
}

function sliceLabels(service: Service): Record<string, string> {
  return {
    ...service.metadata.labels,
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: MANAGER,
    ...(isHeadless(service) ? { [HEADLESS]: "" } : {}),
  };
}
