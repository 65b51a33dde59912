import { type Clock, deepEqual, formatTime, type Transport } from "@capstan/kube";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import { pathOf, sendUnless } from "../lifecycle/api-calls.js";
import type { PartOptions } from "../lifecycle/part.js";
import { WorkQueue } from "../lifecycle/work-queue.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type { AggregatedApis } from "./aggregated-apis.js";
import {
  APISERVICE_GROUP,
  type ApiService,
  AUTOMANAGED,
  type AvailableCondition,
  ownApiServices,
} from "./api-service.js";
import { type Availability, checkAvailability } from "./availability.js";
import type { BackendCaller } from "./backend.js";
import type { ServiceAddresses } from "./service-addresses.js";

/** How often servers are asked whether they are still there, beside every change of what leads to them. */
const RECHECK_MS = 30_000;

/**
 * Registers what the API serves itself, and finds out of what others registered whether it is available:
 * in the condition, and in `apis` for whoever sends requests on.
 */
export class ApiServiceController {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #apis: AggregatedApis;
  readonly #addresses: ServiceAddresses;
  readonly #call: BackendCaller;
  readonly #queue: WorkQueue;
  readonly #prefix: string;
  /** Where what leads to servers is kept: Services and their endpoints. */
  readonly #behind: readonly string[];
  readonly #release: (() => void)[] = [];

  constructor(
    parts: PartOptions & {
      readonly apis: AggregatedApis;
      readonly addresses: ServiceAddresses;
      readonly call: BackendCaller;
    },
  ) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#apis = parts.apis;
    this.#addresses = parts.addresses;
    this.#call = parts.call;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (name) => this.#process(name),
      onFailure: (name, error) => parts.onFailure("APIService", name, error),
    });
    this.#prefix = keyRange(this.#kind()).start;
    this.#behind = [
      parts.registry.find("", "v1", "services"),
      parts.registry.find("discovery.k8s.io", "v1", "endpointslices"),
    ].flatMap((kind) => (kind === undefined ? [] : [keyRange(kind).start]));
  }

  async start(): Promise<void> {
    const own = ownApiServices(this.#registry.all());
    await Promise.all(
      [...own.values()]
        .filter(({ metadata }) => metadata.labels?.[AUTOMANAGED] === "onstart")
        .map((service) => this.#create(service)),
    );
    for (const name of new Set([...own.keys(), ...this.#stored().keys()])) this.#queue.add(name);
    this.#release.push(
      this.#objects.store.subscribe((changes) => {
        for (const { key, value } of changes) this.#observe(key, value === undefined);
      }),
      this.#registry.onChange(() => this.#follow()),
    );
  }

  async close(): Promise<void> {
    for (const release of this.#release) release();
    await this.#queue.close();
  }

  #observe(key: string, deleted: boolean): void {
    if (key.startsWith(this.#prefix)) {
      const name = key.slice(this.#prefix.length);
      if (deleted) this.#apis.remove(name);
      this.#queue.add(name);
    } else if (this.#behind.some((start) => key.startsWith(start))) {
      for (const { service } of this.#apis.all()) this.#queue.add(service.metadata.name);
    }
  }

  /** Custom resources came or went. */
  #follow(): void {
    const own = ownApiServices(this.#registry.all());
    const stored = this.#stored();
    for (const name of own.keys()) if (!stored.has(name)) this.#queue.add(name);
    for (const [name, { metadata }] of stored) {
      if (metadata.labels?.[AUTOMANAGED] === "true" && !own.has(name)) this.#queue.add(name);
    }
  }

  async #process(name: string): Promise<number | undefined> {
    const own = ownApiServices(this.#registry.all()).get(name);
    const ownLabel = own?.metadata.labels?.[AUTOMANAGED];
    const service = this.#get(name);
    if (service === undefined) {
      if (own !== undefined && ownLabel === "true") await this.#create(own);
      return undefined;
    }
    if (service.metadata.labels?.[AUTOMANAGED] === "true" && ownLabel !== "true") {
      const path = pathOf(this.#kind(), undefined, name);
      await sendUnless(this.#transport, { method: "DELETE", path }, "NotFound");
      return undefined;
    }
    return this.#judge(service);
  }

  async #judge(service: ApiService): Promise<number | undefined> {
    const { name } = service.metadata;
    const { group = "", version } = service.spec;
    const remote = Boolean(service.spec.service);
    const former = this.#apis.find(group, version);
    if (remote && former === undefined) {
      this.#apis.put({ service, group, version, available: false, resources: undefined, openApi: undefined });
    }
    if (!remote) this.#apis.remove(name);
    const judged = await checkAvailability(service, this.#addresses, this.#call);
    await this.#report(service, judged.finding);
    if (!remote || this.#get(name)?.metadata.uid !== service.metadata.uid) return undefined;
    const { resources = former?.resources, openApi = former?.openApi } = judged;
    const available = judged.finding.status === "True";
    this.#apis.put({ service, group, version, available, resources, openApi });
    return RECHECK_MS;
  }

  async #report(service: ApiService, finding: Availability["finding"]): Promise<void> {
    const { conditions = [] } = service.status ?? {};
    const former = conditions.find(({ type }) => type === "Available");
    const condition: AvailableCondition = {
      type: "Available",
      ...finding,
      lastTransitionTime:
        former?.status === finding.status && former.lastTransitionTime !== undefined
          ? former.lastTransitionTime
          : formatTime(this.#clock.now()),
    };
    if (deepEqual(former, condition)) return;
    const others = conditions.filter(({ type }) => type !== "Available");
    await sendUnless(
      this.#transport,
      {
        method: "PATCH",
        path: `${pathOf(this.#kind(), undefined, service.metadata.name)}/status`,
        contentType: "application/merge-patch+json",
        body: {
          metadata: { uid: service.metadata.uid },
          status: { conditions: [...others, condition] },
        },
      },
      "NotFound",
      "Conflict",
    );
  }

  async #create(service: ApiService): Promise<void> {
    if (this.#get(service.metadata.name) !== undefined) return;
    const path = pathOf(this.#kind(), undefined);
    await sendUnless(this.#transport, { method: "POST", path, body: service }, "AlreadyExists");
  }

  #get(name: string): ApiService | undefined {
    return this.#objects.get(this.#kind(), undefined, name)?.object as ApiService | undefined;
  }

  #stored(): ReadonlyMap<string, ApiService> {
    const kind = this.#kind();
    const { entries } = this.#objects.range(keyRange(kind));
    return new Map(
      entries.map((entry) => [
        entry.key.slice(this.#prefix.length),
        this.#objects.wrap(kind, entry).object as ApiService,
      ]),
    );
  }

  #kind(): ServedKind {
    const kind = this.#registry.find(APISERVICE_GROUP, "v1", "apiservices");
    if (kind === undefined) throw new Error("apiservices are not served");
    return kind;
  }
}
