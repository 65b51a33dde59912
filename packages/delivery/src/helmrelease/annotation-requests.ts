import { RECONCILE_REQUEST } from "@capstan/controller";
import type { HelmRelease } from "./resource.js";

const FORCE = "reconcile.fluxcd.io/forceAt";
const RESET = "reconcile.fluxcd.io/resetAt";

/** What annotations ask of one run. */
export interface Requests {
  readonly force: boolean;
  readonly reset: boolean;
  /** Tokens that go into the status, whether they were valid or not. */
  readonly handled: { readonly lastHandledForceAt?: string; readonly lastHandledResetAt?: string };
}

/** A request counts once, and only where its token is the one with which a run is asked for. */
export function requestsOf(object: HelmRelease): Requests {
  const { annotations = {} } = object.metadata;
  const { lastHandledReconcileAt, lastHandledForceAt, lastHandledResetAt } = object.status ?? {};
  const requested = annotations[RECONCILE_REQUEST];
  const asks = (token: string | undefined, handled: string | undefined) =>
    token !== undefined && token === requested && token !== lastHandledReconcileAt && token !== handled;
  const force = annotations[FORCE];
  const reset = annotations[RESET];
  return {
    force: asks(force, lastHandledForceAt),
    reset: asks(reset, lastHandledResetAt),
    handled: {
      ...(force === undefined ? {} : { lastHandledForceAt: force }),
      ...(reset === undefined ? {} : { lastHandledResetAt: reset }),
    },
  };
}
