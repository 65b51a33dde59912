import { type Clock, deepEqual, formatQuantity, type KubeObject, type Transport } from "@capstan/kube";
import type { AdmissionState } from "../admission/admission-state.js";
import { membersOf } from "../admission/members.js";
import { amountsOf, namespaceUsage } from "../admission/namespace-usage.js";
import { specOf } from "../admission/pod-request.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { pathOf, sendUnless } from "./api-calls.js";
import type { PartOptions } from "./part.js";
import { WorkQueue } from "./work-queue.js";

/** Changes of a namespace are counted together when they come this close to one another. */
const GATHER_MS = 50;

/** Keeps the status of ResourceQuotas true: what they allow, and how much of it is used. */
export class QuotaController {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #state: AdmissionState;
  readonly #queue: WorkQueue;
  readonly #kind: ServedKind;
  readonly #release: () => void;
  /** Quotas by namespace; a namespace without any is not looked at. */
  readonly #quotas = new Map<string, Set<string>>();
  readonly #gathering = new Map<string, () => void>();

  constructor(
    parts: PartOptions & {
      readonly state: AdmissionState;
    },
  ) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#state = parts.state;
    const kind = parts.registry.find("", "v1", "resourcequotas");
    if (kind === undefined) throw new Error("resourcequotas are not served");
    this.#kind = kind;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (namespace) => this.#count(namespace),
      onFailure: (namespace, error) => parts.onFailure("quota", namespace, error),
    });
    const own = keyRange(kind).start;
    this.#release = this.#objects.store.subscribe((changes) => {
      for (const { key, value } of changes) {
        if (key.startsWith(own)) this.#note(key.slice(own.length), value !== undefined);
        else if (this.#quotas.size > 0) this.#changed(key);
      }
    });
  }

  start(): void {
    const { start, end } = keyRange(this.#kind);
    for (const { key } of this.#objects.range({ start, end }).entries) {
      this.#note(key.slice(start.length), true);
    }
  }

  async close(): Promise<void> {
    this.#release();
    for (const cancel of this.#gathering.values()) cancel();
    await this.#queue.close();
  }

  #note(place: string, exists: boolean): void {
    const [namespace = "", name = ""] = place.split("/");
    const names = this.#quotas.get(namespace) ?? new Set();
    if (exists) names.add(name);
    else names.delete(name);
    if (names.size > 0) this.#quotas.set(namespace, names);
    else this.#quotas.delete(namespace);
    if (exists) this.#queue.add(namespace);
  }

  #changed(key: string): void {
    const namespace = key.split("/").at(-2) ?? "";
    if (!this.#quotas.has(namespace) || this.#gathering.has(namespace)) return;
    const cancel = this.#clock.after(GATHER_MS, () => {
      this.#gathering.delete(namespace);
      this.#queue.add(namespace);
    });
    this.#gathering.set(namespace, cancel);
  }

  async #count(namespace: string): Promise<undefined> {
    for (const quota of this.#state.list("", "resourcequotas", namespace)) await this.#update(quota);
  }

  async #update(quota: KubeObject): Promise<void> {
    const { name, namespace = "" } = quota.metadata;
    const spec = specOf(quota);
    const hard = amountsOf(spec["hard"]);
    const used = namespaceUsage(this.#state, this.#registry.all(), namespace, new Set(hard.keys()), spec);
    const status = {
      hard: membersOf(spec["hard"]),
      used: Object.fromEntries(
        [...hard.keys()].sort().map((resource) => {
          const amount = used.get(resource);
          return [resource, amount === undefined ? "0" : formatQuantity(amount)];
        }),
      ),
    };
    if (deepEqual(membersOf(quota["status"]), status)) return;
    const path = `${pathOf(this.#kind, namespace, name)}/status`;
    const contentType = "application/merge-patch+json";
    // Members that the quota no longer limits have to be named to go.
    const body = {
      status: {
        hard: withRemovals(quota, "hard", status.hard),
        used: withRemovals(quota, "used", status.used),
      },
    };
    await sendUnless(this.#transport, { method: "PATCH", path, contentType, body }, "NotFound");
  }
}

function withRemovals(
  quota: KubeObject,
  part: "hard" | "used",
  next: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const before = Object.keys(membersOf(membersOf(quota["status"])[part]));
  const gone = before.filter((resource) => !Object.hasOwn(next, resource));
  return { ...next, ...Object.fromEntries(gone.map((resource) => [resource, null])) };
}
