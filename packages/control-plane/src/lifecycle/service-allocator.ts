import { isIP } from "node:net";
import type { KubeObject, Random } from "@capstan/kube";
import { internal, invalid } from "../handler/errors.js";
import { keyRange, type ObjectStorage, objectKey } from "../handler/object-storage.js";
import type { FieldError, ServedKind } from "../registry/kind.js";
import type { Reservation, Reservations } from "../registry/ports.js";

/** 10.96.0.0/16: the range that clusters made by kubeadm-like tools use. */
const NETWORK = "10.96.";
const SIZE = 65_536;
/** Below this addresses are given only to those who ask for them; the first is the API's own. */
const STATIC_BAND = 256;
const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;
const HEADLESS = "None";

interface Port {
  readonly port?: number;
  readonly nodePort?: number;
}

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly ipFamilies?: readonly string[];
  readonly ipFamilyPolicy?: string;
  readonly ports?: readonly Port[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly externalTrafficPolicy?: string;
  readonly healthCheckNodePort?: number;
  readonly allocateLoadBalancerNodePorts?: boolean;
}

/** What one Service holds: addresses, and ports as `port/30080`. */
type Holdings = ReadonlySet<string>;

/**
 * Gives Services their cluster addresses and node ports. What is taken follows from the stored Services
 * and from the writes that are under way, so nothing can leak and nothing is given twice.
 */
export class ServiceAllocator implements Reservations {
  readonly #kind: ServedKind;
  readonly #random: Random;
  readonly #held = new Map<string, Holdings>();
  /** Who holds, or is about to hold, an address or port: store keys. */
  readonly #owners = new Map<string, Set<string>>();
  readonly #pending = new Map<string, string>();
  readonly #release: () => void;

