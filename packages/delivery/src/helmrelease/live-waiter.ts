import { type Client, isAtLeast, refOf, sleep } from "@capstan/controller";
import { type Clock, type Health, type KubeObject, objectHealth } from "@capstan/kube";
import { evaluateHealth, expressionsFor, type HealthExpressions } from "../health/expressions.js";
import type { ReleaseObject } from "../helm-actions/resource.js";
import { WaitError, type Waiter } from "../helm-actions/waiter.js";
import type { LiveObjects } from "../live/live-objects.js";
import { formatObjectId, idOf, subjectOf } from "../plan/object-id.js";
import { readLegacyHealth } from "./legacy-waiting.js";
import { type HelmLiveRecord, toHelmRecord } from "./live-record.js";
import type { Pulse } from "./pulse.js";
import type { Turn } from "./turn.js";

/** Looks again this often at what no watch tells of. */
const POLL_MS = 2_000;
const DELETION_POLL_MS = 250;
/** A cache that takes longer to fill is done without. */
const SYNC_MS = 15_000;

export interface LiveWaiterOptions {
  readonly owner: string;
  readonly live: LiveObjects<HelmLiveRecord>;
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pulse: Pulse;
  readonly turn: Turn;
  readonly expressions: readonly HealthExpressions[] | undefined;
  /** Objects are judged as Helm 3 judges them, by no expressions, and none but Jobs ends a wait by failing. */
  readonly legacy: boolean;
  /** How long an object must have failed before that counts: controllers report old failures for a while. */
  readonly failureSettleMs: number;
  /** Whether there is something newer to do than to wait for health. */
  readonly superseded: () => boolean;
}

interface Unfinished {
  readonly object: KubeObject;
  readonly health: Health;
}

/** What is waited for, and for how long. */
interface Wait {
  readonly timeoutMs: number;
  /** One failed object ends the wait at once. */
  readonly failFast: boolean;
  readonly healthOf: (object: KubeObject) => Promise<Health>;
  readonly superseded: () => boolean;
}

type Judge = (record: HelmLiveRecord) => Health;

/**
 * Waits by watch: only kinds with objects that are not there yet are followed, and no place is held
 * meanwhile.
 */
export class LiveWaiter implements Waiter {
  readonly #options: LiveWaiterOptions;
  /** Objects as they were when they were written. */
  readonly #written = new Map<string, HelmLiveRecord>();
  readonly #followed = new Map<string, KubeObject>();

  constructor(options: LiveWaiterOptions) {
    this.#options = options;
  }

  /** Takes in what a write returned. */
  note(object: KubeObject): void {
    this.#written.set(formatObjectId(idOf(object)), this.#options.live.observe(object));
  }

  /** What the writes of the run left, by inventory id. */
  get written(): ReadonlyMap<string, HelmLiveRecord> {
    return this.#written;
  }

  ready(objects: readonly ReleaseObject[], timeoutMs: number, jobs: boolean): Promise<void> {
    const judge: Judge = ({ live }) => (jobs ? live.health : (live.started ?? live.health));
    const waited = objects.map(({ object }) => object).filter((object) => !isPaused(object));
    const { legacy, superseded, client, signal } = this.#options;
    const healthOf = legacy
      ? (object: KubeObject) => readLegacyHealth(client, object, jobs, signal)
      : (object: KubeObject) => this.#healthOf(object, judge);
    return this.#until(waited, { timeoutMs, failFast: true, healthOf, superseded });
  }

