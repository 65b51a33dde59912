import { type EventRecorder, type Informer, refOf, type SetupContext } from "@capstan/controller";
import { ApiError, formatTime, getCondition, type KubeObject, type Status } from "@capstan/kube";
import type { Pod, PodCondition } from "../model/pod.js";
import { NODE } from "../model/workload.js";
import { unlessGone } from "../shared/api-write.js";
import type { ResourceLedger } from "./resource-ledger.js";
import { unschedulableReason } from "./scheduling.js";

/** How soon a pod that no node takes is looked at again though nothing woke it. */
export const SCHEDULE_RETRY_MS = 1_000;

/** Assigns pods to the one node there is. */
export class Scheduler {
  readonly #context: SetupContext;
  readonly #events: EventRecorder;
  readonly #node: string;
  readonly #ledger: ResourceLedger;
  readonly #claims: Informer;

  constructor(
    context: SetupContext,
    parts: {
      readonly events: EventRecorder;
      readonly node: string;
      readonly ledger: ResourceLedger;
      readonly claims: Informer;
    },
  ) {
    this.#context = context;
    this.#events = parts.events;
    this.#node = parts.node;
    this.#ledger = parts.ledger;
    this.#claims = parts.claims;
  }

  /** Assigns a pod, or says in its status why not. Whether it was assigned. */
  async schedule(pod: Pod): Promise<boolean> {
    if ((pod.spec.schedulingGates ?? []).length > 0) return false;
    const node = this.#context.cache.get({ ...NODE, name: this.#node });
    const { namespace } = pod.metadata;
    const reason =
      node === undefined
        ? "no nodes available to schedule pods"
        : unschedulableReason(pod, {
            node,
            used: this.#ledger.used,
            claim: (name) => this.#claims.get({ namespace, name }),
          });
    if (reason !== undefined) {
      await this.#refuse(pod, reason);
      return false;
    }
    this.#ledger.note({ ...pod, spec: { ...pod.spec, nodeName: this.#node } });
    await this.#bind(pod);
    this.#events.normal(
      pod,
      "Scheduled",
      `Successfully assigned ${namespace}/${pod.metadata.name} to ${this.#node}`,
    );
    return true;
  }

  async #bind(pod: Pod): Promise<void> {
    const { name, namespace = "", uid } = pod.metadata;
    const target = { ...NODE, name: this.#node };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name, namespace, uid }, target };
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/binding`;
    const query = { fieldManager: "kube-scheduler" };
    const contentType = "application/json";
    const answer = await this.#context.client.raw({ method: "POST", path, query, body, contentType });
    // Gone, or assigned already: the cache will show it.
    if (answer.status >= 400 && answer.status !== 404 && answer.status !== 409) {
      throw new ApiError(answer.body as Status);
    }
  }

  async #refuse(pod: Pod, message: string): Promise<void> {
    const known = getCondition(pod.status?.conditions, "PodScheduled");
    if (known?.status === "False" && known.message === message) return;
    const condition: PodCondition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      lastProbeTime: null,
      lastTransitionTime:
        known?.status === "False"
          ? (known.lastTransitionTime ?? null)
          : formatTime(this.#context.clock.now()),
    };
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
    const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [...others, condition] } };
    this.#events.warning(pod, "FailedScheduling", message);
    await unlessGone(
      this.#context.client.patch<KubeObject>(
        refOf(pod),
        { type: "merge", body },
        { subresource: "status", fieldManager: "kube-scheduler" },
      ),
    );
  }
}
