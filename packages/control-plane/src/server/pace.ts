/** Work fills this part of the time at most, unless a round would last too long for it. */
const SHARE = 1 / 6;
/** What a round over all connections lasts at most, as long as the work itself takes less. */
const ROUND_MS = 33;
/** Timers are late by this much at most; what they were late by is made up for. */
const LATE_MS = 2;

/** How much of a round's length is still expected after a slice without as much to do. */
const REMEMBERED = 0.995;

/**
 * When work that is done slice by slice, round after round, may go on. Slices are spread evenly over time: a
 * round of little work is over soon, one of more work takes what it needs up to `ROUND_MS`, and beyond that
 * slices follow each other without a pause. The longer a round, the more gathers for each connection, and the
 * fewer writes the same events take.
 */
export class Pace {
  #due = 0;
  /** Slices in a round: as many as waited of late. */
  #slices = 1;

  /** Milliseconds until the next slice may begin; 0 and less: now. */
  wait(now: number): number {
    return this.#due - now;
  }

  /** Notes a slice, when it was the first of `waiting`. Times are of a clock that is never set. */
  worked(began: number, ended: number, waiting: number): void {
    this.#slices = Math.max(waiting, this.#slices * REMEMBERED, 1);
    const each = Math.min((ended - began) / SHARE, ROUND_MS / this.#slices);
    this.#due = Math.max(this.#due + each, ended - LATE_MS);
  }
}
