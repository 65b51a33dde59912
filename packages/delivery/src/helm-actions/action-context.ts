import type { ReleaseRecord } from "@capstan/helm";
import type { Clock } from "@capstan/kube";
import type { ActionLog } from "./action-log.js";
import type { Cluster } from "./apply-objects.js";
import { type ReleaseStorage, StorageError, type StoredRelease } from "./storage.js";
import type { Waiter } from "./waiter.js";

/** What every action on a release works with. */
export interface ActionContext extends Cluster {
  readonly storage: ReleaseStorage;
  /** Where objects go that name no namespace. */
  readonly namespace: string;
  readonly waiter: Waiter;
  readonly clock: Clock;
  readonly log: ActionLog;
}

/** An action that failed; the message is Helm's. */
export class ActionError extends Error {
  override readonly name = "ActionError";
}

/** Stores a revision whose action goes on; that it cannot be stored must not hide what became of it. */
export async function recordRelease(context: ActionContext, release: StoredRelease): Promise<void> {
  try {
    await context.storage.update(release);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    context.log.add(`warning: failed to update release ${release.record.name}: ${error.message}`);
  }
}

/** A revision in another state. */
export function withStatus(
  record: ReleaseRecord,
  status: NonNullable<ReleaseRecord["info"]["status"]>,
  description?: string,
): ReleaseRecord {
  return {
    ...record,
    info: { ...record.info, status, ...(description === undefined ? {} : { description }) },
  };
}

/** Whatever ended an action, but for its own end: that is passed on. */
export function asError(context: ActionContext, error: unknown): Error {
  context.signal.throwIfAborted();
  if (error instanceof Error) return error;
  throw error;
}
