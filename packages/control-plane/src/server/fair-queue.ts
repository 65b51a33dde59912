import type { Clock } from "@capstan/kube";

/** Time that requests may take of one turn of the event loop before others' input is read again. */
const TURN_MS = 5;
/** Requests of one user that may wait. */
const MAX_WAITING_OF_USER = 2_000;
/** Requests of everybody that may wait. */
const MAX_WAITING = 10_000;

/** Whose turn it is: users take turns, and so do the connections of each. */
export interface Flow {
  readonly user: string;
  /** Any value that is the connection's own. */
  readonly connection: object;
}

/** How work is spread over the turns of the event loop. */
export interface TurnSchedule {
  /** Calls back once input that has arrived meanwhile was read. */
  readonly nextTurn: (callback: () => void) => void;
  /** Resolves once all that can be done without waiting for input is done. */
  readonly settled: () => Promise<void>;
}

const eventLoop: TurnSchedule = {
  nextTurn: setImmediate,
  // A tick that was asked for by a microtask runs when no microtask is left.
  settled: () => new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve))),
};

interface Waiting {
  readonly run: () => void;
}

/** The waiting requests of one user, by connection; maps keep the order in which turns are taken. */
interface Line {
  readonly connections: Map<object, Waiting[]>;
  size: number;
}

/**
 * Decides which request is worked on next once there are more than one turn of the event loop takes:
 * whoever sends many waits behind their own, not before everybody else. While there is nothing to wait
 * for it costs a comparison.
 */
export class FairQueue {
  readonly #clock: Clock;
  readonly #schedule: TurnSchedule;
  readonly #lines = new Map<string, Line>();
  #size = 0;
  #turnStarted = 0;
  #inTurn = false;

  constructor(clock: Clock, schedule: TurnSchedule = eventLoop) {
    this.#clock = clock;
    this.#schedule = schedule;
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.#size;
  }

  /** Runs `work` now or when its turn comes. Undefined: too many wait already, it is not run at all. */
  run<T>(flow: Flow, work: () => Promise<T>): Promise<T> | undefined {
    if (this.#size === 0 && this.#mayRun()) return work();
    const line = this.#lineOf(flow.user);
    if (line.size >= MAX_WAITING_OF_USER || this.#size >= MAX_WAITING) return undefined;
    return new Promise<T>((resolve, reject) => {
      const run = () => {
        work().then(resolve, reject);
      };
      const waiting = line.connections.get(flow.connection);
      if (waiting === undefined) line.connections.set(flow.connection, [{ run }]);
      else waiting.push({ run });
      line.size++;
      this.#size++;
    });
  }

  #mayRun(): boolean {
    if (!this.#inTurn) {
      this.#inTurn = true;
      this.#turnStarted = this.#clock.now();
      this.#nextTurn();
      return true;
    }
    return this.#clock.now() - this.#turnStarted < TURN_MS;
  }

  #nextTurn(): void {
    this.#schedule.nextTurn(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    if (this.#size === 0) {
      this.#inTurn = false;
      return;
    }
    this.#turnStarted = this.#clock.now();
    do {
      this.#take()?.run();
      await this.#schedule.settled();
    } while (this.#size > 0 && this.#clock.now() - this.#turnStarted < TURN_MS);
    this.#nextTurn();
  }

  /** The next request: the user, and the connection of theirs, that waited longest for a turn. */
  #take(): Waiting | undefined {
    for (const [user, line] of this.#lines) {
      this.#lines.delete(user);
      const next = takeFrom(line);
      if (line.size > 0) this.#lines.set(user, line);
      if (next === undefined) continue;
      this.#size--;
      return next;
    }
    return undefined;
  }

  #lineOf(user: string): Line {
    let line = this.#lines.get(user);
    if (line === undefined) {
      line = { connections: new Map(), size: 0 };
      this.#lines.set(user, line);
    }
    return line;
  }
}

function takeFrom(line: Line): Waiting | undefined {
  for (const [connection, waiting] of line.connections) {
    line.connections.delete(connection);
    const next = waiting.shift();
    if (waiting.length > 0) line.connections.set(connection, waiting);
    if (next === undefined) continue;
    line.size--;
    return next;
  }
  return undefined;
}
