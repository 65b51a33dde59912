import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  type KubeObject,
  parseQuantity,
  type Quantity,
  subtractQuantity,
} from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import type { ServedKind } from "../registry/kind.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { type Members, membersOf, textOf, textsOf } from "./members.js";
import { addUsage, amountsOf, namespaceUsage } from "./namespace-usage.js";
import { containersOf, specOf } from "./pod-request.js";
import { inScope } from "./quota-scopes.js";
import { type Usage, usageOf } from "./quota-usage.js";

const ZERO = parseQuantity("0");
const MUST_BE_SET = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/**
 * Refuses what would take a namespace beyond its ResourceQuotas. Usage is counted from the stored objects
 * whenever a quota is concerned, with what is admitted but not stored yet on top, so that it needs no
 * status to be up to date.
 */
export class ResourceQuotaAdmission implements Admission {
  readonly #state: AdmissionState;
  readonly #kinds: () => readonly ServedKind[];
  /** Admitted and not settled yet, by namespace. */
  readonly #reserved = new Map<
    AdmissionRequest["user"] | object,
    { namespace: string; usage: Usage; pod: Members | undefined }
  >();

  constructor(state: AdmissionState, kinds: () => readonly ServedKind[]) {
    this.#state = state;
    this.#kinds = kinds;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    return request.object;
  }

  validate(request: AdmissionRequest): void {
    const { object, operation, namespace, subresource, kind } = request;
    if (!object || namespace === undefined || subresource !== undefined) return;
    if (operation !== "CREATE" && operation !== "UPDATE") return;
    const quotas = this.#state.list("", "resourcequotas", namespace);
    if (quotas.length === 0) return;
    const delta = deltaOf(request, object);
    if (delta.size === 0) return;
    const pod = kind.group === "" && kind.resource === "pods" ? specOf(object) : undefined;
    for (const quota of quotas) this.#check(request, quota, delta, pod, namespace);
    if (!request.dryRun) this.#reserved.set(request, { namespace, usage: delta, pod });
  }

  settle(request: AdmissionRequest): void {
    this.#reserved.delete(request);
  }

  #check(
    request: AdmissionRequest,
    quota: KubeObject,
    delta: Usage,
    pod: Members | undefined,
    namespace: string,
  ): void {
    const spec = specOf(quota);
    if (!inScope(spec, pod)) return;
    const hard = amountsOf(spec["hard"]);
    const { kind, name } = request;
    const unset = pod && request.operation === "CREATE" ? unsetCompute(pod, hard) : "";
    if (unset !== "")
      throw forbidden(kind, name, `failed quota: ${quota.metadata.name}: must specify ${unset}`);
    const concerned = new Set([...hard.keys()].filter((resource) => (delta.get(resource)?.nano ?? 0n) > 0n));
    if (concerned.size === 0) return;
    const used = namespaceUsage(this.#state, this.#kinds(), namespace, concerned, spec);
    addUsage(used, this.#reservedIn(namespace, spec), concerned);
    const over = [...concerned].filter((resource) => {
      const total = addQuantity(used.get(resource) ?? ZERO, delta.get(resource) ?? ZERO);
      return compareQuantity(total, hard.get(resource) ?? ZERO) > 0;
    });
    if (over.length === 0) return;
    over.sort();
    const say = (amounts: Usage): string =>
      over.map((resource) => `${resource}=${formatQuantity(amounts.get(resource) ?? ZERO)}`).join(",");
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${say(delta)}, used: ${say(used)}, limited: ${say(hard)}`;
    throw forbidden(kind, name, why);
  }

  #reservedIn(namespace: string, spec: Members): readonly Usage[] {
    return [...this.#reserved.values()]
      .filter((reserved) => reserved.namespace === namespace && inScope(spec, reserved.pod))
      .map(({ usage }) => usage);
  }
}

/** What a request adds: all of a new object, what an update uses more. */
function deltaOf({ kind, oldObject, operation }: AdmissionRequest, object: KubeObject): Usage {
  const usage = usageOf(kind, object);
  if (operation === "CREATE" || !oldObject) return usage;
  const before = usageOf(kind, oldObject);
  const delta = new Map<string, Quantity>();
  for (const [resource, amount] of usage) {
    const more = subtractQuantity(amount, before.get(resource) ?? ZERO);
    if (more.nano > 0n) delta.set(resource, more);
  }
  return delta;
}

/** The compute resources a quota limits and containers do not state, as its message lists them. */
function unsetCompute(pod: Members, hard: Usage): string {
  if (Object.keys(membersOf(pod["resources"])).length > 0) return "";
  const missing: string[] = [];
  for (const resource of MUST_BE_SET.filter((name) => hard.has(name)).sort()) {
    const [which, name] = resource.startsWith("limits.")
      ? ["limits", resource.slice(7)]
      : ["requests", resource.replace("requests.", "")];
    const names = containersOf(pod)
      .filter(
        ({ container }) => textsOf(membersOf(container["resources"])[which ?? ""])[name ?? ""] === undefined,
      )
      .map(({ container }) => textOf(container["name"]))
      .sort();
    if (names.length > 0) missing.push(`${resource} for: ${names.join(",")}`);
  }
  return missing.join("; ");
}
