import { type RunContext, refOf } from "@capstan/controller";
import { ApiError, deepEqual, type KubeObject, type OwnerReference } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import { CLAIM, type StatefulSet } from "../model/workload.js";
import { unlessGone } from "../shared/api-write.js";
import { describeError } from "../shared/describe-error.js";
import { writing } from "../shared/write-options.js";
import { buildClaims, claimName, ordinalOf, podName } from "./identity.js";

/**
 * Creates the claims of an ordinal that are missing.
 *
 * @throws {Error} where one is being deleted: the pod waits until it is gone
 */
export async function ensureClaims(set: StatefulSet, ordinal: number, context: RunContext): Promise<void> {
  for (const claim of buildClaims(set, ordinal)) {
    const { name } = claim.metadata;
    const existing = context.cache.get(refOf(claim));
    if (existing?.metadata.deletionTimestamp !== undefined) throw new Error(`pvc ${name} is being deleted`);
    if (existing === undefined) await createClaim(set, claim, podName(set, ordinal), context);
  }
}

async function createClaim(
  set: StatefulSet,
  claim: KubeObject,
  pod: string,
  context: RunContext,
): Promise<void> {
  const { name } = claim.metadata;
  try {
    await context.client.create(claim, { ...writing(context) });
    const message = `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
    context.events.normal(set, "SuccessfulCreate", message);
  } catch (error) {
    // The cache did not show it yet.
    if (ApiError.is(error, "AlreadyExists")) return;
    const subject = `create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name}`;
    context.events.warning(set, "FailedCreate", `${subject} failed error: ${describeError(error)}`);
    throw error;
  }
}

/**
 * Makes the owners of a pod's claims say what the retention policy says: the set, where claims go with it;
 * the pod, where it is beyond the size and its claims go with that.
 */
export async function syncRetention(
  set: StatefulSet,
  pod: Pod,
  beyondSize: boolean,
  context: RunContext,
): Promise<void> {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return;
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const { namespace } = set.metadata;
    const name = claimName(set, template, ordinal);
    const claim = context.cache.get({ ...CLAIM, name, ...(namespace === undefined ? {} : { namespace }) });
    if (claim === undefined) continue;
    const before = claim.metadata.ownerReferences ?? [];
    const ownerReferences = retentionOwners(set, pod, beyondSize, before);
    if (deepEqual(before, ownerReferences)) continue;
    await unlessGone(
      context.client.patch(
        refOf(claim),
        { type: "merge", body: { metadata: { ownerReferences } } },
        {
          ...writing(context),
        },
      ),
    );
  }
}

function retentionOwners(
  set: StatefulSet,
  pod: Pod,
  beyondSize: boolean,
  before: readonly OwnerReference[],
): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const others = before.filter(({ kind, uid }) => uid !== set.metadata.uid && kind !== "Pod");
  if (beyondSize && whenScaled === "Delete") return [...others, reference(pod, "v1", "Pod")];
  if (whenDeleted === "Delete") return [...others, reference(set, "apps/v1", "StatefulSet", true)];
  return others;
}

function reference(object: KubeObject, apiVersion: string, kind: string, controller = false): OwnerReference {
  const { name, uid = "" } = object.metadata;
  const base = { apiVersion, kind, name, uid };
  return controller ? { ...base, controller: true, blockOwnerDeletion: true } : base;
}
