import { setMaxListeners } from "node:events";
import type { Clock, Random } from "@capstan/kube";
import type { Client } from "../client/client.js";
import { deferred } from "../deferred.js";
import { createEventRecorder, type EventRecorder, type RecordedEvent } from "../events/event-recorder.js";
import { type InformerOptions, InformerSet } from "../informer/informer-set.js";
import { type Logger, silentLogger } from "../logger.js";
import { type ControllerMetrics, controllerMetrics } from "../metrics/metrics.js";
import type { Controller } from "./define-controller.js";
import { type LeaderElectionOptions, lead } from "./leader-election.js";
import { Runner } from "./runner.js";

export interface ManagerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  readonly metrics?: ControllerMetrics;
  /** Limits every controller to a namespace, or to objects with labels (a shard). */
  readonly selection?: Pick<InformerOptions, "namespace" | "labelSelector">;
  /** Told of every event: the door to notifications. */
  readonly onEvent?: (event: RecordedEvent) => void;
  /** Names this process in events and Leases. */
  readonly instance?: string;
  /** Controllers run only in the process that holds the Lease. */
  readonly leaderElection?: LeaderElectionOptions;
}

/** What runners share. */
export interface ManagerContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly informers: InformerSet;
  readonly metrics: ControllerMetrics;
  readonly selection: InformerOptions;
  recorder(component: string): EventRecorder;
}

/** Runs controllers over one API. */
export interface Manager extends ManagerContext {
  /** Registers a controller; one that is added while the manager runs starts at once. */
  add(controller: Controller): void;
  /**
   * Runs until `signal` aborts, then drains. Rejects when the Lease was lost or a controller's
   * `setup` failed.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when every controller added so far has full caches and runs. */
  ready(): Promise<void>;
  /** Whether no controller has anything to do now; wake-ups in the future do not count. */
  readonly idle: boolean;
  /** Stops taking work, tells runs to stop, waits for them and for events to be written. */
  drain(): Promise<void>;
}

/** A manager that has yet to be given controllers and started. */
export function createManager(options: ManagerOptions): Manager {
  return new ControllerManager(options);
}

class ControllerManager implements Manager {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly informers: InformerSet;
  readonly metrics: ControllerMetrics;
  readonly selection: InformerOptions;
  readonly #options: ManagerOptions;
  readonly #recorders = new Map<string, EventRecorder>();
  readonly #runners: Runner[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #leading = deferred<void>();
  #running = false;
  #drained: Promise<void> | undefined;
  #failed = deferred<never>();

  constructor(options: ManagerOptions) {
    this.#options = options;
    // Every controller and every cache it waits for listens: their number is no sign of a leak.
    setMaxListeners(0, this.#stop.signal);
    this.client = options.client;
    this.clock = options.clock;
    this.random = options.random;
    this.logger = options.logger ?? silentLogger;
    this.metrics = options.metrics ?? controllerMetrics();
    this.selection = options.selection ?? {};
    const { client: reader, clock, random, logger } = this;
    this.informers = new InformerSet({ reader, clock, random, logger });
  }

  get idle(): boolean {
    return this.#running && this.#starting.size === 0 && this.#runners.every((runner) => runner.idle);
  }

  recorder(component: string): EventRecorder {
    const known = this.#recorders.get(component);
    if (known !== undefined) return known;
    const recorder = createEventRecorder({
      writer: this.client,
      clock: this.clock,
      logger: this.logger,
      component,
      instance: this.#options.instance ?? component,
      onEvent: this.#options.onEvent,
    });
    this.#recorders.set(component, recorder);
    return recorder;
  }

  add(controller: Controller): void {
    if (this.#runners.some((runner) => runner.name === controller.name)) {
      throw new Error(`a controller named "${controller.name}" was added already`);
    }
    const runner = new Runner(controller, this);
    this.#runners.push(runner);
    if (this.#running) this.#launch(runner);
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const ended = deferred<void>();
    signal.addEventListener("abort", () => ended.resolve(), { once: true });
    try {
      await Promise.race([this.#run(ended.promise), this.#failed.promise]);
    } finally {
      await this.drain();
    }
  }

  async ready(): Promise<void> {
    await this.#leading.promise;
    await Promise.all(this.#starting);
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #run(ended: Promise<void>): Promise<void> {
    const { leaderElection } = this.#options;
    if (leaderElection === undefined) {
      this.#launchAll();
      return ended;
    }
    const { client, clock, random, logger, metrics } = this;
    await lead({ client, clock, random, logger, metrics }, leaderElection, ended, () => this.#launchAll());
  }

  #launchAll(): void {
    this.#running = true;
    for (const runner of this.#runners) this.#launch(runner);
    this.#leading.resolve();
  }

  #launch(runner: Runner): void {
    const starting = runner
      .start(this.#stop.signal)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#failed.reject(error);
      })
      .finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
  }

  async #drain(): Promise<void> {
    this.#running = false;
    this.#stop.abort(new Error("the manager stopped"));
    this.#leading.resolve();
    await Promise.all(this.#starting);
    await Promise.all(this.#runners.map((runner) => runner.drain()));
    await Promise.all([...this.#recorders.values()].map((recorder) => recorder.flush()));
    await this.informers.stop();
  }
}
