import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  type KubeObject,
  parseQuantity,
  type Quantity,
  QuantityError,
  quantityMilli,
} from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { listOf, type Members, membersOf, textOf, textsOf } from "./members.js";
import { containersOf, isFor, mapContainers, specOf, withSpec } from "./pod-request.js";

const ANNOTATION = "kubernetes.io/limit-ranger";

type Texts = Readonly<Record<string, string>>;

/** Fills in and enforces what the LimitRanges of a namespace say about pods and volume claims. */
export class LimitRanger implements Admission {
  readonly #state: AdmissionState;

  constructor(state: AdmissionState) {
    this.#state = state;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    const { object, operation } = request;
    if (!object || operation !== "CREATE" || !isFor(request, "", "pods")) return object;
    let pod = object;
    for (const range of this.#ranges(request)) pod = applyDefaults(pod, range);
    return pod;
  }

  validate(request: AdmissionRequest): void {
    const { object, operation, kind, name } = request;
    const isPod = operation === "CREATE" && isFor(request, "", "pods");
    const isClaim =
      (operation === "CREATE" || operation === "UPDATE") && isFor(request, "", "persistentvolumeclaims");
    if (!object || (!isPod && !isClaim) || object.metadata.deletionTimestamp !== undefined) return;
    for (const range of this.#ranges(request)) {
      const found = itemsOf(range).flatMap((item) =>
        isPod ? podProblems(object, item) : claimProblems(object, item),
      );
      const problems = [...new Set(found)];
      if (problems.length === 0) continue;
      throw forbidden(kind, name, problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`);
    }
  }

  #ranges({ namespace }: AdmissionRequest): readonly KubeObject[] {
    return namespace === undefined ? [] : this.#state.list("", "limitranges", namespace);
  }
}

function itemsOf(range: KubeObject): readonly Members[] {
  return listOf(specOf(range)["limits"]);
}

function applyDefaults(pod: KubeObject, range: KubeObject): KubeObject {
  const limits: Record<string, string> = {};
  const requests: Record<string, string> = {};
  for (const item of itemsOf(range)) {
    if (item["type"] !== "Container") continue;
    Object.assign(limits, textsOf(item["default"]));
    Object.assign(requests, textsOf(item["defaultRequest"]));
  }
  const notes: string[] = [];
  const spec = mapContainers(specOf(pod), (container, init) => {
    const resources = membersOf(container["resources"]);
    const [moreLimits, moreRequests] = [
      missing(resources["limits"], limits),
      missing(resources["requests"], requests),
    ];
    const where = `${init ? "init container" : "container"} ${textOf(container["name"])}`;
    const named = (names: readonly string[]): string => [...names].sort().join(", ");
    if (moreRequests.length > 0) notes.push(`${named(moreRequests)} request for ${where}`);
    if (moreLimits.length > 0) notes.push(`${named(moreLimits)} limit for ${where}`);
    if (moreLimits.length + moreRequests.length === 0) return container;
    const filled = {
      ...resources,
      ...(moreLimits.length > 0 ? { limits: { ...limits, ...textsOf(resources["limits"]) } } : {}),
      ...(moreRequests.length > 0 ? { requests: { ...requests, ...textsOf(resources["requests"]) } } : {}),
    };
    return { ...container, resources: filled };
  });
  if (notes.length === 0) return pod;
  const annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${notes.join("; ")}`,
  };
  return withSpec({ ...pod, metadata: { ...pod.metadata, annotations } }, spec);
}

function missing(given: unknown, defaults: Texts): string[] {
  const present = membersOf(given);
  return Object.keys(defaults).filter((name) => !Object.hasOwn(present, name));
}

function podProblems(pod: KubeObject, item: Members): string[] {
  const spec = specOf(pod);
  if (item["type"] === "Container") {
    return containersOf(spec).flatMap(({ container }) => {
      const resources = membersOf(container["resources"]);
      return rangeProblems(item, "Container", textsOf(resources["requests"]), textsOf(resources["limits"]));
    });
  }
  if (item["type"] !== "Pod") return [];
  return rangeProblems(item, "Pod", podTotal(spec, "requests"), podTotal(spec, "limits"));
}

/** Containers together, or the largest of the init containers where that is more. */
function podTotal(spec: Members, which: "requests" | "limits"): Texts {
  const total = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const { container, init } of containersOf(spec)) {
    for (const [name, text] of Object.entries(textsOf(membersOf(container["resources"])[which]))) {
      const amount = quantity(text);
      if (!amount) continue;
      const known = (init ? peak : total).get(name);
      if (!known) (init ? peak : total).set(name, amount);
      else if (!init) total.set(name, addQuantity(known, amount));
      else if (compareQuantity(amount, known) > 0) peak.set(name, amount);
    }
  }
  for (const [name, amount] of peak) {
    const known = total.get(name);
    if (!known || compareQuantity(amount, known) > 0) total.set(name, amount);
  }
  return Object.fromEntries([...total].map(([name, amount]) => [name, formatQuantity(amount)]));
}

function claimProblems(claim: KubeObject, item: Members): string[] {
  if (item["type"] !== "PersistentVolumeClaim") return [];
  const requests = textsOf(membersOf(specOf(claim)["resources"])["requests"]);
  const problems: string[] = [];
  for (const [name, least] of sorted(item["min"]))
    problems.push(...minimum("PersistentVolumeClaim", name, least, requests, {}));
  for (const [name, most] of sorted(item["max"])) {
    const asked = quantity(requests[name]);
    const limit = quantity(most);
    if (!limit) continue;
    const head = `maximum ${name} usage per PersistentVolumeClaim is ${most}`;
    if (!asked) problems.push(`${head}.  No request is specified`);
    else if (compareQuantity(asked, limit) > 0) problems.push(`${head}, but request is ${requests[name]}`);
  }
  return problems;
}

function rangeProblems(item: Members, type: string, requests: Texts, limits: Texts): string[] {
  return [
    ...sorted(item["min"]).flatMap(([name, least]) => minimum(type, name, least, requests, limits)),
    ...sorted(item["max"]).flatMap(([name, most]) => maximum(type, name, most, requests, limits)),
    ...sorted(item["maxLimitRequestRatio"]).flatMap(([name, ratio]) =>
      ratioProblem(type, name, ratio, requests, limits),
    ),
  ];
}

function sorted(value: unknown): [string, string][] {
  return Object.entries(textsOf(value)).sort(([a], [b]) => (a < b ? -1 : 1));
}

function quantity(text: string | undefined): Quantity | undefined {
  if (text === undefined) return undefined;
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

function minimum(type: string, name: string, least: string, requests: Texts, limits: Texts): string[] {
  const bound = quantity(least);
  const [request, limit] = [quantity(requests[name]), quantity(limits[name])];
  const head = `minimum ${name} usage per ${type} is ${least}`;
  if (!bound) return [];
  if (!request) return [`${head}.  No request is specified`];
  if (compareQuantity(request, bound) < 0) return [`${head}, but request is ${requests[name]}`];
  if (limit && compareQuantity(limit, bound) < 0) return [`${head}, but limit is ${limits[name]}`];
  return [];
}

function maximum(type: string, name: string, most: string, requests: Texts, limits: Texts): string[] {
  const bound = quantity(most);
  const [request, limit] = [quantity(requests[name]), quantity(limits[name])];
  const head = `maximum ${name} usage per ${type} is ${most}`;
  if (!bound) return [];
  if (!limit) return [`${head}.  No limit is specified`];
  if (compareQuantity(limit, bound) > 0) return [`${head}, but limit is ${limits[name]}`];
  if (request && compareQuantity(request, bound) > 0) return [`${head}, but request is ${requests[name]}`];
  return [];
}

function ratioProblem(type: string, name: string, most: string, requests: Texts, limits: Texts): string[] {
  const bound = quantity(most);
  const [request, limit] = [quantity(requests[name]), quantity(limits[name])];
  const head = `${name} max limit to request ratio per ${type} is ${most}`;
  if (!bound) return [];
  if (!request || quantityMilli(request) === 0)
    return [`${head}, but no request is specified or request is 0`];
  if (!limit || quantityMilli(limit) === 0) return [`${head}, but no limit is specified or limit is 0`];
  const ratio = quantityMilli(limit) / quantityMilli(request);
  return ratio * 1000 > quantityMilli(bound) ? [`${head}, but provided ratio is ${ratio.toFixed(6)}`] : [];
}
