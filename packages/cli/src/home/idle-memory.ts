import type { Clock } from "@capstan/kube";

/** What idle collection needs of the JavaScript engine. */
export interface Engine {
  /** The share of the time since the last call, 0 to 1, in which the event loop was busy. */
  utilisation(): number;
  /** Bytes of JavaScript heap in use. */
  heapUsed(): number;
  /** Collects all garbage at once and gives memory back to the system. */
  collect(): void;
  /** Whether the engine may begin collections by its own judgement before the heap is full. */
  allowEarlyCollections(allowed: boolean): void;
}

const LOOK_EVERY_MS = 2_000;
/** Above this share of its time the process works; below, it waits. */
const BUSY = 0.3;
/** So many quiet looks in a row end a burst of work. */
const QUIET_LOOKS = 3;
/** A larger heap would stand still too long for one collection: there the engine decides alone. */
const LARGEST_HEAP = 384 * 1024 * 1024;

/**
 * Gives the memory of a burst of work back with one collection once the work is over, and keeps the
 * engine from collecting on while the process waits: V8's memory reducer walks the whole heap three times
 * after a burst, which costs more than several intervals of looking at unchanged sources.
 * Returns what ends it, with the engine's own behaviour restored.
 */
export function collectWhenIdle(engine: Engine, clock: Clock): () => void {
  let quiet = 0;
  let worked = true;
  engine.utilisation();
  const look = () => {
    cancel = clock.after(LOOK_EVERY_MS, look);
    if (engine.utilisation() > BUSY) {
      if (quiet > 0) engine.allowEarlyCollections(true);
      quiet = 0;
      worked = true;
      return;
    }
    quiet += 1;
    if (quiet === 1 && engine.heapUsed() <= LARGEST_HEAP) engine.allowEarlyCollections(false);
    if (quiet === QUIET_LOOKS && worked) {
      worked = false;
      if (engine.heapUsed() <= LARGEST_HEAP) engine.collect();
    }
  };
  let cancel = clock.after(LOOK_EVERY_MS, look);
  return () => {
    cancel();
    engine.allowEarlyCollections(true);
  };
}
