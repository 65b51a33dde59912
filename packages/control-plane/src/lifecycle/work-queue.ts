import { ApiError, type Clock } from "@capstan/kube";

/** Keys worked on side by side, so that their writes share commits, and that one that waits is not all there is. */
const CONCURRENCY = 16;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 60_000;
/** What happens to requests now and then without anything being wrong. */
const PASSING = [
  "Conflict",
  "NotFound",
  "AlreadyExists",
  "InsufficientStorage",
  "ServiceUnavailable",
] as const;

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Resolves with the pause after which to look again, or nothing. */
  readonly work: (key: string) => Promise<number | undefined>;
  /** Told of what was not to be expected; the key comes back all the same. */
  readonly onFailure: (key: string, error: unknown) => void;
}

/**
 * Keys to look at, each once however often it is added, and never twice at a time. A key whose work
 * fails, or that asks for it, comes back: after a failure with growing pauses.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #work: WorkQueueOptions["work"];
  readonly #onFailure: WorkQueueOptions["onFailure"];
  readonly #waiting = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, () => void>();
  /** What is worked on right now. */
  readonly #active = new Map<string, Promise<void>>();
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor({ clock, work, onFailure }: WorkQueueOptions) {
    this.#clock = clock;
    this.#work = work;
    this.#onFailure = onFailure;
  }

  add(key: string): void {
    if (this.#closed) return;
    this.#waiting.add(key);
    this.#wake();
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is waiting that is not waiting for a pause to pass. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    for (const cancel of this.#timers.values()) cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whoever adds a key finishes what it is doing first.
    await Promise.resolve();
    for (;;) {
      this.#startWaiting();
      if (this.#active.size === 0) break;
      // One that takes long, as it waits for somebody outside, does not hold up the others.
      await Promise.race([...this.#active.values(), this.#added()]);
      // Work in this process may never wait for anything outside: requests get their turn in between.
      if (this.#waiting.size > 0) await new Promise((resume) => setImmediate(resume));
    }
    this.#running = undefined;
  }

  /** Starts as many of the waiting keys as there is room for; one that is worked on comes after that. */
  #startWaiting(): void {
    for (const key of this.#waiting) {
      if (this.#active.size === CONCURRENCY) return;
      if (this.#active.has(key)) continue;
      this.#waiting.delete(key);
      this.#active.set(
        key,
        this.#process(key).finally(() => this.#active.delete(key)),
      );
    }
  }

  /** Resolves when a key is added. */
  #added(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #process(key: string): Promise<void> {
    try {
      const again = await this.#work(key);
      this.#failures.delete(key);
      if (again !== undefined) this.#later(key, again);
    } catch (error) {
      // Whatever went wrong is looked at afresh: the state decides what is left to do, not the error.
      if (!ApiError.is(error, ...PASSING)) this.#onFailure(key, error);
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      this.#later(key, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures));
    }
  }

  #later(key: string, ms: number): void {
    if (this.#closed) return;
    this.#timers.get(key)?.();
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, cancel);
  }
}
