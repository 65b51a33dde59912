import type { ReleaseObject } from "./resource.js";

/** Waits for what an action has done to take effect. Every wait rejects with `WaitError` when it fails. */
export interface Waiter {
  /** Until objects are as declared; Jobs until they are done, where `jobs` is on. */
  ready(objects: readonly ReleaseObject[], timeoutMs: number, jobs: boolean): Promise<void>;
  /** Until the Jobs and Pods of a hook are done; other objects are at once. */
  completed(objects: readonly ReleaseObject[], timeoutMs: number): Promise<void>;
  /** Until objects are gone. */
  gone(objects: readonly ReleaseObject[], timeoutMs: number): Promise<void>;
}

/** What was waited for did not come; the message says what is missing. */
export class WaitError extends Error {
  override readonly name = "WaitError";
}

/** Waits for hooks alone. */
export function onlyHooks(waiter: Waiter): Waiter {
  return {
    ready: async () => undefined,
    completed: waiter.completed.bind(waiter),
    gone: async () => undefined,
  };
}
