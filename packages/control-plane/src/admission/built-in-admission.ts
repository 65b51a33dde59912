import { ApiError, type Clock, type Random, type Status, type Transport } from "@capstan/kube";
import type { ObjectStorage } from "../handler/object-storage.js";
import type { EquivalentKinds } from "../registry/equivalent-kinds.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type { Admission, Authorizer } from "../registry/ports.js";
import { storedParams, storedState } from "./admission-state.js";
import { DefaultClasses } from "./default-classes.js";
import { defaultTolerations } from "./default-tolerations.js";
import { LimitRanger } from "./limit-range.js";
import { MutatingPolicyAdmission } from "./mutating-policy.js";
import { PodSecurityAdmission } from "./pod-security.js";
import { PriorityAdmission } from "./priority.js";
import { ResourceQuotaAdmission } from "./resource-quota.js";
import { RuntimeClassAdmission } from "./runtime-class.js";
import { ServiceAccountAdmission } from "./service-account.js";
import { storageProtection } from "./storage-protection.js";
import { ValidatingPolicyAdmission } from "./validating-policy.js";
import { MutatingWebhookAdmission, ValidatingWebhookAdmission } from "./webhook-admission.js";
import type { WebhookCaller } from "./webhook-call.js";

/**
 * The admission plugins that are on in every cluster, in their order. Quotas come last of all, after
 * whatever else is in the chain, as they count what was admitted.
 */
export function builtInAdmission(parts: {
  readonly registry: KindRegistry;
  readonly objects: ObjectStorage;
  readonly clock: Clock;
  readonly random: Random;
  readonly authorizer: Authorizer;
  readonly callWebhook: WebhookCaller;
}): { readonly plugins: readonly Admission[]; readonly quota: Admission } {
  const { registry, objects, clock, random, authorizer } = parts;
  const state = storedState(registry, objects);
  const versions: EquivalentKinds = (kind) => registry.versionsOf(kind);
  const policies = { state, params: storedParams(registry, objects), authorizer, versions };
  const webhooks = { state, authorizer, random, call: parts.callWebhook, versions };
  return {
    plugins: [
      new LimitRanger(state),
      new ServiceAccountAdmission(state, clock, random),
      new PodSecurityAdmission(state),
      new PriorityAdmission(state),
      defaultTolerations,
      storageProtection,
      new DefaultClasses(state),
      new RuntimeClassAdmission(state),
      new MutatingPolicyAdmission(policies),
      new MutatingWebhookAdmission(webhooks),
      new ValidatingPolicyAdmission(policies),
      new ValidatingWebhookAdmission(webhooks),
    ],
    quota: new ResourceQuotaAdmission(state, () => registry.all()),
  };
}

const PRIORITY_CLASSES = [
  {
    name: "system-node-critical",
    value: 2_000_001_000,
    description: "Used for system critical pods that must not be moved from their current node.",
  },
  {
    name: "system-cluster-critical",
    value: 2_000_000_000,
    description:
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  },
];

/** Creates the priority classes that every cluster has, where they are missing. */
export async function bootstrapPriorityClasses(transport: Transport): Promise<void> {
  const path = "/apis/scheduling.k8s.io/v1/priorityclasses";
  for (const { name, value, description } of PRIORITY_CLASSES) {
    const found = await transport.request({ method: "GET", path: `${path}/${name}` });
    if (found.status === 200) continue;
    const body = {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name },
      value,
      description,
    };
    const created = await transport.request({ method: "POST", path, body });
    if (created.status !== 201) throw new ApiError(created.body as Status);
  }
}
