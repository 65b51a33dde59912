import type { ActionContext } from "../helm-actions/action-context.js";
import { ActionLog } from "../helm-actions/action-log.js";
import { ReleaseStorage } from "../helm-actions/storage.js";
import { onlyHooks, type Waiter } from "../helm-actions/waiter.js";
import { LiveWaiter } from "./live-waiter.js";
import type { ReleaseRequest } from "./release-request.js";
import { releaseNamespaceOf, storageNamespaceOf } from "./release-target.js";
import type { HelmRelease } from "./resource.js";
import { FIELD_MANAGER } from "./settings.js";

/** An action that left no trace in storage: it is tried again as it is. */
export class NothingStored extends Error {
  override readonly name = "NothingStored";
}

/** The storage of a release's records, telling nobody of what is written. */
export function storageOf(
  object: HelmRelease,
  request: Pick<ReleaseRequest, "cluster" | "context" | "state">,
  namespace = storageNamespaceOf(object),
): ReleaseStorage {
  const { signal, clock } = request.context;
  return new ReleaseStorage({
    client: request.cluster.client,
    namespace,
    clock,
    signal,
    fieldManager: FIELD_MANAGER,
    index: object.spec.kubeConfig === undefined ? request.state.revisions : undefined,
  });
}

/** What an action works with. */
export interface ActionSetup {
  readonly context: ActionContext;
  readonly waiter: LiveWaiter;
}

/** What an action works with: whose writes are observed, and whose waits are real. */
export function setUpAction(
  object: HelmRelease,
  request: Pick<ReleaseRequest, "owner" | "cluster" | "state" | "context" | "turn"> &
    Partial<Pick<ReleaseRequest, "superseded">>,
  storage: ReleaseStorage,
  disableWait: boolean,
): ActionSetup {
  const { owner, cluster, state, context, turn } = request;
  const { signal, clock } = context;
  const waiter = new LiveWaiter({
    owner,
    live: cluster.live,
    client: cluster.client,
    clock,
    signal,
    pulse: state.pulse,
    turn,
    expressions: object.spec.healthCheckExprs,
    legacy: object.spec.waitStrategy?.name === "legacy",
    failureSettleMs: state.settings.failureSettleMs,
    superseded: () => request.superseded?.() !== undefined,
  });
  const used: Waiter = disableWait ? onlyHooks(waiter) : waiter;
  return {
    waiter,
    context: {
      client: cluster.client,
      fieldManager: FIELD_MANAGER,
      signal,
      applied: (written) => waiter.note(written),
      storage,
      namespace: releaseNamespaceOf(object),
      waiter: used,
      clock,
      log: new ActionLog(clock),
    },
  };
}

/** Why an action failed; `undefined` where it did not. What the run's end cut off is passed on. */
export async function attempt(
  signal: AbortSignal,
  act: () => Promise<Error | undefined>,
): Promise<Error | undefined> {
  try {
    return await act();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    return error;
  }
}
