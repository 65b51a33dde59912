import {
  type EventRecorder,
  type Informer,
  keyOf,
  parseKey,
  refOf,
  type SetupContext,
  WorkQueue,
} from "@capstan/controller";
import { ApiError, createMergePatch, deepEqual, parseTime } from "@capstan/kube";
import type { Pod, PodStatus } from "../model/pod.js";
import { CLAIM, POD } from "../model/workload.js";
import { unlessGone } from "../shared/api-write.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { describeError } from "../shared/describe-error.js";
import { isDeleting, isTerminal } from "../shared/pod-state.js";
import { recordContainerEvents, recordStopping } from "./pod-events.js";
import type { PodObservation, PodRuntime, RunningPod } from "./pod-runtime.js";
import { podStatus } from "./pod-status.js";
import { ResourceLedger } from "./resource-ledger.js";
import { SCHEDULE_RETRY_MS, Scheduler } from "./scheduler.js";

const concurrency = 16;

/** A pod on this node. */
interface Held {
  readonly uid: string | undefined;
  readonly running: RunningPod;
  observation: PodObservation | undefined;
  stopping: boolean;
  stopped: boolean;
}

/** Who tells of what happens to pods. */
export interface KubeletEvents {
  readonly kubelet: EventRecorder;
  readonly scheduler: EventRecorder;
}

/**
 * Brings pods to a runtime and back: assigns them to its node, starts them there, writes what the runtime
 * observes into their status, and stops them gracefully when they are deleted.
 */
export class Kubelet {
  readonly #runtime: PodRuntime;
  readonly #context: SetupContext;
  readonly #events: KubeletEvents;
  readonly #pods: Informer<Pod>;
  readonly #queue: WorkQueue;
  readonly #held = new Map<string, Held>();
  readonly #ledger: ResourceLedger;
  readonly #scheduler: Scheduler;
  #active = 0;

