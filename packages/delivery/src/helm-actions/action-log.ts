import type { Clock } from "@capstan/kube";

const LINES = 10;

interface Line {
  readonly at: number;
  readonly text: string;
  last: number;
  repeated: number;
}

/** The last lines of what an action did, for the event that tells of its failure. */
export class ActionLog {
  readonly #clock: Clock;
  readonly #lines: Line[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(text: string): void {
    const now = this.#clock.now();
    const newest = this.#lines.at(-1);
    if (newest?.text === text) {
      newest.repeated += 1;
      newest.last = now;
      return;
    }
    this.#lines.push({ at: now, text, last: now, repeated: 0 });
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  /** A message, and what led to it. */
  append(message: string): string {
    return this.#lines.length === 0 ? message : `${message}\n\nLast Helm logs:\n\n${this.toString()}`;
  }

  toString(): string {
    return this.#lines.map(lineText).join("\n");
  }
}

function lineText({ at, text, last, repeated }: Line): string {
  const first = `${new Date(at).toISOString()}: ${text}`;
  if (repeated === 0) return first;
  const omitted = repeated - 1;
  const note = omitted === 0 ? "" : ` (${omitted} duplicate line${omitted > 1 ? "s" : ""} omitted)`;
  return `${first}\n${new Date(last).toISOString()}: ${text}${note}`;
}
