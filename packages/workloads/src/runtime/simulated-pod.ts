import { formatDuration } from "@capstan/kube";
import type { ContainerStatus, Pod } from "../model/pod.js";
import { isSidecar } from "./pod-phase.js";
import type { PodHost, PodObservation, RunningPod } from "./pod-runtime.js";
import { SimulatedContainer } from "./simulated-container.js";
import {
  annotatedMs,
  SIMULATE_READY_AFTER,
  SIMULATE_RUN_FOR,
  type Simulation,
  simulationOf,
} from "./simulation.js";

/** How long the steps of a simulated pod take. */
export interface SimulatedTimes {
  /** From the assignment to the start of the first container. */
  readonly startMs: number;
  /** Each init container. */
  readonly initMs: number;
  /** From the start of a container until it is ready, where it has a readiness probe, or fails. */
  readonly readyMs: number;
  /** Containers that are to end. */
  readonly runMs: number;
  /** From the request to stop until containers have ended. */
  readonly stopMs: number;
}

const firstBackOffMs = 10_000;
const maxBackOffMs = 300_000;
/** What a process ends with that was asked to stop and has no handler for that. */
const terminatedBySignal = 143;

/** A pod whose containers are played instead of run. */
export class SimulatedPod implements RunningPod {
  readonly #pod: Pod;
  readonly #host: PodHost;
  readonly #times: SimulatedTimes;
  readonly #simulation: Simulation;
  readonly #ip: string;
  readonly #init: readonly SimulatedContainer[];
  readonly #containers: readonly SimulatedContainer[];
  readonly #timers = new Set<() => void>();
  #ended = false;

  constructor(pod: Pod, host: PodHost, times: SimulatedTimes, ip: string) {
    this.#pod = pod;
    this.#host = host;
    this.#times = times;
    this.#simulation = simulationOf(pod);
    this.#ip = ip;
    const init = pod.spec.initContainers ?? [];
    const waitingFor = init.length === 0 ? "ContainerCreating" : "PodInitializing";
    this.#init = init.map(({ name }) => new SimulatedContainer(name, "PodInitializing"));
    this.#containers = pod.spec.containers.map(({ name }) => new SimulatedContainer(name, waitingFor));
  }

