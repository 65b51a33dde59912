import type { BackoffOptions } from "@capstan/controller";

/**
 * What failed is tried again soon, since most of what fails (a conflict, an account or a quota that is not
 * there yet) passes soon; at the latest every minute.
 */
export const WORKLOAD_BACKOFF: BackoffOptions = { baseMs: 20, maxMs: 60_000, jitter: 0.1 };
