import type { RunContext } from "@capstan/controller";
import type { ObjectMeta } from "@capstan/kube";
import type { DeliveryState } from "./delivery-state.js";
import type { Problem } from "./problem.js";
import type { Kustomization } from "./resource.js";
import type { Target } from "./seen.js";

/** The cluster that a Kustomization is applied to, as the service account that applies it. */
export async function targetOf(
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Target | Problem> {
  if (object.spec.kubeConfig !== undefined) return state.remotes.target(object, context);
  const account = accountOf(object, state);
  const client =
    account === undefined ? context.client : context.client.impersonate(identity(object, account));
  return { client, live: state.live };
}

/** The service account in whose name objects are applied; none: our own. */
export function accountOf(object: Kustomization, state: DeliveryState): string | undefined {
  const account = object.spec.serviceAccountName ?? state.settings.defaultServiceAccount;
  return account === "" ? undefined : account;
}

/** The user that a service account of the object's namespace is. */
export function identity(
  object: { readonly metadata: ObjectMeta },
  account: string,
): { readonly user: string } {
  return { user: `system:serviceaccount:${object.metadata.namespace ?? ""}:${account}` };
}
