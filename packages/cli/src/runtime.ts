import { randomBytes } from "node:crypto";
import type { Clock, Random } from "@capstan/kube";

/** The machine's clock; its timers do not keep the process up. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The machine's randomness. */
export const systemRandom: Random = {
  float: () => Math.random(),
  bytes: (length) => randomBytes(length),
};

/** Waits for `ms` and keeps the process up meanwhile; ends early, without an error, when `signal` aborts. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish, { once: true });
  });
}
