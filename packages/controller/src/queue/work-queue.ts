import type { Clock, Random } from "@capstan/kube";
import { type BackoffOptions, backoffDelay, DEFAULT_BACKOFF } from "./backoff.js";
import { type Priority, ReadyList } from "./ready-list.js";
import { TimerHeap } from "./timer-heap.js";
import type { TokenBucket } from "./token-bucket.js";

/**
 * Long waits end on whole seconds, so that many objects with an interval wake the process once a second
 * together instead of once each; a wait grows by a twentieth at most.
 */
const TOGETHER_MS = 1_000;
const TOGETHER_FROM_MS = 20 * TOGETHER_MS;

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff?: BackoffOptions;
  /** Limits retries over all items together. */
  readonly retryLimit?: TokenBucket;
  /** Items of one group take turns with those of others; by default all are one group. */
  readonly groupOf?: (key: string) => string;
  readonly onAdd?: (key: string, priority: Priority) => void;
}

/** One item handed to a worker; exactly one call of `done` ends it. */
export interface Taken {
  readonly key: string;
  /** How long the key was ready before it was taken, in ms. */
  readonly waitedMs: number;
}

/**
 * Keys that want work. A key is in the queue once however often it is added, is never handed to two
 * workers at a time, and when it is added while it is worked on, comes back afterwards.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready = new ReadyList();
  readonly #readySince = new Map<string, number>();
  readonly #delayed: TimerHeap;
  readonly #processing = new Set<string>();
  readonly #again = new Map<string, Priority>();
  readonly #failures = new Map<string, number>();
  #onReady: (() => void) | undefined;
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#delayed = new TimerHeap(options.clock, (key) => this.add(key));
  }

  /** Keys ready to be taken. */
  get depth(): number {
    return this.#ready.size + this.#again.size;
  }

  /** Keys that workers hold. */
  get processing(): number {
    return this.#processing.size;
  }

  /** Keys that wait for a time. */
  get waiting(): number {
    return this.#delayed.size;
  }

  /** `callback` runs whenever a key became ready; one listener at a time. */
  onReady(callback: () => void): void {
    this.#onReady = callback;
  }

  /** Makes a key ready now. A wake-up that it has pending stays. */
  add(key: string, priority: Priority = "normal"): void {
    if (this.#closed) return;
    this.#options.onAdd?.(key, priority);
    if (this.#processing.has(key)) {
      if (this.#again.get(key) !== "high") this.#again.set(key, priority);
      return;
    }
    this.#place(key, priority);
    this.#onReady?.();
  }

  /** Makes a key ready after `delayMs`, or earlier where something else asked for it. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    this.#delayed.add(key, this.#options.clock.now() + delayMs);
  }

  /**
   * Like `addAfter`, for what is looked at now and then: long delays end at the next whole second, so that
   * many keys wake the process together. Deadlines go through `addAfter`.
   */
  addAround(key: string, delayMs: number): void {
    const due = this.#options.clock.now() + delayMs;
    const late = delayMs < TOGETHER_FROM_MS ? 0 : Math.ceil(due / TOGETHER_MS) * TOGETHER_MS - due;
    this.addAfter(key, delayMs + late);
  }

  /** Takes back a pending wake-up, so that a new one may lie later. */
  cancelDelay(key: string): void {
    this.#delayed.remove(key);
  }

  /** Puts a failed key back with exponential delay; returns the delay in ms. */
  retry(key: string): number {
    const { clock, random, backoff, retryLimit } = this.#options;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const own = backoffDelay(failures, backoff ?? DEFAULT_BACKOFF, random);
    const delay = Math.max(own, retryLimit?.reserve(clock.now()) ?? 0);
    this.addAfter(key, delay);
    return delay;
  }

  /** Failures in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Forgets a key's failures, after a success. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Hands out the next ready key, or nothing. */
  take(): Taken | undefined {
    if (this.#closed) return undefined;
    const key = this.#ready.take();
    if (key === undefined) return undefined;
    const now = this.#options.clock.now();
    const since = this.#readySince.get(key) ?? now;
    this.#readySince.delete(key);
    this.#processing.add(key);
    return { key, waitedMs: now - since };
  }

  /** Ends the work on a key; it is ready again at once where it was added meanwhile. */
  done(key: string): void {
    this.#processing.delete(key);
    const again = this.#again.get(key);
    if (again === undefined) return;
    this.#again.delete(key);
    if (this.#closed) return;
    this.#place(key, again);
    this.#onReady?.();
  }

  /** Whether a key was added while a worker holds it. */
  isWantedAgain(key: string): boolean {
    return this.#again.has(key);
  }

  /** Drops everything about a key that no longer exists. */
  discard(key: string): void {
    this.#failures.delete(key);
    this.#delayed.remove(key);
  }

  /** Hands out nothing any more and drops what waits. */
  close(): void {
    this.#closed = true;
    this.#delayed.clear();
  }

  #place(key: string, priority: Priority): void {
    if (!this.#readySince.has(key)) this.#readySince.set(key, this.#options.clock.now());
    this.#ready.add(key, this.#options.groupOf?.(key) ?? "", priority);
  }
}
