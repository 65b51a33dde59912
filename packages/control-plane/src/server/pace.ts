/** Work fills this part of the time at most, unless a round would last too long for it. */
const SHARE = 1 / 6;
/** What a round over all connections lasts at most, as long as the work itself takes less. */
const ROUND_MS = 33;
/** Timers are late by this much at most; what they were late by is made up for. */
const LATE_MS = 2;

/**
 * When work that is done slice by slice, round after round, may go on. Slices are spread evenly over time: a
 * round of little work is over soon, one of more work takes what it needs up to `ROUND_MS`, and beyond that
 * slices follow each other without a pause. The longer a round, the more gathers for each connection, and the
 * fewer writes the same events take.
 */
export class Pace {
  #due = 0;

  /** Milliseconds until the next slice may begin; 0 and less: now. */
  wait(now: number): number {
    return this.#due - now;
  }

  /** Notes a slice, one of `slices` in a round. Times are of a clock that is never set. */
  worked(began: number, ended: number, slices: number): void {
    const each = Math.min((ended - began) / SHARE, ROUND_MS / slices);
    this.#due = Math.max(this.#due + each, ended - LATE_MS);
  }
}
