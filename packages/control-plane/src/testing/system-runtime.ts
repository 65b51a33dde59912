import { randomBytes } from "node:crypto";
import type { Clock, Random } from "@capstan/kube";

/** The clock of the machine; pending callbacks keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = {
  float: () => Math.random(),
  bytes: (length) => randomBytes(length),
};