  constructor(kind: ServedKind, objects: ObjectStorage, random: Random) {
    this.#kind = kind;
    this.#random = random;
    const range = keyRange(kind);
    for (const entry of objects.range(range).entries)
      this.#observe(entry.key, objects.codec.decode(entry.value));
    this.#release = objects.store.subscribe((changes) => {
      for (const { key, value } of changes) {
        if (!key.startsWith(range.start)) continue;
        this.#observe(key, value === undefined ? undefined : objects.codec.decode(value));
      }
    });
  }

  close(): void {
    this.#release();
  }

  /** Fills in what a Service needs and lacks. Throws 422 for a value that is taken or out of range. */
  reserve(kind: ServedKind, object: KubeObject): Reservation | undefined {
    if (kind !== this.#kind) return undefined;
    const { namespace, name } = object.metadata;
    const holder = objectKey(kind, namespace, name);
    const taken: string[] = [];
    const take = (what: string) => {
      if (this.#pending.get(what) === holder || this.#owners.get(what)?.has(holder)) return;
      this.#pending.set(what, holder);
      taken.push(what);
    };
    const settle = () => {
      for (const what of taken) this.#pending.delete(what);
    };
    try {
      const spec = (object["spec"] ?? {}) as ServiceSpec;
      const next = this.#withPorts(object, this.#withAddress(object, spec, holder, take), holder, take);
      return { object: { ...object, spec: next }, settle };
    } catch (error) {
      settle();
      throw error;
    }
  }

  #withAddress(
    object: KubeObject,
    spec: ServiceSpec,
    holder: string,
    take: (what: string) => void,
  ): ServiceSpec {
    if (spec.type === "ExternalName") return spec;
    const asked = spec.clusterIP ?? "";
    // What is no address at all is for validation to refuse.
    if (asked !== "" && asked !== HEADLESS && isIP(asked) === 0) {
      return withFamilies({ ...spec, clusterIPs: spec.clusterIPs ?? [asked] });
    }
    if (asked === HEADLESS) return withFamilies({ ...spec, clusterIPs: spec.clusterIPs ?? [HEADLESS] });
    if (asked !== "" && !this.#isFree(asked, holder)) {
      throw refuse(
        object,
        "spec.clusterIPs",
        [asked],
        `failed to allocate IP ${asked}: provided IP is already allocated`,
      );
    }
    if (asked !== "" && !this.#owners.get(asked)?.has(holder) && !asked.startsWith(NETWORK)) {
      const detail = `failed to allocate IP ${asked}: the provided network does not match the current range`;
      throw refuse(object, "spec.clusterIPs", [asked], detail);
    }
    const address = asked === "" ? this.#freeAddress() : asked;
    take(address);
    return withFamilies({ ...spec, clusterIP: address, clusterIPs: spec.clusterIPs ?? [address] });
  }

  #withPorts(
    object: KubeObject,
    spec: ServiceSpec,
    holder: string,
    take: (what: string) => void,
  ): ServiceSpec {
    const balanced = spec.type === "LoadBalancer";
    if (spec.type !== "NodePort" && !balanced) return spec;
    const allocate = !balanced || spec.allocateLoadBalancerNodePorts !== false;
    const byPort = new Map<number | undefined, number>();
    for (const { port, nodePort = 0 } of spec.ports ?? []) if (nodePort !== 0) byPort.set(port, nodePort);
    const ports = (spec.ports ?? []).map((port, index) => {
      const asked = port.nodePort ?? 0;
      if (asked !== 0) this.#checkPort(object, index, asked, holder);
      if (asked === 0 && !allocate) return port;
      const nodePort = asked !== 0 ? asked : (byPort.get(port.port) ?? this.#freePort());
      byPort.set(port.port, nodePort);
      take(portId(nodePort));
      return { ...port, nodePort };
    });
    if (!balanced || spec.externalTrafficPolicy !== "Local") return { ...spec, ports };
    const healthCheckNodePort = spec.healthCheckNodePort || this.#freePort();
    take(portId(healthCheckNodePort));
    return { ...spec, ports, healthCheckNodePort };
  }

  #checkPort(object: KubeObject, index: number, asked: number, holder: string): void {
    const field = `spec.ports[${index}].nodePort`;
    if (asked < FIRST_PORT || asked > LAST_PORT) {
      const detail = `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`;
      throw refuse(object, field, asked, detail);
    }
    if (!this.#isFree(portId(asked), holder)) {
      throw refuse(object, field, asked, "provided port is already allocated");
    }
  }

  #freeAddress(): string {
    const from = STATIC_BAND + Math.floor(this.#random.float() * (SIZE - STATIC_BAND - 1));
    const count = SIZE - STATIC_BAND - 1;
    for (let step = 0; step < count; step++) {
      const host = STATIC_BAND + ((from - STATIC_BAND + step) % count);
      const address = `${NETWORK}${host >>> 8}.${host & 0xff}`;
      if (this.#isFree(address, "")) return address;
    }
    throw internal("failed to allocate a serviceIP: range is full");
  }

  #freePort(): number {
    const count = LAST_PORT - FIRST_PORT + 1;
    const from = Math.floor(this.#random.float() * count);
    for (let step = 0; step < count; step++) {
      const port = FIRST_PORT + ((from + step) % count);
      if (this.#isFree(portId(port), "")) return port;
    }
    throw internal("failed to allocate a nodePort: range is full");
  }

  #isFree(what: string, holder: string): boolean {
    const pending = this.#pending.get(what);
    if (pending !== undefined && pending !== holder) return false;
    for (const owner of this.#owners.get(what) ?? []) if (owner !== holder) return false;
    return true;
  }

  #observe(key: string, object: KubeObject | undefined): void {
    for (const what of this.#held.get(key) ?? []) {
      const owners = this.#owners.get(what);
      owners?.delete(key);
      if (owners?.size === 0) this.#owners.delete(what);
    }
    this.#held.delete(key);
    if (object === undefined) return;
    const holdings = holdingsOf((object["spec"] ?? {}) as ServiceSpec);
    this.#held.set(key, holdings);
    for (const what of holdings) {
      const owners = this.#owners.get(what);
      if (owners === undefined) this.#owners.set(what, new Set([key]));
      else owners.add(key);
    }
  }
}

function holdingsOf(spec: ServiceSpec): Holdings {
  const held = new Set<string>();
  for (const address of spec.clusterIPs ?? []) if (address !== HEADLESS) held.add(address);
  for (const { nodePort = 0 } of spec.ports ?? []) if (nodePort !== 0) held.add(portId(nodePort));
  if (spec.healthCheckNodePort !== undefined) held.add(portId(spec.healthCheckNodePort));
  return held;
}

function portId(port: number): string {
  return `port/${port}`;
}

function withFamilies(spec: ServiceSpec): ServiceSpec {
  const dual = spec.clusterIP === HEADLESS && Object.keys(spec.selector ?? {}).length === 0;
  const policy = spec.ipFamilyPolicy ?? (dual ? "RequireDualStack" : "SingleStack");
  const families = dual && policy !== "SingleStack" ? ["IPv4", "IPv6"] : ["IPv4"];
  return { ...spec, ipFamilyPolicy: policy, ipFamilies: spec.ipFamilies ?? families };
}

function refuse(object: KubeObject, field: string, value: unknown, detail: string) {
  const error: FieldError = { type: "Invalid value", field, value, detail };
  return invalid({ group: "", kind: "Service" }, object.metadata.name, [error]);
}
