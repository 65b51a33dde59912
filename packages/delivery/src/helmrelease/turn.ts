/** Lets so many pieces of work go on at a time; the others wait in the order in which they came. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async enter(signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    if (this.#taken >= this.#limit) await this.#wait(signal);
    else this.#taken += 1;
    return new Turn(this);
  }

  leave(): void {
    const next = this.#waiting.shift();
    // Whoever is next takes the place over.
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      this.#waiting.push(enter);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}

/** A place behind a gate, which is given up while there is nothing to do but wait. */
export class Turn {
  readonly #gate: Gate;
  #held = true;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Waits without holding the place; takes one again afterwards. */
  async away<T>(wait: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.end();
    try {
      return await wait();
    } finally {
      if (!signal.aborted) {
        await this.#gate.enter(signal);
        this.#held = true;
      }
    }
  }

  end(): void {
    if (this.#held) this.#gate.leave();
    this.#held = false;
  }
}