  /** Plays the pod from the beginning, or goes on with one that runs already. */
  play(): void {
    if (this.#resume()) return;
    this.#recallAttempts();
    this.#report();
    this.#after(this.#times.startMs, () => this.#start());
  }

  async stop(graceMs: number): Promise<void> {
    this.#clear();
    const ms = Math.min(this.#times.stopMs, graceMs);
    if (ms > 0) await new Promise<void>((resolve) => this.#host.clock.after(ms, resolve));
    if (this.#ended) return;
    const exitCode = this.#pod.spec.restartPolicy === "Always" ? 0 : terminatedBySignal;
    const now = this.#host.clock.now();
    for (const container of [...this.#containers, ...this.#init]) {
      if (container.isRunning) container.exit(exitCode, now);
    }
    this.#report();
    this.#ended = true;
  }

  abandon(): void {
    this.#ended = true;
    this.#clear();
  }

  /** Goes on counting where a run in another process left off. */
  #recallAttempts(): void {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#pod.status ?? {};
    for (const container of [...this.#containers, ...this.#init]) {
      const status = [...containerStatuses, ...initContainerStatuses].find(
        ({ name }) => name === container.name,
      );
      const ended = status?.state.terminated ?? status?.lastState?.terminated;
      if (status === undefined || ended === undefined) continue;
      container.restartCount = status.restartCount;
      container.lastState = { terminated: ended };
    }
  }

  #start(): void {
    if (this.#simulation === "image-pull") this.#failToPull();
    else this.#initialize(0);
  }

  #failToPull(): void {
    for (const container of [...this.#init, ...this.#containers]) {
      const image = this.#pod.spec.containers.find(({ name }) => name === container.name)?.image ?? "";
      container.wait("ImagePullBackOff", `Back-off pulling image "${image}"`);
    }
    this.#report();
  }

  #initialize(at: number): void {
    const container = this.#init[at];
    if (container === undefined) {
      this.#startContainers();
      return;
    }
    const now = this.#host.clock.now();
    container.run(now);
    if (isSidecar(this.#pod, container.name)) {
      container.ready = true;
      this.#initialize(at + 1);
      return;
    }
    this.#report();
    this.#after(this.#times.initMs, () => {
      container.exit(0, this.#host.clock.now());
      container.ready = true;
      this.#initialize(at + 1);
    });
  }

  #startContainers(): void {
    for (const container of this.#containers) this.#run(container);
    this.#report();
  }

  /** Starts a container and what follows from that. */
  #run(container: SimulatedContainer): void {
    container.run(this.#host.clock.now());
    if (this.#simulation === "fail" || this.#simulation === "crash-loop") {
      this.#after(annotatedMs(this.#pod, SIMULATE_RUN_FOR, this.#times.readyMs), () =>
        this.#crash(container),
      );
      return;
    }
    if (this.#simulation === "never-ready") return;
    this.#becomeReady(container);
    const ends =
      this.#simulation !== "run-forever" && (this.#pod.spec.restartPolicy ?? "Always") !== "Always";
    if (!ends) return;
    this.#after(annotatedMs(this.#pod, SIMULATE_RUN_FOR, this.#times.runMs), () => {
      container.exit(0, this.#host.clock.now());
      if (this.#containers.every(({ exitCode }) => exitCode !== undefined)) this.#stopSidecars();
      this.#report();
    });
  }

  #becomeReady(container: SimulatedContainer): void {
    // Without a probe a container is ready as soon as it runs.
    const probed = this.#pod.spec.containers.some(
      ({ name, readinessProbe }) => name === container.name && readinessProbe !== undefined,
    );
    const ms = annotatedMs(this.#pod, SIMULATE_READY_AFTER, probed ? this.#times.readyMs : 0);
    if (ms <= 0) {
      container.ready = true;
      return;
    }
    this.#after(ms, () => {
      if (!container.isRunning) return;
      container.ready = true;
      this.#report();
    });
  }

  #stopSidecars(): void {
    for (const container of this.#init) if (container.isRunning) container.exit(0, this.#host.clock.now());
  }

  /** The first failure is followed by another try at once, those after that by longer and longer waits. */
  #crash(container: SimulatedContainer): void {
    container.exit(1, this.#host.clock.now());
    const policy = this.#pod.spec.restartPolicy ?? "Always";
    if (policy === "Never") {
      if (this.#containers.every(({ exitCode }) => exitCode !== undefined)) this.#stopSidecars();
      this.#report();
      return;
    }
    if (container.restartCount === 0) {
      this.#run(container);
      this.#report();
      return;
    }
    const delay = Math.min(firstBackOffMs * 2 ** (container.restartCount - 1), maxBackOffMs);
    const { name, namespace, uid } = this.#pod.metadata;
    const subject = `container=${container.name} pod=${name}_${namespace}(${uid})`;
    container.wait("CrashLoopBackOff", `back-off ${formatDuration(delay)} restarting failed ${subject}`);
    this.#report();
    this.#after(delay, () => {
      this.#run(container);
      this.#report();
    });
  }

  /** Takes over a pod that ran in another process: nothing of a simulated pod was lost with that. */
  #resume(): boolean {
    const statuses = this.#pod.status?.containerStatuses ?? [];
    const running = statuses.length > 0 && statuses.every(({ state }) => state.running !== undefined);
    if (!running || this.#simulation === "fail" || this.#simulation === "crash-loop") return false;
    for (const container of this.#containers) restore(container, statuses);
    for (const container of this.#init) restore(container, this.#pod.status?.initContainerStatuses ?? []);
    const ends = this.#simulation === "healthy" && (this.#pod.spec.restartPolicy ?? "Always") !== "Always";
    for (const container of this.#containers) {
      if (!container.ready && this.#simulation !== "never-ready") this.#becomeReady(container);
      if (!ends) continue;
      this.#after(annotatedMs(this.#pod, SIMULATE_RUN_FOR, this.#times.runMs), () => {
        container.exit(0, this.#host.clock.now());
        this.#report();
      });
    }
    this.#report();
    return true;
  }

  #report(): void {
    if (this.#ended) return;
    const observation: PodObservation = {
      ip: this.#ip,
      init: this.#init.map((container) => container.observe()),
      containers: this.#containers.map((container) => container.observe()),
    };
    this.#host.report(observation);
  }

  #after(ms: number, action: () => void): void {
    const cancel = this.#host.clock.after(ms, () => {
      this.#timers.delete(cancel);
      if (!this.#ended) action();
    });
    this.#timers.add(cancel);
  }

  #clear(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}

function restore(container: SimulatedContainer, statuses: readonly ContainerStatus[]): void {
  const status = statuses.find(({ name }) => name === container.name);
  if (status === undefined) return;
  container.state = status.state;
  container.lastState = Object.keys(status.lastState ?? {}).length === 0 ? undefined : status.lastState;
  container.ready = status.ready;
  container.started = status.started === true;
  container.restartCount = status.restartCount;
}
