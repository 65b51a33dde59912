import { type Controller, defineController, type RunContext, refOf, waiting } from "@capstan/controller";
import type { KubeObject, ObjectKey } from "@capstan/kube";
import type { Claim, PersistentVolume } from "../model/storage.js";
import { CLAIM, VOLUME } from "../model/workload.js";
import { unlessGone } from "../shared/api-write.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { done } from "../shared/outcome.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { volumeStatus } from "./volume.js";

/** Keeps the phase of PersistentVolumes, and drops those whose claim is gone where they say so. */
export function volumeController(): Controller {
  return defineController<PersistentVolume>({
    name: "persistentvolume-controller",
    for: VOLUME,
    watches: [{ type: CLAIM, map: volumeOfClaim, predicate: (event) => event.type === "deleted" }],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    finalizer: "kubernetes.io/pv-protection",
    reconcile: async (volume, context) => {
      const phase = phaseOf(volume, context);
      await writeStatus(context, volume, volumeStatus(volume, phase, context.clock.now()));
      if (phase === "Released" && volume.spec.persistentVolumeReclaimPolicy === "Delete") {
        await unlessGone(context.client.delete(refOf(volume), { signal: context.signal }));
      }
      return done();
    },
    finalize: async (volume, context) => {
      if (phaseOf(volume, context) !== "Bound") return done();
      return waiting("InUse", "a claim is bound to the volume", { retryAfterMs: 60_000 });
    },
  });
}

function* volumeOfClaim(claim: KubeObject): Iterable<ObjectKey> {
  const { volumeName = "" } = (claim as Claim).spec;
  if (volumeName !== "") yield { namespace: undefined, name: volumeName };
}

function phaseOf({ spec }: PersistentVolume, context: RunContext): string {
  const { namespace, name = "", uid } = spec.claimRef ?? {};
  if (uid === undefined || uid === "") return "Available";
  const claim = context.cache.get<Claim>({
    ...CLAIM,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  });
  return claim?.metadata.uid === uid ? "Bound" : "Released";
}
