import { SopsError } from "../errors.js";

/** Nesting that is followed. */
export const MAX_DEPTH = 500;
/** Nodes that a file may hold, with what its aliases stand for. */
export const MAX_NODES = 500_000;

/** Counts the nodes of a file that is being read. */
export class Budget {
  #left = MAX_NODES;

  /** @throws {SopsError} `too-large` */
  spend(depth: number): void {
    if (depth > MAX_DEPTH) throw new SopsError("too-large", `nested deeper than ${MAX_DEPTH} levels`);
    this.#left -= 1;
    if (this.#left < 0) throw new SopsError("too-large", `more than ${MAX_NODES} values`);
  }
}
