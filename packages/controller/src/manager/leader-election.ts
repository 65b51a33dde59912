import {
  ApiError,
  type Clock,
  formatMicroTime,
  type KubeObject,
  parseTime,
  type Random,
} from "@capstan/kube";
import type { Client } from "../client/client.js";
import { sleep } from "../informer/sleep.js";
import type { Logger } from "../logger.js";
import type { ControllerMetrics } from "../metrics/metrics.js";

export interface LeaderElectionOptions {
  /** Name and namespace of the Lease. */
  readonly name: string;
  readonly namespace: string;
  /** Unique to this process. */
  readonly identity: string;
  /** How long a Lease holds without renewal; default 35 s. */
  readonly leaseMs?: number;
  /** The leader gives up when it could not renew for this long; default 30 s. */
  readonly renewDeadlineMs?: number;
  /** Time between attempts; default 5 s. */
  readonly retryMs?: number;
}

/** Thrown when the Lease could not be renewed in time: another process may lead by now. */
export class LeadershipLost extends Error {
  override readonly name = "LeadershipLost";
}

interface Surroundings {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** What was seen of a Lease and when, by our own clock: those of two machines need not agree. */
interface Seen {
  readonly version: string | undefined;
  readonly at: number;
}

const TYPE = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };

/**
 * Waits for the Lease, calls `onLeading`, and renews until `ended`; then gives the Lease back, so that
 * the next process need not wait. Rejects with `LeadershipLost` where renewing failed for too long.
 */
export async function lead(
  around: Surroundings,
  options: LeaderElectionOptions,
  ended: Promise<void>,
  onLeading: () => void,
): Promise<void> {
  const stop = new AbortController();
  void ended.then(() => stop.abort());
  const election = new Election(around, options);
  if (!(await election.acquire(stop.signal))) return;
  around.metrics.leader.set({ name: options.name }, 1);
  onLeading();
  try {
    await election.hold(stop.signal);
    await election.release();
  } finally {
    around.metrics.leader.set({ name: options.name }, 0);
  }
}

class Election {
  readonly #around: Surroundings;
  readonly #options: LeaderElectionOptions;
  readonly #leaseMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;
  #seen: Seen = { version: undefined, at: 0 };

  constructor(around: Surroundings, options: LeaderElectionOptions) {
    this.#around = around;
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 35_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 30_000;
    this.#retryMs = options.retryMs ?? 5_000;
  }

  /** Resolves to whether the Lease was got before `signal` aborted. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attempt()) return true;
      await this.#pause(signal);
    }
    return false;
  }

  async hold(signal: AbortSignal): Promise<void> {
    let renewed = this.#around.clock.now();
    for (;;) {
      await this.#pause(signal);
      if (signal.aborted) return;
      if (await this.#attempt()) renewed = this.#around.clock.now();
      else if (this.#around.clock.now() - renewed >= this.#renewDeadlineMs) {
        throw new LeadershipLost(
          `the lease ${this.#options.namespace}/${this.#options.name} could not be renewed`,
        );
      }
    }
  }

  async release(): Promise<void> {
    const lease = await this.#read();
    if (lease === undefined || specOf(lease).holderIdentity !== this.#options.identity) return;
    const spec = { ...specOf(lease), holderIdentity: "", leaseDurationSeconds: 1 };
    try {
      await this.#around.client.update({ ...lease, spec });
    } catch (error) {
      // The Lease then simply runs out.
      this.#around.logger.warn("the lease was not given back", { error: String(error) });
    }
  }

  /** Takes or renews the Lease; a failure of the API is a failed attempt. */
  async #attempt(): Promise<boolean> {
    try {
      const lease = await this.#read();
      if (lease === undefined) await this.#create();
      else if (!(await this.#takeOver(lease))) return false;
      return true;
    } catch (error) {
      if (!ApiError.is(error, "Conflict", "AlreadyExists")) {
        this.#around.logger.warn("leader election failed", {
          lease: this.#options.name,
          error: String(error),
        });
      }
      return false;
    }
  }

  #read(): Promise<KubeObject | undefined> {
    const { name, namespace } = this.#options;
    return this.#around.client.tryGet({ ...TYPE, namespace, name });
  }

  async #create(): Promise<void> {
    const { name, namespace } = this.#options;
    const spec = this.#spec({ leaseTransitions: -1 });
    await this.#around.client.create({ ...TYPE, metadata: { name, namespace }, spec });
  }

  async #takeOver(lease: KubeObject): Promise<boolean> {
    const now = this.#around.clock.now();
    const { resourceVersion } = lease.metadata;
    if (this.#seen.version !== resourceVersion) this.#seen = { version: resourceVersion, at: now };
    const held = specOf(lease);
    const mine = held.holderIdentity === this.#options.identity;
    const free = held.holderIdentity === undefined || held.holderIdentity === "";
    const leaseMs = (held.leaseDurationSeconds ?? 0) * 1000;
    // Expired by its own time and unchanged for as long by ours.
    const expired =
      held.renewTime === undefined ||
      (now - this.#seen.at >= leaseMs && parseTime(held.renewTime) + leaseMs <= now);
    if (!mine && !free && !expired) return false;
    await this.#around.client.update({ ...lease, spec: this.#spec(held) });
    return true;
  }

  #spec(held: LeaseSpec): LeaseSpec {
    const now = formatMicroTime(this.#around.clock.now());
    const mine = held.holderIdentity === this.#options.identity;
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#leaseMs / 1000),
      acquireTime: mine ? (held.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: mine ? (held.leaseTransitions ?? 0) : (held.leaseTransitions ?? 0) + 1,
    };
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#around;
    return sleep(clock, this.#retryMs * (1 + 0.2 * random.float()), signal);
  }
}

function specOf(lease: KubeObject): LeaseSpec {
  // The API validates Leases.
  return (lease["spec"] ?? {}) as LeaseSpec;
}
