import type { RunContext } from "@capstan/controller";
import { identity } from "../kustomization/target.js";
import type { HelmState } from "./helm-state.js";
import type { ReleaseCluster } from "./release-request.js";
import type { HelmRelease } from "./resource.js";

/** The service account in whose name a release is made; none: our own. */
export function accountOf(object: HelmRelease, state: HelmState): string | undefined {
  const account = object.spec.serviceAccountName ?? state.settings.defaultServiceAccount;
  return account === "" ? undefined : account;
}

/** The cluster that is released to, or why it cannot be reached. */
export async function clusterOf(
  object: HelmRelease,
  state: HelmState,
  context: RunContext,
): Promise<ReleaseCluster | { readonly message: string }> {
  if (object.spec.kubeConfig !== undefined) {
    const target = await state.remotes.target(object, context);
    return "reason" in target ? { message: target.message } : target;
  }
  const account = accountOf(object, state);
  const client =
    account === undefined ? context.client : context.client.impersonate(identity(object, account));
  return { client, live: state.live };
}
