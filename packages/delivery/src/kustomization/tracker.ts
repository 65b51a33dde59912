import { hasDrifted, type Ledger } from "../live/ledger.js";
import type { LiveChange } from "../live/live-objects.js";

/** What makes a change of a live object worth a run. */
export interface TrackerOptions {
  readonly ledger: Ledger;
  readonly wake: (owner: string) => void;
}

/**
 * Decides which changes of live objects wake which Kustomization: drift of what it applied, health of
 * what it waits for, the end of what it deletes. Changes during an owner's own run are looked at when
 * the run is over, because most of them are its own.
 */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #running = new Map<string, Map<string, LiveChange>>();
  readonly #waiting = new Set<string>();

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** A run of an owner begins. */
  begin(owner: string): void {
    this.#running.set(owner, new Map());
    this.#waiting.delete(owner);
  }

  /**
   * A run is over; what changed meanwhile is judged now.
   *
   * @param waiting whether the owner waits for health or for objects to go
   */
  end(owner: string, waiting: boolean): void {
    const changes = this.#running.get(owner);
    this.#running.delete(owner);
    if (waiting) this.#waiting.add(owner);
    for (const change of changes?.values() ?? []) this.note(change);
  }

  /** A live object changed. */
  note(change: LiveChange): void {
    const { owner, id, record, previous } = change;
    const running = this.#running.get(owner);
    if (running !== undefined) {
      running.set(id, change);
      return;
    }
    const expected = this.#options.ledger.expected(owner, id);
    const drifted = expected !== undefined && hasDrifted(expected, record);
    const fared = this.#waiting.has(owner) && record?.live.health.status !== previous?.live.health.status;
    if (drifted || fared) this.#options.wake(owner);
  }

  forget(owner: string): void {
    this.#running.delete(owner);
    this.#waiting.delete(owner);
  }
}