  constructor(runtime: PodRuntime, context: SetupContext, events: KubeletEvents) {
    this.#runtime = runtime;
    this.#context = context;
    this.#events = events;
    this.#pods = context.cache.informer<Pod>(POD);
    const { clock, random, cache } = context;
    const node = runtime.node.name;
    this.#queue = new WorkQueue({ clock, random, backoff: WORKLOAD_BACKOFF });
    this.#ledger = new ResourceLedger(node);
    this.#scheduler = new Scheduler(context, {
      events: events.scheduler,
      node,
      ledger: this.#ledger,
      claims: cache.informer(CLAIM),
    });
  }

  /** Follows pods until the manager stops. */
  run(): void {
    const unsubscribe = this.#pods.subscribe((event) => {
      if (event.type === "deleted") this.#ledger.forget(event.object);
      else this.#ledger.note(event.object);
      this.#queue.add(keyOf(event.object));
    });
    this.#queue.onReady(() => this.#pump());
    this.#pump();
    this.#context.signal.addEventListener("abort", () => {
      unsubscribe();
      this.#queue.close();
      for (const held of this.#held.values()) held.running.abandon();
      this.#held.clear();
    });
  }

  #pump(): void {
    while (this.#active < concurrency) {
      const taken = this.#queue.take();
      if (taken === undefined) return;
      this.#active++;
      void this.#work(taken.key).finally(() => {
        this.#active--;
        this.#queue.done(taken.key);
        this.#pump();
      });
    }
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#sync(key);
      this.#queue.forget(key);
    } catch (error) {
      if (this.#context.signal.aborted) return;
      if (!ApiError.is(error, "Conflict")) {
        this.#context.logger.error("a pod could not be synced", { pod: key, error: describeError(error) });
      }
      this.#queue.retry(key);
    }
  }

  async #sync(key: string): Promise<void> {
    const pod = this.#pods.get(parseKey(key));
    const held = this.#held.get(key);
    if (held !== undefined && held.uid !== pod?.metadata.uid) {
      this.#held.delete(key);
      await held.running.stop(0);
    }
    if (pod === undefined) {
      this.#queue.discard(key);
      return;
    }
    const { nodeName = "" } = pod.spec;
    if (nodeName !== "" && nodeName !== this.#runtime.node.name) return;
    if (isDeleting(pod)) await this.#remove(key, pod);
    else if (nodeName === "") await this.#assign(key, pod);
    else if (!isTerminal(pod)) await this.#keep(key, pod);
  }

  async #assign(key: string, pod: Pod): Promise<void> {
    const foreign = (pod.spec.schedulerName ?? "default-scheduler") !== "default-scheduler";
    if (foreign || isTerminal(pod)) return;
    const assigned = await this.#scheduler.schedule(pod);
    if (!assigned) this.#queue.addAfter(key, SCHEDULE_RETRY_MS);
  }

  async #keep(key: string, pod: Pod): Promise<void> {
    const held = this.#held.get(key) ?? this.#start(key, pod);
    if (held.observation === undefined) return;
    const expired = this.#expired(key, pod);
    const status = expired
      ? deadlineStatus(pod)
      : podStatus(pod, held.observation, this.#runtime.node.address, this.#context.clock.now());
    await this.#write(pod, status);
    if (status.phase !== "Succeeded" && status.phase !== "Failed") return;
    this.#held.delete(key);
    await held.running.stop(0);
  }

  #start(key: string, pod: Pod): Held {
    const { clock, random } = this.#context;
    const held: { value?: Held; first?: PodObservation } = {};
    const running = this.#runtime.start(pod, {
      clock,
      random,
      report: (observation) => {
        if (held.value === undefined) {
          held.first = observation;
          return;
        }
        recordContainerEvents(this.#events.kubelet, pod, held.value.observation, observation);
        held.value.observation = observation;
        this.#queue.add(key);
      },
    });
    const entry: Held = {
      uid: pod.metadata.uid,
      running,
      observation: held.first,
      stopping: false,
      stopped: false,
    };
    held.value = entry;
    this.#held.set(key, entry);
    return entry;
  }

  /** Whether a pod ran for longer than it may; wakes it when it will have. */
  #expired(key: string, pod: Pod): boolean {
    const { activeDeadlineSeconds } = pod.spec;
    const started = pod.status?.startTime;
    if (activeDeadlineSeconds === undefined || started === undefined) return false;
    const left = parseTime(started) + activeDeadlineSeconds * 1000 - this.#context.clock.now();
    if (left > 0) this.#queue.addAfter(key, left);
    return left <= 0;
  }

  async #remove(key: string, pod: Pod): Promise<void> {
    const held = this.#held.get(key);
    if (held !== undefined && !held.stopped) {
      this.#stop(key, pod, held);
      return;
    }
    if (held?.observation !== undefined && !isTerminal(pod) && (pod.metadata.finalizers ?? []).length > 0) {
      const now = this.#context.clock.now();
      const status = podStatus(pod, held.observation, this.#runtime.node.address, now);
      const failed = held.observation.containers.some(({ state }) => state.terminated?.exitCode !== 0);
      await this.#write(pod, { ...status, phase: failed ? "Failed" : "Succeeded" });
    }
    const { uid } = pod.metadata;
    await unlessGone(
      this.#context.client.delete(refOf(pod), {
        gracePeriodSeconds: 0,
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      }),
    );
    this.#held.delete(key);
  }

  #stop(key: string, pod: Pod, held: Held): void {
    if (held.stopping) return;
    held.stopping = true;
    recordStopping(this.#events.kubelet, pod, held.observation);
    const seconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    void held.running.stop(seconds * 1000).then(() => {
      held.stopped = true;
      this.#queue.add(key);
    });
  }

  async #write(pod: Pod, status: PodStatus): Promise<void> {
    if (deepEqual(pod.status, status)) return;
    const body = {
      metadata: { uid: pod.metadata.uid },
      status: createMergePatch({ ...pod.status }, { ...status }),
    };
    const written = await unlessGone(
      this.#context.client.patch<Pod>(
        refOf(pod),
        { type: "merge", body },
        { subresource: "status", fieldManager: "kubelet" },
      ),
    );
    if (written !== undefined) this.#pods.observe(written);
  }
}

function deadlineStatus(pod: Pod): PodStatus {
  return {
    ...pod.status,
    phase: "Failed",
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
  };
}
