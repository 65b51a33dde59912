import type { Clock } from "@capstan/kube";
import { hasDrifted, type Ledger } from "../live/ledger.js";
import type { LiveChange } from "../live/live-objects.js";

/** What makes a change of a live object worth a run. */
export interface TrackerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Makes an owner run, at once or after a while. */
  readonly wake: (owner: string, afterMs: number) => void;
}

interface Dispute {
  readonly repairs: number;
  readonly last: number;
}

/** Repairs of one object within this time of each other are a dispute with another controller. */
const DISPUTE_MS = 60_000;
/**
 * Repairs that are made at once before a dispute slows down: more than a person makes necessary by hand
 * in a row, and few enough for two controllers to run into within seconds.
 */
const PATIENCE = 120;
const MAX_DELAY_MS = 60_000;
const MAX_DISPUTES = 10_000;

/**
 * Decides which changes of live objects wake which Kustomization: drift of what it applied, health of
 * what it waits for, the end of what it deletes. Changes during an owner's own run are looked at when
 * the run is over, because most of them are its own.
 */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #running = new Map<string, Map<string, LiveChange>>();
  readonly #waiting = new Set<string>();
  readonly #disputes = new Map<string, Dispute>();
  /** Drifted objects whose owner was woken and has not run since. */
  readonly #unrepaired = new Map<string, Set<string>>();

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** A run of an owner begins. */
  begin(owner: string): void {
    this.#running.set(owner, new Map());
    this.#waiting.delete(owner);
    this.#unrepaired.delete(owner);
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
    if (drifted) this.#noteDrift(owner, id);
    else if (fared) this.#options.wake(owner, 0);
  }

  /** Wakes an owner once for a drifted object, however often that changes until the run. */
  #noteDrift(owner: string, id: string): void {
    const unrepaired = this.#unrepaired.get(owner) ?? new Set();
    if (unrepaired.has(id)) return;
    this.#unrepaired.set(owner, unrepaired.add(id));
    this.#options.wake(owner, this.#disputeDelay(`${owner}|${id}`));
  }

  /**
   * How long the repair of an object waits: not at all, unless somebody keeps on undoing it. Two
   * controllers that disagree would otherwise take turns as fast as the API lets them.
   */
  #disputeDelay(key: string): number {
    const now = this.#options.clock.now();
    const dispute = this.#disputes.get(key);
    this.#disputes.delete(key);
    const repairs = dispute === undefined || now - dispute.last > DISPUTE_MS ? 1 : dispute.repairs + 1;
    this.#disputes.set(key, { repairs, last: now });
    const oldest = this.#disputes.keys().next().value;
    if (this.#disputes.size > MAX_DISPUTES && oldest !== undefined) this.#disputes.delete(oldest);
    return repairs <= PATIENCE ? 0 : Math.min(500 * 2 ** (repairs - PATIENCE), MAX_DELAY_MS);
  }

  forget(owner: string): void {
    this.#running.delete(owner);
    this.#waiting.delete(owner);
    this.#unrepaired.delete(owner);
  }
}
