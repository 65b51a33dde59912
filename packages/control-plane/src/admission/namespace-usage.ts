import { addQuantity, parseQuantity, type Quantity } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import type { AdmissionState } from "./admission-state.js";
import { type Members, textsOf } from "./members.js";
import { specOf } from "./pod-request.js";
import { inScope } from "./quota-scopes.js";
import { readAmount, type Usage, usageOf } from "./quota-usage.js";

const ZERO = parseQuantity("0");

/** What the stored objects of a namespace use of some resources, as far as a quota's scopes count them. */
export function namespaceUsage(
  state: AdmissionState,
  kinds: readonly ServedKind[],
  namespace: string,
  resources: ReadonlySet<string>,
  spec: Members,
): Map<string, Quantity> {
  const used = new Map<string, Quantity>();
  for (const kind of countedKinds(kinds, resources)) {
    for (const object of state.list(kind.group, kind.resource, namespace)) {
      const pod = kind.group === "" && kind.resource === "pods" ? specOf(object) : undefined;
      if (inScope(spec, pod)) addUsage(used, [usageOf(kind, object)], resources);
    }
  }
  return used;
}

/** Adds usages to `used`, of `resources` alone. */
export function addUsage(
  used: Map<string, Quantity>,
  usages: readonly Usage[],
  resources: ReadonlySet<string>,
): void {
  for (const usage of usages) {
    for (const [resource, amount] of usage) {
      if (resources.has(resource)) used.set(resource, addQuantity(used.get(resource) ?? ZERO, amount));
    }
  }
}

/** The kinds whose objects can use any of `resources`, each place of storage once. */
function countedKinds(kinds: readonly ServedKind[], resources: ReadonlySet<string>): ServedKind[] {
  const seen = new Set<string>();
  return kinds.filter((kind) => {
    if (!kind.namespaced || seen.has(kind.storage.prefix)) return false;
    seen.add(kind.storage.prefix);
    return [...resources].some((resource) => mayUse(kind, resource));
  });
}

function mayUse({ group, resource }: ServedKind, name: string): boolean {
  if (name.startsWith("count/")) return name === `count/${resource}${group === "" ? "" : `.${group}`}`;
  if (group !== "") return false;
  if (resource === "services") return name.startsWith("services");
  if (resource === "persistentvolumeclaims")
    return name.endsWith("persistentvolumeclaims") || name.endsWith("requests.storage");
  if (resource === "pods") return !name.startsWith("services") && !name.endsWith("requests.storage");
  return name === resource;
}

/** The amounts of a quota by resource; what is none is left out. */
export function amountsOf(value: unknown): Map<string, Quantity> {
  const amounts = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(textsOf(value))) {
    const amount = readAmount(text);
    if (amount) amounts.set(name, amount);
  }
  return amounts;
}
