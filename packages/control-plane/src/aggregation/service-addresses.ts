import type { KubeObject } from "@capstan/kube";
import { listOf, type Members, membersOf, textOf } from "../admission/members.js";
import type { WebhookCaller } from "../admission/webhook-call.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { KindRegistry } from "../registry/kind-registry.js";

const SERVICE_NAME = "kubernetes.io/service-name";

/** Where a port of a Service is reached from this machine. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** Services and what is behind them, in the stored objects. */
export class ServiceAddresses {
  readonly #registry: KindRegistry;
  readonly #objects: ObjectStorage;

  constructor(registry: KindRegistry, objects: ObjectStorage) {
    this.#registry = registry;
    this.#objects = objects;
  }

  service(namespace: string, name: string): KubeObject | undefined {
    const kind = this.#registry.find("", "v1", "services");
    return kind && this.#objects.get(kind, namespace, name)?.object;
  }

  slices(namespace: string, service: string): readonly KubeObject[] {
    const kind = this.#registry.find("discovery.k8s.io", "v1", "endpointslices");
    if (kind === undefined) return [];
    return this.#objects
      .range(keyRange(kind, namespace))
      .entries.map((entry) => this.#objects.wrap(kind, entry).object)
      .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === service);
  }

  /**
   * Where a connection to the Service's port goes: the external name, or an endpoint that somebody put down.
   * Endpoints that are pods are passed over, as nothing listens there. Throws an error in the words of a
   * cluster whose Service is missing, has no such port, or has nobody behind it.
   */
  resolve(namespace: string, name: string, port: number): ServiceAddress {
    const service = this.service(namespace, name);
    if (service === undefined) throw new Error(`service "${name}" not found`);
    const spec = membersOf(service["spec"]);
    if (spec["type"] === "ExternalName") return { host: textOf(spec["externalName"]), port };
    const wanted = portOf(service, port);
    if (wanted === undefined) throw new Error(`no service port ${port} found for service "${name}"`);
    const [address] = this.slices(namespace, name).flatMap((slice) => addressesIn(slice, wanted));
    if (address !== undefined) return address;
    throw new Error(`dial tcp ${textOf(spec["clusterIP"])}:${port}: connect: connection refused`);
  }
}

/** The port of a Service with this number. */
export function portOf(service: KubeObject, port: number): Members | undefined {
  return listOf(membersOf(service["spec"])["ports"]).find((each) => each["port"] === port);
}

/** Whether a slice has an address for the port of a Service that is named so. */
export function hasAddress(slice: KubeObject, portName: string): boolean {
  return (
    listOf(slice["ports"]).some((each) => textOf(each["name"]) === portName) &&
    readyEndpoints(slice).length > 0
  );
}

function addressesIn(slice: KubeObject, port: Members): readonly ServiceAddress[] {
  const found = listOf(slice["ports"]).find((each) => textOf(each["name"]) === textOf(port["name"]));
  const number = found?.["port"];
  if (typeof number !== "number") return [];
  return readyEndpoints(slice)
    .filter((endpoint) => membersOf(endpoint["targetRef"])["kind"] !== "Pod")
    .flatMap((endpoint) => (Array.isArray(endpoint["addresses"]) ? endpoint["addresses"] : []))
    .map((host) => ({ host: String(host), port: number }));
}

function readyEndpoints(slice: KubeObject): readonly Members[] {
  return listOf(slice["endpoints"]).filter(
    (endpoint) => membersOf(endpoint["conditions"])["ready"] !== false,
  );
}

const SERVICE_HOST = /^([^.]+)\.([^.]+)\.svc$/;

/** Calls webhooks that are named as Services where their Services lead; others as they are named. */
export function throughServices(call: WebhookCaller, addresses: ServiceAddresses): WebhookCaller {
  return async (request) => {
    const { hostname, port } = new URL(request.url);
    const [, name, namespace] = SERVICE_HOST.exec(hostname) ?? [];
    if (name === undefined || namespace === undefined) return call(request);
    const connect = addresses.resolve(namespace, name, port === "" ? HTTPS : Number(port));
    return call({ ...request, connect });
  };
}

const HTTPS = 443;
