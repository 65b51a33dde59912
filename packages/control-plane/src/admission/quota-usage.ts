import { addQuantity, type KubeObject, parseQuantity, type Quantity, QuantityError } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { listOf, type Members, membersOf, textOf, textsOf } from "./members.js";
import { containersOf, specOf } from "./pod-request.js";

/** Amounts by the names that quotas use. */
export type Usage = ReadonlyMap<string, Quantity>;

const ONE = parseQuantity("1");
const COUNTED = new Set([
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
]);
const EXEMPT = new Set(["events", "bindings", "componentstatuses", "localsubjectaccessreviews"]);

/** What one object uses of a namespace's quotas. */
export function usageOf(
  kind: Pick<ServedKind, "group" | "resource" | "namespaced">,
  object: KubeObject,
): Usage {
  const usage = new Map<string, Quantity>();
  if (!kind.namespaced || EXEMPT.has(kind.resource)) return usage;
  const { group, resource } = kind;
  if (group === "" && resource === "pods") addPod(usage, object);
  else usage.set(countName(group, resource), ONE);
  if (group !== "") return usage;
  if (COUNTED.has(resource) && resource !== "pods") usage.set(resource, ONE);
  if (resource === "services") addService(usage, object);
  if (resource === "persistentvolumeclaims") addClaim(usage, object);
  return usage;
}

function countName(group: string, resource: string): string {
  return `count/${resource}${group === "" ? "" : `.${group}`}`;
}

/** Reads an amount; undefined where it is none. */
export function readAmount(text: unknown): Quantity | undefined {
  if (typeof text !== "string" && typeof text !== "number") return undefined;
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

function increase(usage: Map<string, Quantity>, name: string, amount: Quantity): void {
  const known = usage.get(name);
  usage.set(name, known ? addQuantity(known, amount) : amount);
}

const COMPUTE = new Set(["cpu", "memory", "ephemeral-storage"]);

function addPod(usage: Map<string, Quantity>, pod: KubeObject): void {
  usage.set("count/pods", ONE);
  const phase = textOf(membersOf(pod["status"])["phase"]);
  if (phase === "Succeeded" || phase === "Failed") return;
  usage.set("pods", ONE);
  const spec = specOf(pod);
  for (const [name, amount] of podAmounts(spec, "requests")) {
    if (COMPUTE.has(name)) usage.set(name, amount);
    if (COMPUTE.has(name) || name.startsWith("hugepages-") || name.includes("/"))
      usage.set(`requests.${name}`, amount);
    if (name.startsWith("hugepages-")) usage.set(name, amount);
  }
  for (const [name, amount] of podAmounts(spec, "limits"))
    if (COMPUTE.has(name)) usage.set(`limits.${name}`, amount);
}

/** Containers together, or the largest init container where that is more; amounts of the pod itself win. */
function podAmounts(spec: Members, which: "requests" | "limits"): Usage {
  const total = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const { container, init } of containersOf(spec)) {
    const sidecar = init && container["restartPolicy"] === "Always";
    for (const [name, text] of Object.entries(textsOf(membersOf(container["resources"])[which]))) {
      const amount = readAmount(text);
      if (!amount) continue;
      if (!init || sidecar) increase(total, name, amount);
      else if ((peak.get(name)?.nano ?? -1n) < amount.nano) peak.set(name, amount);
    }
  }
  for (const [name, amount] of peak)
    if ((total.get(name)?.nano ?? -1n) < amount.nano) total.set(name, amount);
  for (const [name, text] of Object.entries(textsOf(membersOf(spec["resources"])[which]))) {
    const amount = readAmount(text);
    if (amount) total.set(name, amount);
  }
  for (const [name, text] of Object.entries(textsOf(spec["overhead"]))) {
    const amount = readAmount(text);
    if (amount && total.has(name)) increase(total, name, amount);
  }
  return total;
}

function addService(usage: Map<string, Quantity>, service: KubeObject): void {
  const spec = specOf(service);
  const type = textOf(spec["type"]);
  const balanced = type === "LoadBalancer";
  if (balanced) usage.set("services.loadbalancers", ONE);
  const onNodes = type === "NodePort" || (balanced && spec["allocateLoadBalancerNodePorts"] !== false);
  if (onNodes) usage.set("services.nodeports", parseQuantity(String(listOf(spec["ports"]).length)));
}

function addClaim(usage: Map<string, Quantity>, claim: KubeObject): void {
  const spec = specOf(claim);
  const storage = readAmount(membersOf(membersOf(spec["resources"])["requests"])["storage"]);
  const className = textOf(spec["storageClassName"]);
  if (storage) usage.set("requests.storage", storage);
  if (className === "") return;
  usage.set(`${className}.storageclass.storage.k8s.io/persistentvolumeclaims`, ONE);
  if (storage) usage.set(`${className}.storageclass.storage.k8s.io/requests.storage`, storage);
}
