import type { Clock } from "@capstan/kube";

/** Longest time that timers can be set for; longer waits are cut into pieces. */
const MAX_DELAY_MS = 2 ** 31 - 1;

interface Entry {
  readonly key: string;
  readonly at: number;
}

/**
 * Many pending wake-ups on one timer. Each key has one: the earliest that was asked for.
 */
export class TimerHeap {
  readonly #clock: Clock;
  readonly #fire: (key: string) => void;
  readonly #due = new Map<string, number>();
  #heap: Entry[] = [];
  #cancel: (() => void) | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, fire: (key: string) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  get size(): number {
    return this.#due.size;
  }

  /** Fires `key` at `at` unless it is already due earlier. */
  add(key: string, at: number): void {
    const existing = this.#due.get(key);
    if (existing !== undefined && existing <= at) return;
    this.#due.set(key, at);
    this.#push({ key, at });
    this.#arm();
  }

  /** When `key` is due, in epoch ms. */
  dueAt(key: string): number | undefined {
    return this.#due.get(key);
  }

  remove(key: string): void {
    this.#due.delete(key);
  }

  clear(): void {
    this.#due.clear();
    this.#heap = [];
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#dropStale();
    const next = this.#heap[0];
    if (next === undefined || next.at >= this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = next.at;
    const delay = Math.min(Math.max(0, next.at - this.#clock.now()), MAX_DELAY_MS);
    this.#cancel = this.#clock.after(delay, () => this.#run());
  }

  #run(): void {
    this.#cancel = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    for (;;) {
      this.#dropStale();
      const next = this.#heap[0];
      if (next === undefined || next.at > now) break;
      this.#pop();
      this.#due.delete(next.key);
      this.#fire(next.key);
    }
    this.#arm();
  }

  /** Entries that were removed or moved earlier stay in the heap until they reach its top. */
  #dropStale(): void {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || this.#due.get(top.key) === top.at) return;
      this.#pop();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left === undefined) break;
      if (right !== undefined && right.at < left.at) child += 1;
      const smaller = heap[child];
      if (smaller === undefined || smaller.at >= last.at) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
  }
}
