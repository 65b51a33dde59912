import {
  anyOf,
  type Controller,
  changed,
  defineController,
  labelsChanged,
  type Predicate,
  type RunContext,
  refOf,
} from "@capstan/controller";
import { ApiError, deepEqual, type KubeObject, type ObjectKey } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import type { EndpointSlice, Service } from "../model/service.js";
import { ENDPOINT_SLICE, ENDPOINTS, NODE, POD, SERVICE } from "../model/workload.js";
import { unlessGone } from "../shared/api-write.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { CacheBarrier } from "../shared/cache-barrier.js";
import { describeError } from "../shared/describe-error.js";
import { done } from "../shared/outcome.js";
import { isControlledBy } from "../shared/owner.js";
import { isDeleting, isReady } from "../shared/pod-state.js";
import { declarationChanged } from "../shared/predicates.js";
import { FIELD_MANAGER } from "../shared/write-options.js";
import { type EndpointGroup, endpointGroups } from "./endpoint.js";
import { legacyEndpoints } from "./legacy.js";
import { isManaged, planSlices } from "./slices.js";

/** How soon a service's endpoints are written again: pods that start together cost one write. */
const batchMs = 100;

/** The index of slices by the pods that they list. */
const PODS = "listed-pods";
/** The index of services by a label that they select: each by one of them. */
const SELECTED = "selected-label";
/** The index of pods by their labels. */
const LABELS = "labels";