  completed(objects: readonly ReleaseObject[], timeoutMs: number): Promise<void> {
    const waited = objects.map(({ object }) => object);
    return this.#until(waited, {
      timeoutMs,
      // What a hook does may take a while after one of its Jobs failed.
      failFast: false,
      healthOf: (object) => this.#healthOf(object, hookHealth),
      // Half a migration is worse than one too many.
      superseded: () => false,
    });
  }

  async gone(objects: readonly ReleaseObject[], timeoutMs: number): Promise<void> {
    const { client, clock, signal, turn } = this.#options;
    const deadline = clock.now() + timeoutMs;
    for (const { object } of objects) {
      if (object.metadata.name === undefined) continue;
      const exists = async () => (await client.tryGet(refOf(object), { signal })) !== undefined;
      while (await exists()) {
        if (clock.now() >= deadline) {
          throw new WaitError(`${subjectOf(idOf(object))} termination timeout: context deadline exceeded`);
        }
        await turn.away(() => sleep(clock, DELETION_POLL_MS, signal), signal);
      }
    }
  }

  async #until(
    objects: readonly KubeObject[],
    { timeoutMs, failFast, healthOf, superseded }: Wait,
  ): Promise<void> {
    const { clock, signal, turn, failureSettleMs } = this.#options;
    const pending = (await this.#unfinished(objects, healthOf)).map(({ object }) => object);
    if (pending.length === 0) return;
    const deadline = clock.now() + timeoutMs;
    const failing = new Map<KubeObject, number>();
    await turn.away(async () => {
      await this.#follow(pending);
      for (;;) {
        const poll = failing.size > 0 ? Math.min(POLL_MS, failureSettleMs) : POLL_MS;
        const changed = this.#nextChange(Math.min(poll, Math.max(0, deadline - clock.now())));
        try {
          const left = await this.#unfinished(pending, healthOf);
          signal.throwIfAborted();
          if (left.length === 0) return;
          const failed = this.#settledFailures(left, failing);
          if (failed.length === left.length || (failFast && failed.length > 0)) {
            throw new WaitError(`failed early due to stalled resources: [${failed.map(lineOf).join(", ")}]`);
          }
          if (clock.now() >= deadline) {
            throw new WaitError(`timeout waiting for: [${left.map(lineOf).join(", ")}]`);
          }
          if (superseded()) throw new WaitError("health checks canceled: there is something newer");
          await changed.promise;
          signal.throwIfAborted();
        } finally {
          changed.cancel();
        }
      }
    }, signal);
  }

  /** Objects whose failure is final, or has lasted. */
  #settledFailures(left: readonly Unfinished[], since: Map<KubeObject, number>): readonly Unfinished[] {
    const now = this.#options.clock.now();
    const failed = left.filter(({ health }) => health.status === "Failed");
    for (const object of since.keys()) {
      if (!failed.some((one) => one.object === object)) since.delete(object);
    }
    return failed.filter(({ object }) => {
      if (object.kind === "Job" || object.kind === "Pod") return true;
      const first = since.get(object) ?? now;
      since.set(object, first);
      return now - first >= this.#options.failureSettleMs;
    });
  }

  /** Objects that are not as they should be, and how they are. */
  async #unfinished(
    objects: readonly KubeObject[],
    healthOf: Wait["healthOf"],
  ): Promise<readonly Unfinished[]> {
    const left: Unfinished[] = [];
    for (const object of objects) {
      const health = await healthOf(object);
      if (health.status === "Current" || (health.status === "NotFound" && deletesItself(object))) continue;
      left.push({ object, health });
    }
    return left;
  }

  async #healthOf(object: KubeObject, judge: Judge): Promise<Health> {
    const { client, signal, expressions } = this.#options;
    const custom = expressionsFor(expressions, object);
    if (custom !== undefined) {
      const live = await client.tryGet(refOf(object), { signal });
      return live === undefined ? objectHealth(undefined) : evaluateHealth(live, custom);
    }
    const record = await this.#record(object);
    return record === undefined ? objectHealth(undefined) : judge(record);
  }

  /** What is known of an object; asked for only where no cache knows it. */
  async #record(object: KubeObject): Promise<HelmLiveRecord | undefined> {
    const { client, live, signal } = this.#options;
    const id = formatObjectId(idOf(object));
    const written = this.#written.get(id);
    // Right after the write its answer is the truth; from then on whatever is newer.
    if (written !== undefined && !this.#followed.has(id)) return written;
    const { namespace = "", name } = object.metadata;
    const cached = live.record(object, { namespace, name });
    if (cached !== "unknown") {
      const older =
        written !== undefined &&
        cached !== undefined &&
        !isAtLeast(cached.metadata.resourceVersion, written.metadata.resourceVersion);
      return older ? written : cached;
    }
    const found = await client.tryGet(refOf(object), { signal });
    return found === undefined ? undefined : toHelmRecord(found);
  }

  async #follow(objects: readonly KubeObject[]): Promise<void> {
    const { live, owner, client, clock, signal } = this.#options;
    for (const object of objects) this.#followed.set(formatObjectId(idOf(object)), object);
    const types = new Map(
      [...this.#followed.values()].map(({ apiVersion, kind }) => [
        `${apiVersion}/${kind}`,
        { apiVersion, kind },
      ]),
    );
    live.add(owner, [...types.values()], this.#followed.keys());
    const stop = new AbortController();
    const ending = AbortSignal.any([signal, stop.signal]);
    const synced = [...types.values()].map(async (type) => {
      if (live.isSlow(type) || (await client.resourceFor(type, { signal })) === undefined) return;
      // Ends with the wait itself.
      await live.synced(type, ending).catch(() => undefined);
    });
    await Promise.race([Promise.all(synced), sleep(clock, SYNC_MS, ending).catch(() => undefined)]);
    stop.abort();
    signal.throwIfAborted();
  }

  #nextChange(ms: number): { readonly promise: Promise<void>; cancel(): void } {
    const { owner, pulse, clock, signal } = this.#options;
    let cancel: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        resolve();
      };
      const silence = pulse.listen(owner, done);
      const stopTimer = clock.after(ms, done);
      signal.addEventListener("abort", done, { once: true });
      cancel = () => {
        silence();
        stopTimer();
        signal.removeEventListener("abort", done);
      };
    });
    return { promise, cancel: () => cancel() };
  }
}

/** Jobs and Pods of hooks have to come to an end. */
const hookHealth: Judge = (record) => {
  if (record.kind === "Job" && record.apiVersion === "batch/v1") return record.live.health;
  if (record.kind !== "Pod" || record.apiVersion !== "v1") return { status: "Current", message: "" };
  const { name } = record.metadata;
  if (record.live.phase === "Succeeded") return { status: "Current", message: `pod ${name} succeeded` };
  if (record.live.phase === "Failed") return { status: "Failed", message: `pod ${name} failed` };
  return { status: "InProgress", message: "Pod in progress" };
};

function lineOf({ object, health }: Unfinished): string {
  const line = `${subjectOf(idOf(object))} status: '${health.status}'`;
  return health.status === "Failed" && health.message !== "" ? `${line}: ${health.message}` : line;
}

function isPaused(object: KubeObject): boolean {
  const spec = object["spec"];
  return (
    object.kind === "Deployment" &&
    object.apiVersion === "apps/v1" &&
    typeof spec === "object" &&
    spec !== null &&
    "paused" in spec &&
    spec.paused === true
  );
}

/** A Job that is gone because it was done. */
function deletesItself(object: KubeObject): boolean {
  const spec = object["spec"];
  return (
    object.kind === "Job" && typeof spec === "object" && spec !== null && "ttlSecondsAfterFinished" in spec
  );
}
