import type { RunContext } from "@capstan/controller";
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
  const account = object.spec.serviceAccountName ?? state.settings.defaultServiceAccount;
  const client =
    account === undefined || account === ""
      ? context.client
      : context.client.impersonate(identity(object, account));
  return { client, live: state.live };
}

/** The user that a service account of the object's namespace is. */
export function identity(object: Kustomization, account: string): { readonly user: string } {
  return { user: `system:serviceaccount:${object.metadata.namespace ?? ""}:${account}` };
}