/** Keeps EndpointSlices, and Endpoints beside them, of Services that select pods. */
export function endpointsController(): Controller {
  const written = new Map<string, number>();
  let barrier: CacheBarrier<EndpointSlice>;
  return defineController<Service>({
    name: "endpointslice-controller",
    for: SERVICE,
    owns: [ENDPOINT_SLICE],
    watches: [
      { type: POD, map: servicesOf, predicate: anyOf(labelsChanged, podMoved) },
      { type: NODE, map: () => [] },
      { type: ENDPOINTS, map: serviceOfEndpoints },
    ],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    concurrency: 8,
    setup: ({ cache, clock, client, signal, logger }) => {
      cache.informer(SERVICE).subscribe((event) => {
        if (event.type !== "deleted") return;
        const { name, namespace = "" } = event.object.metadata;
        // Slices go with their owner; Endpoints have none.
        unlessGone(client.delete({ ...ENDPOINTS, name, namespace }, { signal })).catch((error: unknown) => {
          logger.warn("the endpoints of a service were not deleted", {
            service: name,
            error: describeError(error),
          });
        });
      });
      cache
        .informer<EndpointSlice>(ENDPOINT_SLICE)
        .addIndex(PODS, ({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef?.uid ?? ""));
      cache
        .informer<Service>(SERVICE)
        .addIndex(SELECTED, (service) => labelsIn(service, service.spec.selector).slice(0, 1));
      cache.informer<Pod>(POD).addIndex(LABELS, (pod) => labelsIn(pod, pod.metadata.labels));
      barrier = new CacheBarrier(cache.informer<EndpointSlice>(ENDPOINT_SLICE), clock);
    },
    gone: ({ namespace, name }) => {
      written.delete(`${namespace}/${name}`);
    },
    reconcile: async (service, context) => {
      const selector = Object.entries(service.spec.selector ?? {});
      if (service.spec.type === "ExternalName" || selector.length === 0) return done();
      const key = `${service.metadata.namespace}/${service.metadata.name}`;
      const wait = (written.get(key) ?? Number.NEGATIVE_INFINITY) + batchMs - context.now;
      if (wait > 0) return done(wait);
      const groups = endpointGroups(service, podsOf(service, context), zoneOf(context));
      const wrote = await writeSlices(service, groups, context, barrier);
      const wroteLegacy = await writeEndpoints(service, groups, context);
      if (wrote || wroteLegacy) written.set(key, context.clock.now());
      return done();
    },
  });
}

/** What of a pod its endpoints tell. */
const podMoved: Predicate = changed((object) => {
  const pod = object as Pod;
  return `${pod.status?.podIP} ${pod.status?.phase} ${isReady(pod)} ${isDeleting(pod)}`;
});

/** The services that select a pod, and those that list it though they do not any more. */
function* servicesOf(pod: KubeObject, cache: RunContext["cache"]): Iterable<ObjectKey> {
  const { namespace, uid = "" } = pod.metadata;
  const slices = cache.byIndex<EndpointSlice>(ENDPOINT_SLICE, PODS, uid);
  const listed = new Set(slices.map((slice) => slice.metadata.ownerReferences?.[0]?.name));
  for (const name of listed) if (name !== undefined) yield { namespace, name };
  for (const label of labelsIn(pod, pod.metadata.labels)) {
    for (const service of cache.byIndex<Service>(SERVICE, SELECTED, label)) {
      const { name } = service.metadata;
      if (!listed.has(name) && selects(service, pod)) yield { namespace, name };
    }
  }
}

/** Labels of a namespace, as they are indexed. */
function labelsIn(
  { metadata }: KubeObject,
  labels: Readonly<Record<string, string>> = {},
): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${metadata.namespace ?? ""}/${key}=${value}`);
}

function* serviceOfEndpoints(endpoints: KubeObject): Iterable<ObjectKey> {
  const { namespace, name } = endpoints.metadata;
  yield { namespace, name };
}

function selects({ spec }: Service, pod: KubeObject): boolean {
  const selector = Object.entries(spec.selector ?? {});
  const labels = pod.metadata.labels ?? {};
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}

function podsOf(service: Service, context: RunContext): Pod[] {
  const candidates = labelsIn(service, service.spec.selector)
    .map((label) => context.cache.byIndex<Pod>(POD, LABELS, label))
    .reduce((fewest, pods) => (pods.length < fewest.length ? pods : fewest));
  return candidates.filter((pod) => selects(service, pod));
}

function zoneOf(context: RunContext): string | undefined {
  return context.cache.list(NODE)[0]?.metadata.labels?.["topology.kubernetes.io/zone"];
}

async function writeSlices(
  service: Service,
  groups: readonly EndpointGroup[],
  context: RunContext,
  barrier: CacheBarrier<EndpointSlice>,
): Promise<boolean> {
  const { signal } = context;
  const existing = context.cache
    .owned<EndpointSlice>(ENDPOINT_SLICE, service)
    .filter((slice) => isControlledBy(slice, service) && isManaged(slice));
  let wrote = false;
  for (const family of service.spec.ipFamilies ?? ["IPv4"]) {
    const slices = existing.filter(({ addressType }) => addressType === family);
    // Pods have one address, of the fourth version.
    const plan = planSlices(service, family, family === "IPv4" ? groups : [], slices, context.random);
    const created = await Promise.all(
      plan.create.map((slice) => context.client.create(slice, { signal, fieldManager: FIELD_MANAGER })),
    );
    await barrier.seen(created);
    for (const slice of plan.update) {
      context.cache
        .informer<EndpointSlice>(ENDPOINT_SLICE)
        .observe(await context.client.update(slice, { signal, fieldManager: FIELD_MANAGER }));
    }
    for (const slice of plan.remove) await unlessGone(context.client.delete(refOf(slice), { signal }));
    wrote ||= plan.create.length + plan.update.length + plan.remove.length > 0;
  }
  return wrote;
}

async function writeEndpoints(
  service: Service,
  groups: readonly EndpointGroup[],
  context: RunContext,
): Promise<boolean> {
  const wanted = legacyEndpoints(service, groups);
  const existing = context.cache.get(refOf(wanted));
  const { signal } = context;
  try {
    if (existing === undefined) {
      await context.client.create(wanted, { signal, fieldManager: FIELD_MANAGER });
      return true;
    }
    const labels = { ...existing.metadata.labels, ...wanted.metadata.labels };
    const same = deepEqual(existing["subsets"] ?? [], wanted["subsets"] ?? []);
    if (same && deepEqual(existing.metadata.labels, labels)) return false;
    const { resourceVersion } = existing.metadata;
    const written = await context.client.update(
      {
        ...wanted,
        metadata: {
          ...existing.metadata,
          labels,
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
        },
      },
      { signal },
    );
    context.cache.informer(ENDPOINTS).observe(written);
    return true;
  } catch (error) {
    // The cache did not show it yet: its appearance wakes the service.
    if (ApiError.is(error, "AlreadyExists")) return false;
    throw error;
  }
}
